"""A signed mail is an order to a number once, however often somebody hands it in.

A copy is not refused: a client that lost our 250 hands the same mail in again in good faith, and
hears the number of the job that it has made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import insert, select

from gateway.store.admission_tables import signature
from gateway.store.engine import Transaction
from gateway.store.records import NewMail, NewRecipient


@dataclass(frozen=True, slots=True)
class Ordered:
    """The job that the signatures of a mail made before, and the mail without what it ordered."""

    job: int
    rest: NewMail


async def ordered(tx: Transaction, mail: NewMail) -> Ordered | None:
    """What the signatures of a mail have ordered before; None for nothing."""
    if not mail.signatures:
        return None
    rows = await tx.rows(select(signature).where(signature.c.digest.in_(mail.signatures)))
    if not rows:
        return None
    known = {(row.number, row.subaddress) for row in rows}
    rest = tuple(r for r in mail.recipients if (r.number, r.subaddress) not in known)
    return Ordered(min(row.job for row in rows), replace(mail, recipients=rest))


async def remember(tx: Transaction, mail: NewMail, number: int) -> None:
    """Each signature has now ordered a fax to each recipient."""
    rows = [_row(digest, to, number) for digest in mail.signatures for to in mail.recipients]
    if rows:
        await tx.run(insert(signature), rows)


def _row(digest: str, to: NewRecipient, number: int) -> dict[str, object]:
    return {"digest": digest, "number": to.number, "subaddress": to.subaddress, "job": number}
