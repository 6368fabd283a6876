"""What a crash leaves behind, and what becomes of it.

A call whose lease ended is `unknown`: the gateway cannot tell how it went, only what it made
durable on the way. It never goes straight back to the queue. `resolve_unknown` reads what is there:

  every page confirmed                        sent
  a page asked for, its answer not recorded   in doubt: reported to the sender, or sent again,
                                              as the administrator chose
  anything else                               queued, from the first unconfirmed page

A call that took the gateway down with it `LOST_LIMIT` times is given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, func, select, update

from gateway.said import counted, in_a_row, said
from gateway.store import jobs, outbox, received, recipients
from gateway.store.engine import Transaction
from gateway.store.records import AttemptOutcome, RecipientState, Resolution
from gateway.store.tables import attempt, page_confirmation, recipient, rendering

InDoubt = Literal["report", "resend"]

LOST_LIMIT = 5
LOST = said("The gateway was stopped before the call was recorded.")
GIVEN_UP = in_a_row(LOST, said("{calls} ended like that.", calls=counted(LOST_LIMIT, "call")))
INTERRUPTED = "4.4.2"  # bad connection: established, but unable to complete (RFC 3463 3.5)


async def recover(tx: Transaction, owner: str, now: datetime) -> int:
    """At the start of `owner`: end whatever it had under way. Returns how many calls it lost.

    Only before `owner` begins anything new, and never while another process has that name.
    """
    await jobs.release(tx, owner, now)
    await outbox.release(tx, owner, now)
    await received.close_interrupted(tx, received.opened_by(owner), now)
    return await _lose(tx, recipient.c.owner == owner, now)


async def expire(tx: Transaction, now: datetime) -> int:
    """End what any gateway has held beyond its lease. Returns how many calls were lost."""
    await received.close_interrupted(tx, received.opened_before(now - received.LONGEST), now)
    return await _lose(tx, recipient.c.lease_until <= now, now)


async def resolve_unknown(tx: Transaction, now: datetime, in_doubt: InDoubt) -> list[Resolution]:
    """Decide about every recipient whose call was lost."""
    unknown = (
        select(recipient.c.id, recipient.c.attempt, recipient.c.tries, recipient.c.pages_confirmed)
        .add_columns(rendering.c.pages)
        .join(rendering, rendering.c.job == recipient.c.job)
        .where(recipient.c.state == RecipientState.UNKNOWN)
        .order_by(recipient.c.id)
        .with_for_update(skip_locked=True, of=recipient)
    )
    return [await _resolve(tx, row, now, in_doubt) for row in await tx.rows(unknown)]


async def _lose(tx: Transaction, whose: ColumnElement[bool], now: datetime) -> int:
    calling = and_(recipient.c.state == RecipientState.CALLING, whose)
    rows = await tx.rows(
        update(recipient)
        .where(calling)
        .values(state=RecipientState.UNKNOWN, lease_until=None)
        .returning(recipient.c.id, recipient.c.attempt)
    )
    for row in rows:
        ours = and_(attempt.c.recipient == row.id, attempt.c.number == row.attempt)
        lost = {"outcome": AttemptOutcome.LOST, "cause": LOST, "ended_at": now}
        await tx.run(update(attempt).where(ours).values(**lost))
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Lost:
    """All that is known of a lost call."""

    pages: int
    confirmed: int
    in_doubt: int | None
    times: int  # how many calls of this recipient were lost, this one included

    def verdict(self, policy: InDoubt) -> tuple[RecipientState, str, str]:
        """State, enhanced status and cause; see the table at the top."""
        if self.confirmed == self.pages:
            return RecipientState.SENT, "2.0.0", ""
        if self.times >= LOST_LIMIT:
            return RecipientState.FAILED, INTERRUPTED, GIVEN_UP
        if self.in_doubt is not None and policy == "report":
            return RecipientState.FAILED, INTERRUPTED, self._doubt(self.in_doubt)
        return RecipientState.QUEUED, INTERRUPTED, LOST

    def _doubt(self, page: int) -> str:
        """Which pages arrived, which may have, and which did not."""
        return in_a_row(
            said("The gateway was stopped while page {page} was being confirmed.", page=page),
            _confirmed(self.confirmed),
            said("Page {page} may or may not have arrived.", page=page),
            _not_sent(page + 1, self.pages),
        )


async def _resolve(tx: Transaction, row: Row[Any], now: datetime, policy: InDoubt) -> Resolution:
    lost = _Lost(row.pages, row.pages_confirmed, await _doubtful(tx, row), await _times(tx, row.id))
    state, status, cause = lost.verdict(policy)
    if state is RecipientState.QUEUED:
        await recipients.requeue(tx, row.id, now, row.tries, status, cause)
    else:
        await recipients.end(tx, [row.id], state, status, cause, now)
    return Resolution(row.id, state, cause)


async def _doubtful(tx: Transaction, row: Row[Any]) -> int | None:
    """The page that the lost attempt asked for without recording an answer."""
    c = page_confirmation.c
    asked = and_(c.recipient == row.id, c.attempt == row.attempt, c.verdict.is_(None))
    found = await tx.row(select(func.max(c.page).label("page")).where(asked))
    return found and found.page


async def _times(tx: Transaction, number: int) -> int:
    lost = and_(attempt.c.recipient == number, attempt.c.outcome == AttemptOutcome.LOST)
    row = await tx.row(select(func.count().label("times")).select_from(attempt).where(lost))
    return row.times if row else 0


def _confirmed(last: int) -> str:
    if last > 1:
        return said("Pages {first} to {last} were confirmed.", first=1, last=last)
    return said("Page {page} was confirmed.", page=1) if last else ""


def _not_sent(first: int, last: int) -> str:
    if first < last:
        return said("Pages {first} to {last} were not sent.", first=first, last=last)
    return said("Page {page} was not sent.", page=first) if first == last else ""
