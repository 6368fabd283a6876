"""Accepted mails and what rendering made of them.

A mail is rendered by whoever claims it first. Rendering only reads the mail, so that it may be
repeated, and of two results for one mail the first counts. A mail whose rendering ends no more than
`RENDER_TRIES` leases is given up: a mail that kills the gateway must not do it for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from sqlalchemy import Row, and_, insert, or_, select, update

from gateway.options import Options
from gateway.said import said
from gateway.store import placing, recipients, signatures
from gateway.store.engine import Transaction, Wake
from gateway.store.pages import keep_pages
from gateway.store.records import (
    DocumentRecord,
    Job,
    NewMail,
    RecipientState,
    StoredPage,
)
from gateway.store.tables import RenderState, document, job, piece, recipient, rendering

PIECE = 256 * 1024  # octets
RENDER_TRIES = 3
POISON = said("The gateway stopped {times} times while it rendered this mail.", times=RENDER_TRIES)
_NOTIFY = {"failure": "FAILURE,DELAY"}  # RFC 3461 4.1, for a mail without NOTIFY of its own
UNDECIDED = (RenderState.WAITING, RenderState.RENDERING)


async def accept(tx: Transaction, mail: NewMail, now: datetime) -> int:
    """Keep a mail and its recipients. Returns the job's number.

    What a signature has ordered before is not kept again; a mail of which nothing is left is the
    one that it is a copy of.
    """
    before = await signatures.ordered(tx, mail)
    if before is not None:
        mail = before.rest
        if not mail.recipients:
            return before.job
    number = await tx.insert(
        insert(job).values(
            received_at=now,
            sender=mail.sender,
            client=mail.client,
            user_name=mail.user,
            envid=mail.envid,
            ret=mail.ret,
            options=mail.options.to_json(),
            groups=list(mail.groups),
            proof=mail.proof,
        )
    )
    await signatures.remember(tx, mail, number)
    for position in range(0, len(mail.raw), PIECE):
        octets = mail.raw[position : position + PIECE]
        await tx.run(insert(piece).values(job=number, number=position // PIECE, octets=octets))
    await tx.run(insert(rendering).values(job=number, state=RenderState.WAITING))
    await tx.run(insert(recipient), _waiting(mail, number))
    tx.wakes.add(Wake.RENDER)
    return number


def _waiting(mail: NewMail, number: int) -> list[dict[str, object]]:
    """The rows of the recipients of a mail that has become this job."""
    return [
        {
            "job": number,
            "address": r.address,
            "number": r.number,
            "subaddress": r.subaddress,
            "name": r.name,
            "orcpt": r.orcpt,
            "notify": r.notify or _NOTIFY.get(mail.options.receipt, ""),
            "priority": mail.options.priority,
            "state": RecipientState.ACCEPTED,
        }
        for r in mail.recipients
    ]


async def next_to_render(tx: Transaction, now: datetime, lease: timedelta) -> Job | None:
    """Claim the oldest mail that nobody renders."""
    abandoned = and_(
        rendering.c.state == RenderState.RENDERING,
        rendering.c.lease_until <= now,
    )
    await _give_up(tx, and_(abandoned, rendering.c.tries >= RENDER_TRIES), now)
    oldest = (
        select(rendering.c.job)
        .where(or_(rendering.c.state == RenderState.WAITING, abandoned))
        .order_by(rendering.c.job)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    number = await tx.row(oldest)
    if number is None:
        return None
    await tx.run(
        update(rendering)
        .where(rendering.c.job == number.job)
        .values(
            state=RenderState.RENDERING,
            tries=rendering.c.tries + 1,
            owner=tx.node.name,
            lease_until=now + lease,
        )
    )
    tx.wakes.add(Wake.RENDER)  # there may be another, for another worker
    return await get(tx, number.job)


async def renew_rendering(tx: Transaction, number: int, until: datetime) -> None:
    """A long document is still being rendered."""
    ours = and_(rendering.c.job == number, rendering.c.state == RenderState.RENDERING)
    await tx.run(update(rendering).where(ours).values(lease_until=until))


async def release_rendering(tx: Transaction, number: int) -> None:
    """The gateway is stopped in good order: the rendering that it leaves is not held against it."""
    ours = and_(rendering.c.job == number, rendering.c.state == RenderState.RENDERING)
    waiting = {"state": RenderState.WAITING, "owner": "", "lease_until": None}
    await tx.run(update(rendering).where(ours).values(tries=rendering.c.tries - 1, **waiting))
    tx.wakes.add(Wake.RENDER)


async def rendered(
    tx: Transaction,
    number: int,
    documents: Sequence[DocumentRecord],
    pages: Sequence[StoredPage],
    now: datetime,
    judge: placing.Judge | None = None,
    seconds: float = 0.0,
) -> bool:
    """Keep the pages and place the recipients. False when another result came first."""
    assert [p.number for p in pages] == list(range(1, len(pages) + 1)), "pages count from 1"
    assert pages, "a mail without pages is render_failed"
    if not await _decide(tx, number, RenderState.RENDERED, len(pages)):
        return False
    await _keep_documents(tx, number, documents)
    await keep_pages(tx, number, pages)
    await placing.place_all(tx, number, judge, seconds, now)
    return True


async def render_failed(
    tx: Transaction,
    number: int,
    documents: Sequence[DocumentRecord],
    reason: str,
    now: datetime,
    status: str,
) -> bool:
    """Fail the recipients and owe their receipts. False when another result came first."""
    if not await _decide(tx, number, RenderState.FAILED, 0):
        return False
    await _keep_documents(tx, number, documents)
    accepted = recipient.c.state == RecipientState.ACCEPTED
    rows = await tx.rows(select(recipient.c.id).where(recipient.c.job == number, accepted))
    failed = [row.id for row in rows]
    await recipients.end(tx, failed, RecipientState.FAILED, status, reason, now)
    return True


async def release(tx: Transaction, owner: str, now: datetime) -> None:
    """What `owner` rendered when it was stopped may be rendered again at once."""
    ours = and_(rendering.c.state == RenderState.RENDERING, rendering.c.owner == owner)
    if await tx.run(update(rendering).where(ours).values(lease_until=now)):
        tx.wakes.add(Wake.RENDER)


async def get(tx: Transaction, number: int) -> Job | None:
    """One mail, with its octets."""
    row = await tx.row(select(job).where(job.c.id == number))
    return row and _job_from(row, await _octets(tx, number))


async def head(tx: Transaction, number: int) -> Job | None:
    """One mail, with its first `PIECE` octets only."""
    row = await tx.row(select(job).where(job.c.id == number))
    return row and _job_from(row, await _octets(tx, number, pieces=1))


def _job_from(row: Row[Any], raw: bytes) -> Job:
    return Job(
        id=row.id,
        received_at=row.received_at,
        sender=row.sender,
        raw=raw,
        client=row.client,
        user=row.user_name,
        envid=row.envid,
        ret=row.ret,
        options=Options.from_json(row.options),
        groups=tuple(row.groups),
        proof=row.proof,
    )


async def documents(tx: Transaction, number: int) -> list[DocumentRecord]:
    """The parts of a mail, in order."""
    ours = select(document).where(document.c.job == number).order_by(document.c.position)
    return [
        DocumentRecord(row.name, row.content_type, row.pages, row.reason)
        for row in await tx.rows(ours)
    ]


async def _octets(tx: Transaction, number: int, pieces: int | None = None) -> bytes:
    """A mail, or so many pieces of it, put together one by one: a large one would hold the loop.

    `BytesIO` hands out what it has gathered without copying it.
    """
    gathered = BytesIO()
    octets = select(piece.c.octets).where(piece.c.job == number)
    for n in count() if pieces is None else range(pieces):
        part = await tx.row(octets.where(piece.c.number == n))
        if part is None:
            break
        gathered.write(part.octets)
    return gathered.getvalue()


async def _give_up(tx: Transaction, poisonous: Any, now: datetime) -> None:
    held = select(rendering.c.job).where(poisonous).with_for_update(skip_locked=True)
    for row in await tx.rows(held):
        await render_failed(tx, row.job, (), POISON, now, "5.3.0")


async def _decide(tx: Transaction, number: int, state: RenderState, pages: int) -> bool:
    open_one = and_(rendering.c.job == number, rendering.c.state.in_(UNDECIDED))
    ended = {"state": state, "pages": pages, "owner": "", "lease_until": None}
    return bool(await tx.run(update(rendering).where(open_one).values(**ended)))


async def _keep_documents(
    tx: Transaction, number: int, documents: Sequence[DocumentRecord]
) -> None:
    rows = [
        {
            "job": number,
            "position": position,
            "name": d.name,
            "content_type": d.content_type,
            "pages": d.pages,
            "reason": d.reason,
        }
        for position, d in enumerate(documents)
    ]
    if rows:
        await tx.run(insert(document), rows)
