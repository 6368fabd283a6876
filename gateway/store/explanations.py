"""Why each mail went where it went: one row beside it, replaced when it is rendered again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from gateway.store import recipients
from gateway.store.engine import Transaction
from gateway.store.records import Recipient
from gateway.store.tables import explanation, recipient


async def keep(tx: Transaction, job: int, content: Mapping[str, Any]) -> None:
    """Put the explanation of a mail beside it."""
    await tx.run(delete(explanation).where(explanation.c.job == job))
    await tx.run(insert(explanation).values(job=job, content=content))


async def get(tx: Transaction, job: int) -> Mapping[str, Any] | None:
    """The explanation of a mail; None for one that was never rendered."""
    row = await tx.row(select(explanation.c.content).where(explanation.c.job == job))
    return row and row.content


async def recipients_of(tx: Transaction, job: int) -> list[Recipient]:
    """Everybody to whom a mail goes, in order."""
    rows = await tx.rows(select(recipient.c.id).where(recipient.c.job == job).order_by("id"))
    found = [await recipients.get(tx, row.id) for row in rows]
    return [one for one in found if one is not None]
