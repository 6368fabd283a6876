"""The pages of an accepted mail, and how each was made.

Kept once, in the transaction that queues the mail's recipients, and never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, insert, select

from gateway.rendition import Rendition
from gateway.store.engine import Transaction
from gateway.store.records import PageInfo, StoredPage
from gateway.store.tables import page, rendition
from modems.session import VR


async def keep_pages(tx: Transaction, number: int, pages: Sequence[StoredPage]) -> None:
    """Keep the pages of a mail."""
    await tx.run(insert(page), [_page_values(number, p) for p in pages])
    await tx.run(insert(rendition), [_rendition_values(number, p) for p in pages])


async def pages(tx: Transaction, number: int) -> list[PageInfo]:
    """The pages of a mail, in order, without their octets."""
    c = page.c
    columns = (c.number, c.width, c.height, c.vr, c.bits, c.octets)
    ours = select(*columns).where(c.job == number).order_by(c.number)
    made = await _renditions(tx, rendition.c.job == number)
    return [
        PageInfo(
            row.number,
            row.width,
            row.height,
            VR(row.vr),
            row.bits,
            row.octets,
            made.get(row.number, Rendition()),
        )
        for row in await tx.rows(ours)
    ]


async def stored_page(tx: Transaction, number: int, page_number: int) -> StoredPage:
    """One page. Raises LookupError when there is none."""
    row = await tx.row(select(page).where(page.c.job == number, page.c.number == page_number))
    if row is None:
        raise LookupError(f"job {number} has no page {page_number}")
    ours = and_(rendition.c.job == number, rendition.c.number == page_number)
    made = await _renditions(tx, ours)
    second = await tx.row(select(rendition.c.without_mmr).where(ours))
    return replace(
        page_from_row(row),
        rendition=made.get(page_number, Rendition()),
        without_mmr=second.without_mmr if second else b"",
    )


async def _renditions(tx: Transaction, which: ColumnElement[bool]) -> dict[int, Rendition]:
    """How these pages were made, by their numbers; nothing of those that an older version made."""
    c = rendition.c
    columns = (c.number, c.name, c.coarseness, c.saved_seconds, c.bits_without_mmr)
    return {
        row.number: Rendition(row.name, row.coarseness, row.saved_seconds, row.bits_without_mmr)
        for row in await tx.rows(select(*columns).where(which))
    }


def page_from_row(row: Row[Any]) -> StoredPage:
    """The page that a row of `page` or `received_page` holds."""
    return StoredPage(row.number, row.width, row.height, VR(row.vr), row.mmr, row.bits)


def _page_values(number: int, p: StoredPage) -> dict[str, object]:
    return {
        "job": number,
        "number": p.number,
        "width": p.width,
        "height": p.height,
        "vr": int(p.vr),
        "bits": dict(p.bits),
        "octets": len(p.mmr),
        "mmr": p.mmr,
    }


def _rendition_values(number: int, p: StoredPage) -> dict[str, object]:
    made = p.rendition
    return {
        "job": number,
        "number": p.number,
        "name": made.name,
        "coarseness": made.coarseness,
        "saved_seconds": made.saved_seconds,
        "bits_without_mmr": dict(made.bits_without_mmr),
        "without_mmr": p.without_mmr,
    }
