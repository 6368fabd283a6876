"""Mails that were taken from a folder of somebody's IMAP server: each one once.

The row is committed with the job, so a crash before the mail has left the folder finds it here. A
server that numbers its mails anew (another UIDVALIDITY) is told from a mail that was put there once
more by the octets of the mail: what is still in the folder and was taken is not taken again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, insert, select, update

from gateway.store import jobs
from gateway.store.engine import Transaction
from gateway.store.records import NewMail
from gateway.store.tables import posted


@dataclass(frozen=True, slots=True)
class Posted:
    """Which mail of which folder: RFC 3501 2.3.1.1."""

    outbox: str  # its name in the configuration
    uid_validity: int
    uid: int


async def job_of(tx: Transaction, mail: Posted) -> int | None:
    """The job that was made of a mail."""
    row = await tx.row(select(posted.c.job).where(_is(mail)))
    return row and row.job


async def accept(tx: Transaction, mail: Posted, digest: str, new: NewMail, now: datetime) -> int:
    """Keep a mail, unless it has been kept; the job's number."""
    known = await job_of(tx, mail)
    if known is not None:
        return known
    same = and_(
        posted.c.outbox == mail.outbox,
        posted.c.uid_validity != mail.uid_validity,
        posted.c.digest == digest,
        ~posted.c.filed,
    )
    row = await tx.row(select(posted).where(same).order_by(posted.c.job).limit(1))
    if row is not None:
        old = Posted(row.outbox, row.uid_validity, row.uid)
        numbered = {"uid_validity": mail.uid_validity, "uid": mail.uid}
        await tx.run(update(posted).where(_is(old)).values(**numbered))
        return int(row.job)
    job = await jobs.accept(tx, new, now)
    key = {"outbox": mail.outbox, "uid_validity": mail.uid_validity, "uid": mail.uid}
    await tx.run(insert(posted).values(**key, digest=digest, job=job))
    return job


async def filed(tx: Transaction, mail: Posted) -> None:
    """It has left the folder."""
    await tx.run(update(posted).where(_is(mail)).values(filed=True))


def _is(mail: Posted) -> ColumnElement[bool]:
    return and_(
        posted.c.outbox == mail.outbox,
        posted.c.uid_validity == mail.uid_validity,
        posted.c.uid == mail.uid,
    )
