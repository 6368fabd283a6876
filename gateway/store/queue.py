"""The queue: who may be called now, and every step of a call that must survive a crash.

A claim is one statement. Two claims never share a recipient (the row is locked and skipped) nor a
destination (a unique index on the number of calls under way). Every later step is fenced by owner
and attempt: once the lease has ended and somebody has noticed, it raises `ClaimLost`.

A page goes through `confirming` (from now on the far end may have it) and `confirmed` (it said so).
What lies between the two when a gateway dies is in doubt, and `recovery` decides about it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Exists, FromClause, Row, exists, insert, select, update

from gateway.admission.opening import Hours, Opening
from gateway.options import Options
from gateway.retry import Decision, Later, Never, Sent
from gateway.store import recipients
from gateway.store.engine import Transaction, Wake
from gateway.store.errors import ClaimLost, StoreError
from gateway.store.records import AttemptOutcome, Claim, RecipientState
from gateway.store.reports import json_of_call, json_of_page
from gateway.store.tables import attempt, job, page_confirmation, recipient, rendering
from modems.terminal import CallReport, PageReport, PageVerdict

MOST_PUT_OFF = 50  # in one transaction

OUTCOME = {
    Sent: AttemptOutcome.SENT,
    Later: AttemptOutcome.LATER,
    Never: AttemptOutcome.NEVER,
}


async def is_due(tx: Transaction, now: datetime) -> bool:
    """Whether a claim would find anybody."""
    q = recipient.alias("q")
    waits = exists().where(q.c.state == RecipientState.QUEUED, q.c.due <= now, ~_engaged(q))
    return bool((await tx.rows(select(waits)))[0][0])


async def claim(
    tx: Transaction, owner: str, now: datetime, lease: timedelta, hours: Hours | None = None
) -> Claim | None:
    """Take the recipient of the highest priority that has been due longest.

    And whose number nobody is calling, and may be called at this hour: one that may not is put off.
    """
    for _ in range(MOST_PUT_OFF):
        taken = await _take(tx, owner, now, lease)
        if taken is None:
            return None
        claim = await _claim_from(tx, taken, hours)
        if claim.opening is None or claim.opening.next(now) == now:
            await _begin_attempt(tx, taken, now)
            return claim
        await _put_off(tx, taken, claim, claim.opening, now)
    tx.wakes.add(Wake.QUEUE)  # there are more
    return None


async def _put_off(
    tx: Transaction, taken: Row[Any], claim: Claim, opening: Opening, now: datetime
) -> None:
    """Nobody was called: it waits for the next opening as before, and its sender is told why."""
    due = opening.next(now)
    await recipients.requeue(tx, claim.recipient, due, claim.tries, taken.status, opening.reason)
    before = {"attempt": claim.attempt - 1}
    await tx.run(update(recipient).where(recipient.c.id == claim.recipient).values(**before))


async def _take(tx: Transaction, owner: str, now: datetime, lease: timedelta) -> Row[Any] | None:
    """In one statement, so that no other gateway takes the same."""
    q = recipient.alias("q")
    due = (
        select(q.c.id)
        .where(q.c.state == RecipientState.QUEUED, q.c.due <= now, ~_engaged(q))
        .order_by(q.c.priority, q.c.due, q.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=q)
    )
    return await tx.row(
        update(recipient)
        .where(recipient.c.id == due.scalar_subquery())
        .values(
            state=RecipientState.CALLING,
            owner=owner,
            attempt=recipient.c.attempt + 1,
            lease_until=now + lease,
        )
        .returning(recipient)
    )


def _engaged(q: FromClause) -> Exists:
    """Whether somebody is calling the number of `q`."""
    other = recipient.alias("other")
    return exists().where(other.c.number == q.c.number, other.c.state == RecipientState.CALLING)


async def renew(tx: Transaction, claim: Claim, until: datetime) -> None:
    """Make the lease longer."""
    await _hold(tx, claim)
    await tx.run(
        update(recipient).where(recipient.c.id == claim.recipient).values(lease_until=until)
    )


async def confirming(tx: Transaction, claim: Claim, page_number: int) -> None:
    """The page is out: from now on it may be confirmed. Asking twice is asking once."""
    await _hold(tx, claim)
    if await tx.row(select(page_confirmation.c.id).where(*_in_doubt(claim, page_number))):
        return
    asked = {"recipient": claim.recipient, "attempt": claim.attempt, "page": page_number}
    await tx.run(insert(page_confirmation).values(**asked))


async def confirmed(tx: Transaction, claim: Claim, page_number: int, report: PageReport) -> int:
    """Keep what the far end answered. Returns how many pages it has now confirmed without a gap."""
    await _hold(tx, claim)
    answer = {"verdict": report.verdict.name, "report": json_of_page(report)}
    in_doubt = _in_doubt(claim, page_number)
    if not await tx.run(update(page_confirmation).where(*in_doubt).values(**answer)):
        asked = {"recipient": claim.recipient, "attempt": claim.attempt, "page": page_number}
        await tx.run(insert(page_confirmation).values(**asked, **answer))
    count = await _confirmed_pages(tx, claim.recipient)
    ours = recipient.c.id == claim.recipient
    await tx.run(update(recipient).where(ours).values(pages_confirmed=count))
    return count


async def finish(
    tx: Transaction, claim: Claim, report: CallReport, decision: Decision, now: datetime
) -> RecipientState:
    """End the call as `decision` says. Returns the recipient's new state.

    The store has the last word on what is confirmed, for it knows the earlier calls too: with every
    page confirmed the fax is sent, whatever the decision. Raises StoreError when `decision` is Sent
    and a page is not confirmed.
    """
    left = claim.pages - (await _hold(tx, claim)).pages_confirmed
    if not left:
        decision = Sent()
    elif isinstance(decision, Sent):
        raise StoreError(f"recipient {claim.recipient} is not sent: {left} pages unconfirmed")
    await _close_unanswered(tx, claim, report)
    await _end_attempt(tx, claim, report, decision, now)
    return await _apply(tx, claim, decision, now)


async def _apply(
    tx: Transaction, claim: Claim, decision: Decision, now: datetime
) -> RecipientState:
    if isinstance(decision, Later):
        tries = claim.tries + decision.counts
        await recipients.requeue(
            tx, claim.recipient, decision.at, tries, decision.status, decision.why
        )
        return RecipientState.QUEUED
    sent = isinstance(decision, Sent)
    state = RecipientState.SENT if sent else RecipientState.FAILED
    await tx.run(
        update(recipient).where(recipient.c.id == claim.recipient).values(tries=claim.tries + 1)
    )
    await recipients.end(tx, [claim.recipient], state, decision.status, decision.why, now)
    return state


async def _hold(tx: Transaction, claim: Claim) -> Row[Any]:
    """Lock the recipient if it is still ours."""
    ours = select(recipient.c.pages_confirmed).where(
        recipient.c.id == claim.recipient,
        recipient.c.state == RecipientState.CALLING,
        recipient.c.owner == claim.owner,
        recipient.c.attempt == claim.attempt,
    )
    row = await tx.row(ours.with_for_update())
    if row is None:
        raise ClaimLost(f"attempt {claim.attempt} at recipient {claim.recipient} is no longer ours")
    return row


async def _begin_attempt(tx: Transaction, taken: Row[Any], now: datetime) -> None:
    await tx.run(
        insert(attempt).values(
            recipient=taken.id,
            number=taken.attempt,
            owner=taken.owner,
            started_at=now,
            first_page=taken.pages_confirmed + 1,
            outcome=AttemptOutcome.CALLING,
        )
    )


async def _end_attempt(
    tx: Transaction, claim: Claim, report: CallReport, decision: Decision, now: datetime
) -> None:
    ours = (attempt.c.recipient == claim.recipient, attempt.c.number == claim.attempt)
    ended = {"outcome": OUTCOME[type(decision)], "cause": report.cause, "ended_at": now}
    await tx.run(update(attempt).where(*ours).values(report=json_of_call(report), **ended))


async def _close_unanswered(tx: Transaction, claim: Claim, report: CallReport) -> None:
    """Nobody answered for the last page: it is sent again, so it is no longer in doubt."""
    unanswered = [p for p in report.pages if p.verdict is PageVerdict.NONE]
    for page in unanswered:
        number = claim.pages_confirmed + page.number
        answer = {"verdict": page.verdict.name, "report": json_of_page(page)}
        in_doubt = _in_doubt(claim, number)
        await tx.run(update(page_confirmation).where(*in_doubt).values(**answer))


async def _claim_from(tx: Transaction, taken: Row[Any], hours: Hours | None) -> Claim:
    c = job.c
    mail = select(c.received_at, c.options, c.user_name, c.groups, c.proof, rendering.c.pages)
    mail = mail.join(rendering)
    row = await tx.row(mail.where(job.c.id == taken.job))
    assert row is not None
    tx.wakes.add(Wake.QUEUE)  # there may be another, for another line
    options = Options.from_json(row.options)
    asked = hours if row.proof else None  # the administrator's own mail may go at any time
    return Claim(
        recipient=taken.id,
        job=taken.job,
        attempt=taken.attempt,
        owner=taken.owner,
        number=taken.number,
        address=taken.address,
        subaddress=taken.subaddress,
        tries=taken.tries,
        pages_confirmed=taken.pages_confirmed,
        pages=row.pages,
        accepted_at=max(row.received_at, taken.open_at or options.not_before or row.received_at),
        options=options,
        opening=asked(taken.number, row.user_name, row.groups) if asked else None,
    )


async def _confirmed_pages(tx: Transaction, number: int) -> int:
    """How many pages from the first on some call has confirmed."""
    c = page_confirmation.c
    good = [verdict.name for verdict in PageVerdict if verdict.confirmed]
    rows = await tx.rows(
        select(c.page).where(c.recipient == number, c.verdict.in_(good)).distinct()
    )
    pages = {row.page for row in rows}
    return next(n for n in range(len(pages) + 1) if n + 1 not in pages)


def _in_doubt(claim: Claim, page_number: int) -> tuple[Any, ...]:
    c = page_confirmation.c
    return (
        c.recipient == claim.recipient,
        c.attempt == claim.attempt,
        c.page == page_number,
        c.verdict.is_(None),
    )
