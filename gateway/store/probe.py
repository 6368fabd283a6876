"""Whether the store takes what it is told, and how much room it has within itself."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, insert, text

from gateway.store.admission_tables import secret
from gateway.store.engine import Transaction

OCTETS: Final = 65_536  # more than any page of a database has left


async def write(tx: Transaction) -> None:
    """Write a page's worth and take it out again, which is as good as a page that comes in."""
    name = f"probe of {tx.node.name}"
    await tx.run(insert(secret).values(name=name, octets=bytes(OCTETS)))
    await tx.run(delete(secret).where(secret.c.name == name))


async def spare(tx: Transaction) -> int:
    """Octets of the file that are free for what comes next; 0 where only the server knows."""
    if tx.connection.dialect.name != "sqlite":
        return 0
    pages = (await tx.rows(text("PRAGMA freelist_count")))[0][0]
    size = (await tx.rows(text("PRAGMA page_size")))[0][0]
    return int(pages) * int(size)
