"""The deliveries of received faxes as people ask for them: how each stands, and once more.

A fax that goes to somebody again has several deliveries to them; how it stands there, the newest
one tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, exists, select, update

from gateway.store import outbox
from gateway.store.engine import Transaction, Wake
from gateway.store.records import Delivery, MailKind
from gateway.store.tables import MailState, outgoing, received

UNDER_WAY: Final = "delivering"  # queued, and somebody is at it
WORST: Final = ("failed", "queued", UNDER_WAY, "sent")


async def of(tx: Transaction, fax: int) -> list[Delivery]:
    """Every delivery of a received fax, in the order in which they came to be owed."""
    c = outgoing.c
    ours = select(outgoing).where(c.received == fax, c.kind == MailKind.FAX).order_by(c.id)
    return [
        Delivery(
            to=row.to_address,
            state=state,
            tries=row.tries,
            due=row.due if state == MailState.QUEUED else None,
            error=row.error,
            created_at=row.created_at,
            ended_at=row.ended_at,
        )
        for row, state in [(row, _state(row)) for row in await tx.rows(ours)]
    ]


async def states(tx: Transaction, first: int, last: int) -> dict[int, str]:
    """How the faxes of these numbers stand: the worst state of any target, "" without one."""
    c = outgoing.c
    theirs = and_(c.received.between(first, last), c.kind == MailKind.FAX)
    rows = await tx.rows(
        select(c.received, c.to_address, c.state, c.owner).where(theirs).order_by(c.id)
    )
    newest = {(row.received, row.to_address): _state(row) for row in rows}
    found: dict[int, str] = {}
    for (fax, _), state in newest.items():
        found[fax] = min(state, found.get(fax, WORST[-1]), key=WORST.index)
    return found


def undelivered() -> ColumnElement[bool]:
    """Received faxes that somebody has not got."""
    c, later = outgoing.c, outgoing.alias()
    again = exists().where(
        later.c.received == c.received,
        later.c.to_address == c.to_address,
        later.c.kind == MailKind.FAX,
        later.c.id > c.id,
    )
    return exists().where(
        c.received == received.c.id, c.kind == MailKind.FAX, c.state != MailState.SENT, ~again
    )


async def again(tx: Transaction, fax: int, targets: Iterable[str], now: datetime) -> list[str]:
    """Owe a fax to these targets. One that still waits is due now, and not owed twice.

    Gives those targets.
    """
    c = outgoing.c
    waits = and_(c.received == fax, c.kind == MailKind.FAX, c.state == MailState.QUEUED)
    rows = await tx.rows(select(c.to_address).where(waits))
    targets = list(dict.fromkeys(targets))
    waiting = [to for to in targets if to in {row.to_address for row in rows}]
    idle = and_(waits, c.to_address.in_(waiting), c.owner == "")
    if await tx.run(update(outgoing).where(idle).values(due=now)):
        tx.wakes.add(Wake.OUTBOX)
    await outbox.owe_fax(tx, fax, [to for to in targets if to not in waiting], now)
    return waiting


def _state(row: Row[Any]) -> str:
    under_way = row.state is MailState.QUEUED and row.owner
    return UNDER_WAY if under_way else str(row.state.value)
