"""Rendered faxes find their place: queued, held, or ended; and held ones are confirmed, or expire.

The judge is asked in the transaction that acts on its word. A mail of the administrator's own (no
proof of a sender is kept with it) is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Row, and_, or_, select, update

from gateway.admission.ceilings import Account
from gateway.admission.placing import Case, Placement
from gateway.admission.policy import Past, Word, by_rule
from gateway.options import Options
from gateway.said import in_a_row, said
from gateway.store import charges, outbox, recipients
from gateway.store.engine import Transaction, Wake
from gateway.store.records import RecipientState, Resolution
from gateway.store.tables import job, recipient, rendering

REFUSED: Final = "5.7.1"  # delivery not authorized (RFC 3463 3.8)
EXPIRED: Final = "4.4.7"  # delivery time expired (RFC 3463 3.5)
UNCONFIRMED: Final = said("Nobody confirmed it in time, so it was not sent.")


class Judge(Protocol):
    """`gateway.admission.placing.Placing`."""

    def accounts(self, case: Case) -> list[Account]:
        """The sums that `place` must know."""
        ...

    def place(self, case: Case, past: Past, now: datetime) -> Placement:
        """Decide about one fax."""
        ...


async def place_all(
    tx: Transaction, number: int, judge: Judge | None, seconds: float, now: datetime
) -> None:
    """Place every recipient of a mail that has just been rendered; `seconds` for one call."""
    columns = (recipient, job.c.user_name, job.c.groups, job.c.proof, job.c.options)
    accepted = (recipient.c.job == number, recipient.c.state == RecipientState.ACCEPTED)
    ours = select(*columns, rendering.c.pages).join(job, job.c.id == recipient.c.job)
    ours = ours.join(rendering, rendering.c.job == job.c.id).where(*accepted)
    await charges.lock(tx)
    for row in await tx.rows(ours.order_by(recipient.c.id)):
        due = max(now, Options.from_json(row.options).not_before or now)
        if judge is None or not row.proof:
            await _queue(tx, row.id, due)
        else:
            await _place(tx, row, judge, _case(row, due, seconds), now)


def _case(row: Row[Any], at: datetime, seconds: float, *, confirmed: bool = False) -> Case:
    groups = tuple(row.groups)
    return Case(row.number, row.user_name, groups, at, row.pages, seconds, confirmed)


async def _place(
    tx: Transaction, row: Row[Any], judge: Judge, case: Case, now: datetime
) -> Placement:
    known = await past(tx, row.user_name, judge.accounts(case))
    placement = judge.place(case, known, now)
    ours = update(recipient).where(recipient.c.id == row.id)
    noted = {"rule": placement.rule, "country": placement.country}
    await tx.run(ours.values(confirmed=case.confirmed, **noted))
    if placement.word is Word.REFUSE:
        cause = by_rule(placement.reason, placement.rule)
        await recipients.end(tx, [row.id], RecipientState.FAILED, REFUSED, cause, now)
    elif placement.word is Word.HOLD:
        held = {"state": RecipientState.HELD, "due": placement.due, "cause": placement.reason}
        await tx.run(ours.values(**held))
        await _owe_question(tx, row.id, row.job, now)
    else:
        await charges.enter(tx, row.id, case, placement, placement.due)
        await _queue(tx, row.id, placement.due)
    return placement


async def _queue(tx: Transaction, number: int, due: datetime) -> None:
    values = {"state": RecipientState.QUEUED, "due": due, "open_at": due, "cause": ""}
    await tx.run(update(recipient).where(recipient.c.id == number).values(**values))
    tx.wakes.add(Wake.QUEUE)


async def _owe_question(tx: Transaction, number: int, job_number: int, now: datetime) -> None:
    row = await tx.row(select(job.c.sender).where(job.c.id == job_number))
    assert row is not None
    await outbox.owe_question(tx, number, row.sender, now)


async def past(tx: Transaction, user: str, accounts: Sequence[Account]) -> Past:
    """What a sender has done until now. It decides something only after `charges.lock`."""
    return Past(await _countries(tx, user), await charges.sums(tx, accounts))


async def _countries(tx: Transaction, user: str) -> frozenset[str]:
    """Where this sender has sent to before, or has confirmed that it wants to."""
    went = or_(recipient.c.state == RecipientState.SENT, recipient.c.confirmed)
    known = select(recipient.c.country).join(job, job.c.id == recipient.c.job)
    rows = await tx.rows(known.where(job.c.user_name == user, went).distinct())
    return frozenset(row.country for row in rows)


async def confirm(
    tx: Transaction, number: int, user: str | None, judge: Judge, seconds: float, now: datetime
) -> Placement | None:
    """Let a held recipient go, as far as the rules let a confirmed one.

    `user` is who confirms, None for the administrator. None when it is not held (any more), is
    somebody else's, or its time is over: nothing has changed then.
    """
    columns = (recipient, job.c.user_name, job.c.groups, job.c.options, rendering.c.pages)
    held = and_(recipient.c.state == RecipientState.HELD, recipient.c.due > now)
    ours = select(*columns).join(job, job.c.id == recipient.c.job)
    ours = ours.join(rendering, rendering.c.job == job.c.id)
    ours = ours.where(recipient.c.id == number, held).with_for_update(of=recipient)
    await charges.lock(tx)
    row = await tx.row(ours)
    if row is None or user not in (None, row.user_name):
        return None
    due = max(now, Options.from_json(row.options).not_before or now)
    return await _place(tx, row, judge, _case(row, due, seconds, confirmed=True), now)


async def expire_holds(tx: Transaction, now: datetime) -> list[Resolution]:
    """End what nobody confirmed in time."""
    held = and_(recipient.c.state == RecipientState.HELD, recipient.c.due <= now)
    ours = select(recipient.c.id, recipient.c.cause).where(held).order_by(recipient.c.id)
    ended = []
    for row in await tx.rows(ours.with_for_update(skip_locked=True)):
        cause = in_a_row(row.cause, UNCONFIRMED)
        await recipients.end(tx, [row.id], RecipientState.FAILED, EXPIRED, cause, now)
        ended.append(Resolution(row.id, RecipientState.FAILED, cause))
    return ended
