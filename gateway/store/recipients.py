"""Recipients: how one ends, what an administrator may do to one, and what people see of them.

`end` and `requeue` are the only ways out of a call; whoever ends a recipient owes its receipt in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, or_, select, update

from gateway.admission.opening import Hours, latest
from gateway.options import Options, Priority
from gateway.retry import EXPIRED
from gateway.said import said
from gateway.store import charges, outbox
from gateway.store.engine import Transaction, Wake
from gateway.store.records import (
    Attempt,
    MailKind,
    PageConfirmation,
    Recipient,
    RecipientState,
    Resolution,
)
from gateway.store.reports import call_from, page_from
from gateway.store.tables import attempt, job, page_confirmation, recipient, rendering

NO_LINE = said("No telephone line was free for it in all the time that it was allowed.")
BY_OPERATOR = said("Cancelled by the operator.")
DELAYS = 100  # told of in one transaction
WAITING = (RecipientState.ACCEPTED, RecipientState.QUEUED, RecipientState.HELD)


async def end(
    tx: Transaction,
    recipients: Sequence[int],
    state: RecipientState,
    status: str,
    cause: str,
    now: datetime,
) -> None:
    """Put recipients into one of the three ends, and owe their receipts."""
    ending = update(recipient).where(recipient.c.id.in_(recipients))
    await tx.run(
        ending.values(
            state=state,
            status=status,
            cause=cause,
            ended_at=now,
            due=None,
            owner="",
            lease_until=None,
        )
    )
    await charges.settle(tx, recipients)
    senders = select(recipient.c.id, job.c.sender).join(job, job.c.id == recipient.c.job)
    ours = senders.where(recipient.c.id.in_(recipients)).order_by(recipient.c.id)
    ended = await tx.rows(ours)
    await outbox.owe_receipts(tx, [(row.id, row.sender) for row in ended], now)
    tx.wakes.add(Wake.QUEUE)  # its number is free for another


async def requeue(
    tx: Transaction, number: int, due: datetime, tries: int, status: str, cause: str
) -> None:
    """Put a recipient back into the queue after a call."""
    await tx.run(
        update(recipient)
        .where(recipient.c.id == number)
        .values(
            state=RecipientState.QUEUED,
            due=due,
            tries=tries,
            status=status,
            cause=cause,
            owner="",
            lease_until=None,
        )
    )
    await charges.reserve_rest(tx, number, due)
    tx.wakes.add(Wake.QUEUE)


async def cancel(tx: Transaction, number: int, now: datetime) -> bool:
    """End a waiting recipient; False when it does not wait: a call under way is not cut."""
    waiting = recipient.c.state.in_(WAITING)
    held = select(recipient.c.id).where(recipient.c.id == number, waiting).with_for_update()
    if await tx.row(held) is None:
        return False
    await end(tx, [number], RecipientState.CANCELLED, "5.0.0", BY_OPERATOR, now)
    return True


async def give_up(
    tx: Transaction, now: datetime, after: timedelta, hours: Hours | None = None
) -> list[Resolution]:
    """Fail whoever has been in the queue for `after` and still waits for a line.

    The time is the mail's; for a fax that was taken up again after it, it begins anew then. Where
    `hours` say when a number may be called, only those count.
    """
    c = recipient.c
    old = (
        select(c.id, c.due, c.cause, c.number, job.c.received_at)
        .add_columns(job.c.user_name, job.c.groups, job.c.proof)
        .join(job, job.c.id == c.job)
        .where(c.state == RecipientState.QUEUED, c.due <= now, job.c.received_at <= now - after)
        .order_by(c.id)
        .with_for_update(skip_locked=True, of=recipient)
    )
    given_up = [
        Resolution(row.id, RecipientState.FAILED, row.cause or NO_LINE)
        for row in await tx.rows(old)
        if _is_over(row, now, after, hours)
    ]
    for found in given_up:
        await end(tx, [found.recipient], found.state, EXPIRED, found.cause, now)
    return given_up


def _is_over(row: Row[Any], now: datetime, after: timedelta, hours: Hours | None) -> bool:
    opening = hours(row.number, row.user_name, row.groups) if hours and row.proof else None
    end = latest(row.received_at, after, opening)
    return end <= now and (row.due < end or latest(row.due, after, opening) <= now)


async def tell_delays(tx: Transaction, now: datetime, after: timedelta) -> int:
    """Owe a mail, once, for each fax that has been tried, put off or due for `after`; how many."""
    c = recipient.c
    late = (
        select(c.id, job.c.sender)
        .join(job, job.c.id == c.job)
        .where(
            c.state == RecipientState.QUEUED,
            c.delay_told.is_(False),
            job.c.received_at <= now - after,
            or_(c.tries > 0, c.cause != "", c.due <= now - after),
        )
        .order_by(c.id)
        .limit(DELAYS)
        .with_for_update(skip_locked=True, of=recipient)
    )
    found = await tx.rows(late)
    told = update(recipient).where(c.id.in_([row.id for row in found]))
    if found:
        await tx.run(told.values(delay_told=True))
        delayed = [(row.id, row.sender) for row in found]
        await outbox.owe_receipts(tx, delayed, now, MailKind.DELAY)
    return len(found)


async def queue_view(tx: Transaction, limit: int) -> list[Recipient]:
    """The newest recipients, newest first."""
    newest = _recipients().order_by(recipient.c.id.desc()).limit(limit)
    return [_recipient_from(row) for row in await tx.rows(newest)]


async def get(tx: Transaction, number: int) -> Recipient | None:
    """One recipient."""
    row = await tx.row(_recipients().where(recipient.c.id == number))
    return row and _recipient_from(row)


async def attempts(tx: Transaction, number: int) -> list[Attempt]:
    """Every attempt at a recipient, in order."""
    ours = select(attempt).where(attempt.c.recipient == number).order_by(attempt.c.number)
    return [_attempt_from(row) for row in await tx.rows(ours)]


async def page_reports(tx: Transaction, number: int) -> list[PageConfirmation]:
    """What the far end said of each page, in the order in which it was asked."""
    c = page_confirmation.c
    ours = select(page_confirmation).where(c.recipient == number).order_by(c.id)
    return [
        PageConfirmation(row.recipient, row.attempt, row.page, row.report and page_from(row.report))
        for row in await tx.rows(ours)
    ]


def _recipients() -> Select[Any]:
    return (
        select(recipient, job.c.sender, job.c.received_at, job.c.options, rendering.c.pages)
        .join(job, job.c.id == recipient.c.job)
        .join(rendering, rendering.c.job == recipient.c.job)
    )


def _recipient_from(row: Row[Any]) -> Recipient:
    return Recipient(
        id=row.id,
        job=row.job,
        sender=row.sender,
        address=row.address,
        number=row.number,
        subaddress=row.subaddress,
        orcpt=row.orcpt,
        notify=row.notify,
        state=row.state,
        due=row.due,
        tries=row.tries,
        pages_confirmed=row.pages_confirmed,
        pages=row.pages,
        status=row.status,
        cause=row.cause,
        accepted_at=row.received_at,
        ended_at=row.ended_at,
        name=row.name,
        rule=row.rule,
        priority=Priority(row.priority),
        not_before=Options.from_json(row.options).not_before,
    )


def _attempt_from(row: Row[Any]) -> Attempt:
    return Attempt(
        recipient=row.recipient,
        number=row.number,
        owner=row.owner,
        first_page=row.first_page,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        cause=row.cause,
        report=row.report and call_from(row.report),
    )
