"""Rendered faxes find their place: queued, held, or ended; and held ones are confirmed, or expire.

The judge is asked in the transaction that acts on its word. A mail of the administrator's own (no
proof of a sender is kept with it) is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Row, and_, or_, select, update

from gateway.admission.ceilings import Account
from gateway.admission.opening import Opening
from gateway.admission.placing import Case, Placement
from gateway.admission.policy import Past, Word, by_rule
from gateway.options import Options
from gateway.said import in_a_row, said
from gateway.store import charges, outbox, recipients
from gateway.store.engine import Transaction, Wake
from gateway.store.records import RecipientState, Resolution
from gateway.store.tables import job, page, recipient, rendering

REFUSED: Final = "5.7.1"  # delivery not authorized (RFC 3463 3.8)
EXPIRED: Final = "4.4.7"  # delivery time expired (RFC 3463 3.5)
UNCONFIRMED: Final = said("Nobody confirmed it in time, so it was not sent.")


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A recipient that is to be tried again: when, or why it may not be."""

    due: datetime | None
    refused: str = ""


class Judge(Protocol):
    """`gateway.admission.placing.Placing`."""

    def accounts(self, case: Case) -> list[Account]:
        """The sums that `place` must know."""
        ...

    def place(self, case: Case, past: Past, now: datetime) -> Placement:
        """Decide about one fax."""
        ...

    def opening(self, number: str, user: str, groups: Sequence[str]) -> Opening | None:
        """The hours in which this sender's faxes to a number go out, if they have any."""
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
    if placement.word is Word.LATER:  # the ceilings of the day on which it goes count as well
        case = replace(case, at=placement.due)
        known = await past(tx, row.user_name, judge.accounts(case))
        then = judge.place(case, known, now)
        placement = placement if then.word is Word.ALLOW else then
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
        waits = placement.word is Word.LATER  # what it waits for is told if that takes long
        await _queue(tx, row.id, placement.due, placement.reason if waits else "")
    return placement


async def _queue(tx: Transaction, number: int, due: datetime, cause: str = "") -> None:
    values = {"state": RecipientState.QUEUED, "due": due, "open_at": due, "cause": cause}
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


async def take_up(
    tx: Transaction, number: int, judge: Judge | None, seconds: float, now: datetime
) -> TakenUp | None:
    """Make a waiting recipient due, or take a failed one up again with all of its tries.

    `seconds` are predicted for the pages that are left. What it will use is reserved again, if the
    rules and the ceilings allow it; the hours of its rule bind it. None for any other, and for one
    that has no pages: its mail could not be rendered, or they have been deleted.
    """
    columns = (recipient, job.c.user_name, job.c.groups, job.c.proof, rendering.c.pages)
    waits, failed = (recipient.c.state == s for s in (RecipientState.QUEUED, RecipientState.FAILED))
    has_pages = recipient.c.job.in_(select(page.c.job).where(page.c.number == 1))
    ours = select(*columns).join(job, job.c.id == recipient.c.job)
    ours = ours.join(rendering, rendering.c.job == job.c.id)
    ours = ours.where(recipient.c.id == number, or_(waits, and_(failed, has_pages)))
    await charges.lock(tx)
    await tx.row(select(recipient.c.id).where(recipient.c.id == number).with_for_update())
    row = await tx.row(ours)
    if row is None:
        return None
    due = now
    if judge is not None and row.proof:
        taken = await _allowed_again(tx, row, judge, seconds, now)
        if taken.due is None:
            return taken
        due = taken.due
    fresh = {"due": due, "tries": 0, "status": "", "cause": "", "ended_at": None}
    again = {"state": RecipientState.QUEUED, **fresh}
    await tx.run(update(recipient).where(recipient.c.id == number).values(**again))
    await charges.reserve_rest(tx, number, due)
    tx.wakes.add(Wake.QUEUE)
    return TakenUp(due)


async def _allowed_again(
    tx: Transaction, row: Row[Any], judge: Judge, seconds: float, now: datetime
) -> TakenUp:
    """When it may go, or why not; what is reserved for one that waits is so already."""
    if row.state is RecipientState.QUEUED:
        opening = judge.opening(row.number, row.user_name, row.groups)
        return TakenUp(opening.next(now) if opening else now)
    left = row.pages - row.pages_confirmed
    case = Case(row.number, row.user_name, tuple(row.groups), now, left, seconds, confirmed=True)
    placed = judge.place(case, await past(tx, row.user_name, judge.accounts(case)), now)
    if placed.word is Word.REFUSE:
        return TakenUp(None, by_rule(placed.reason, placed.rule))
    return TakenUp(placed.due)


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
