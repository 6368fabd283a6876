"""What is deleted, and when: only what has ended, piece by piece.

Nothing goes while anybody still needs it: a mail and its pages stay until every recipient has
ended, every receipt is out and the mail has left its IMAP folder; a received fax stays until every
delivery has ended, and with a fax that it replaces, until that later one goes. Signatures of mails
stay for ever, or an old mail could be handed in again.

What is old is looked for in a read, which holds up nobody. Each write after it asks again, and
deletes a few rows only, so that a call that commits a page waits for milliseconds. SQLite keeps the
room for what comes next; the file does not shrink.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select

from gateway.store.engine import Database, Transaction
from gateway.store.records import MailKind
from gateway.store.tables import (
    MailState,
    RenderState,
    attempt,
    charge,
    document,
    explanation,
    forwarded,
    job,
    outgoing,
    page,
    page_confirmation,
    page_mark,
    page_text,
    piece,
    posted,
    reading,
    received,
    received_page,
    recipient,
    rendering,
    rendition,
    signature,
)

ROWS: Final = 4  # with octets, that one transaction deletes: at most 1 MB of a mail
LOOK: Final = 200  # that one read finds
REST: Final = 0.02  # s between two transactions: whoever waits for the database comes first


class Kind(StrEnum):
    """What has an age of its own at which it is deleted."""

    RECEIVED = "received"
    MAILS = "mails"
    PAGES = "pages"
    EXPLANATIONS = "explanations"
    RECEIPTS = "receipts"
    RECORDS = "records"


class Retention:
    """Deletes from one database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def sweep(self, kind: Kind, before: datetime) -> int:
        """Delete what of this kind ended before; how many mails, faxes or receipts that were."""
        count = 0
        for find, discard in _SWEEPS[kind]:
            last = 0
            while found := await self._db.read(find, before, last):
                for number in found:
                    count += await self._discard(discard, number, before)
                last = found[-1]
        return count

    async def _discard(self, discard: Discard, number: int, before: datetime) -> bool:
        """One of them, in as many transactions as it takes."""
        any_gone = False
        while await self._db.write(discard, number, before):
            any_gone = True
            await asyncio.sleep(REST)
        return any_gone

    async def delete_received(self, fax: int, now: datetime) -> bool:
        """Delete a received fax altogether; False when somebody needs it, or there is none."""
        await self._discard(_received_pages, fax, now)
        return bool(await self._db.write(_received_record, fax, now))


Find = Callable[[Transaction, datetime, int], Awaitable[Sequence[int]]]
Discard = Callable[[Transaction, int, datetime], Awaitable[int]]


# --- Mails that were faxed


def _old_jobs(having: Table) -> Find:
    """Jobs from before, that still have rows in a table."""

    async def find(tx: Transaction, before: datetime, last: int) -> Sequence[int]:
        c = job.c
        has = exists().where(having.c.job == c.id)
        old = select(c.id).where(c.id > last, c.received_at < before, has).order_by(c.id)
        return [row.id for row in await tx.rows(old.limit(LOOK))]

    return find


async def _settled(tx: Transaction, number: int, before: datetime) -> bool:
    """Whether nobody needs a job any more, and its last recipient ended before.

    Until this transaction ends nobody takes one of them up again.
    """
    r = recipient.c
    await tx.rows(select(r.id).where(r.job == number).order_by(r.id).with_for_update())
    open_one = or_(r.ended_at.is_(None), r.ended_at >= before)
    owed = and_(outgoing.c.recipient == r.id, outgoing.c.state == MailState.QUEUED)
    decided = rendering.c.state.in_((RenderState.RENDERED, RenderState.FAILED))
    row = await tx.row(
        select(job.c.id).where(
            job.c.id == number,
            exists().where(rendering.c.job == number, decided),
            ~exists().where(r.job == number, open_one),
            ~exists().where(r.job == number, owed),
            ~exists().where(posted.c.job == number, posted.c.filed.is_(False)),
        )
    )
    return row is not None


def _rows_of_job(*tables: Table) -> Discard:
    """Some rows of a job in each of these tables, the last first."""

    async def discard(tx: Transaction, number: int, before: datetime) -> int:
        if not await _settled(tx, number, before):
            return 0
        return sum([await _last_rows(tx, table, table.c.job == number) for table in tables])

    return discard


async def _last_rows(tx: Transaction, table: Table, ours: ColumnElement[bool]) -> int:
    numbers = select(table.c.number).where(ours).order_by(table.c.number.desc()).limit(ROWS)
    found = [row.number for row in await tx.rows(numbers)]
    return await tx.run(delete(table).where(ours, table.c.number.in_(found))) if found else 0


async def _explanation(tx: Transaction, number: int, before: datetime) -> int:
    if not await _settled(tx, number, before):
        return 0
    return await tx.run(delete(explanation).where(explanation.c.job == number))


async def _job_record(tx: Transaction, number: int, before: datetime) -> int:
    """All that is left of a job whose content is gone, but for signatures."""
    content = [exists().where(table.c.job == number) for table in (piece, page, rendition)]
    if await tx.row(select(job.c.id).where(job.c.id == number, or_(*content))):
        return 0
    if not await _settled(tx, number, before):
        return 0
    ours = select(recipient.c.id).where(recipient.c.job == number).scalar_subquery()
    mails = select(outgoing.c.id).where(outgoing.c.recipient.in_(ours)).scalar_subquery()
    await tx.run(delete(forwarded).where(forwarded.c.outgoing.in_(mails)))
    for table in (page_confirmation, attempt, charge, outgoing):
        await tx.run(delete(table).where(table.c.recipient.in_(ours)))
    for table in (document, explanation, rendering, posted):
        await tx.run(delete(table).where(table.c.job == number))
    gone = await tx.run(delete(recipient).where(recipient.c.job == number))
    signed = exists().where(signature.c.job == number)
    await tx.run(delete(job).where(job.c.id == number, ~signed))
    return gone


# --- Received faxes


async def _old_pages(tx: Transaction, before: datetime, last: int) -> Sequence[int]:
    c = received.c
    has = exists().where(received_page.c.received == c.id)
    old = select(c.id).where(c.id > last, c.ended_at < before, has).order_by(c.id)
    return [row.id for row in await tx.rows(old.limit(LOOK))]


async def _free(tx: Transaction, fax: int, before: datetime) -> bool:
    """Whether a fax ended before, every delivery of it has, and no later one holds its pages."""
    c, later = received.c, received_page.alias()
    owed = and_(outgoing.c.received == fax, outgoing.c.state == MailState.QUEUED)
    row = await tx.row(
        select(c.id)
        .where(
            c.id == fax,
            c.ended_at < before,
            ~exists().where(owed),
            ~exists().where(later.c.received == c.replaced_by),
        )
        .with_for_update(of=received)
    )
    return row is not None


async def _received_pages(tx: Transaction, fax: int, before: datetime) -> int:
    if not await _free(tx, fax, before):
        return 0
    tables = (page_text, received_page)  # what was read is the content of a page, too
    return sum([await _last_rows(tx, table, table.c.received == fax) for table in tables])


async def _old_received(tx: Transaction, before: datetime, last: int) -> Sequence[int]:
    c = received.c
    old = select(c.id).where(c.id > last, c.ended_at < before).order_by(c.id)
    return [row.id for row in await tx.rows(old.limit(LOOK))]


async def _received_record(tx: Transaction, fax: int, before: datetime) -> int:
    if not await _free(tx, fax, before):
        return 0
    if await tx.row(select(received_page.c.number).where(received_page.c.received == fax).limit(1)):
        return 0
    for table in (outgoing, reading, page_mark):
        await tx.run(delete(table).where(table.c.received == fax))
    return await tx.run(delete(received).where(received.c.id == fax))


# --- Mails that left


async def _old_mails(tx: Transaction, before: datetime, last: int) -> Sequence[int]:
    """Receipts and notices; a delivery of a fax goes with the fax."""
    c = outgoing.c
    ended = and_(c.state != MailState.QUEUED, c.ended_at < before, c.kind != MailKind.FAX)
    old = select(c.id).where(c.id > last, ended).order_by(c.id)
    return [row.id for row in await tx.rows(old.limit(LOOK))]


async def _mail(tx: Transaction, number: int, before: datetime) -> int:
    del before  # what has ended does not begin again
    await tx.run(delete(forwarded).where(forwarded.c.outgoing == number))
    return await tx.run(delete(outgoing).where(outgoing.c.id == number))


_SWEEPS: Final[dict[Kind, tuple[tuple[Find, Discard], ...]]] = {
    Kind.RECEIVED: ((_old_pages, _received_pages),),
    Kind.MAILS: ((_old_jobs(piece), _rows_of_job(piece)),),
    Kind.PAGES: ((_old_jobs(page), _rows_of_job(page, rendition)),),
    Kind.EXPLANATIONS: ((_old_jobs(explanation), _explanation),),
    Kind.RECEIPTS: ((_old_mails, _mail),),
    Kind.RECORDS: ((_old_jobs(recipient), _job_record), (_old_received, _received_record)),
}
