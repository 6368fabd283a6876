"""A fax that came in, as the store has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.store.records import ReceivedFax

BEGAN = datetime(2026, 11, 23, 5, 12, tzinfo=UTC)
FAX = ReceivedFax(
    id=9,
    line="answerer",
    called="+48222000002",
    caller="+48221000001",
    tsi="+48 22 100 00 01",
    subaddress="",
    started_at=BEGAN,
    ended_at=BEGAN + timedelta(seconds=70),
    complete=True,
    cause="",
    pages=2,
    seconds=69.6,
)
