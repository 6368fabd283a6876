"""The tables of what is seen and read on received pages: marks, texts, and whose turn it is.

Beside the pages, not in their rows: a page at rest is what came over the line, and is written once.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from gateway.store.columns import UtcTime, Word, metadata, row_of
from gateway.store.records import PageContent


class ReadingState(StrEnum):
    """Where the reading of a received fax stands."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    FAILED = "failed"


# Pages that are blank, or nearly so; the others have no row.
page_mark = Table(
    "page_mark",
    metadata,
    row_of("received", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", Word(PageContent), nullable=False),
)

# One row for each fax whose pages are to be read.
reading = Table(
    "reading",
    metadata,
    row_of("received", primary_key=True),
    Column("state", Word(ReadingState), nullable=False),
    Column("tries", Integer, nullable=False),  # at the page that is next
    Column("owner", String, nullable=False),
    Column("lease_until", UtcTime),
    Index("ix_reading_state", "state", "received"),
)

page_text = Table(
    "page_text",
    metadata,
    row_of("received", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("turned", Integer, nullable=False),
    Column("problem", String, nullable=False),
    Column("lines", LargeBinary, nullable=False),  # as `gateway.ocr.text` packs them
)
