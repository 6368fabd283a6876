"""What calls have taught about a number, so that a restart does not forget it.

One row a number; it is read before a call and written after one that taught something new. Rows
that are too old to count are thrown away on the way.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from gateway.store.engine import Database, Transaction
from gateway.store.tables import experience

# When it was learned, the modulation to begin with, and the failures under ECM in a row.
Learned = tuple[datetime, str, int]


class Experiences:
    """The store's face for them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def read(self, number: str) -> Learned | None:
        """What is known of a number."""
        return await self._db.read(_read, number)

    async def write(self, number: str, learned: Learned, forget: datetime) -> None:
        """Replace what is known of a number, and forget what was learned before `forget`."""
        await self._db.write(_write, number, learned, forget)


async def _read(tx: Transaction, number: str) -> Learned | None:
    row = await tx.row(select(experience).where(experience.c.number == number))
    return (row.learned_at, row.modulation, row.ecm_failures) if row else None


async def _write(
    tx: Transaction,
    number: str,
    learned: Learned,
    forget: datetime,
) -> None:
    at, modulation, ecm_failures = learned
    old = (experience.c.number == number) | (experience.c.learned_at < forget)
    await tx.run(delete(experience).where(old))
    row = {"number": number, "learned_at": at, "modulation": modulation}
    await tx.run(insert(experience).values(**row, ecm_failures=ecm_failures))
