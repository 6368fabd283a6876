"""What the gateway states of one fax, for machines and for a court: page hashes and outcomes.

Pure. A statement is JSON of strings, whole numbers, lists and mappings only, so that its canonical
form (RFC 8785) is one simple thing; times are UTC (RFC 3339), lengths milliseconds.

A page is named by the SHA-256 of its raw PBM file (netpbm's P4: "P4", width and height in ASCII,
packed rows, black 1), so that anybody who has the page as such a file checks it with `sha256sum`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from gateway.paper import rows_of
from gateway.report.facts import Facts, PageLine
from gateway.report.original import read_original
from gateway.store.records import Attempt, StoredPage
from gateway.words import printable

KIND: Final = "faxgate-receipt/1"

Statement = dict[str, Any]


def statement(facts: Facts, pages: Sequence[StoredPage], hostname: str) -> Statement:
    """What is stated of one recipient's fax; `pages` are those that were rendered for it."""
    lines = {line.number: line for line in facts.page_lines()}
    return {
        "kind": KIND,
        "gateway": hostname,
        "job": facts.job.id,
        "fax": facts.recipient.id,
        "sender": printable(facts.job.sender, 320),
        "message_id": read_original(facts.job.raw).message_id,
        "accepted_at": _time(facts.job.received_at),
        "number": facts.recipient.number,
        "address": printable(facts.recipient.address, 320),
        "outcome": facts.action.value,
        "status": facts.recipient.status,
        "at": _time(facts.at),
        "far_machine": printable(facts.remote_identity, 40),
        "pages": [_page(page, lines.get(page.number)) for page in pages],
        "calls": [_call(attempt) for attempt in facts.attempts],
    }


def page_hash(width: int, height: int, rows: bytes) -> str:
    """SHA-256 of the page as a raw PBM file, in hexadecimal."""
    head = f"P4\n{width} {height}\n".encode()
    return hashlib.sha256(head + rows).hexdigest()


def _page(page: StoredPage, line: PageLine | None) -> Statement:
    x, y = page.vr.dpi
    about: Statement = {
        "page": page.number,
        "width": page.width,
        "height": page.height,
        "resolution": f"{x}x{y}",
        "sha256": page_hash(page.width, page.height, rows_of(page)),
        "fate": line.fate.value if line else "not sent",
    }
    if line and line.report:
        report = line.report
        about |= {
            "answer": report.verdict.name,
            "coding": report.form.df.name,
            "bit_rate": report.bit_rate,
            "milliseconds": round(report.seconds * 1000),
            "sent": line.sent,
        }
    return about


def _call(attempt: Attempt) -> Statement:
    about: Statement = {
        "began_at": _time(attempt.started_at),
        "outcome": attempt.outcome.value,
    }
    if attempt.report:
        about |= {
            "milliseconds": round(attempt.report.seconds * 1000),
            "status": f"{attempt.report.status:02X}",
            "far_machine": printable(attempt.report.remote_identity, 40),
        }
    return about


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
