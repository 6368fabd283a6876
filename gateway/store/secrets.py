"""Keys that all gateways of one queue share, each made once by whoever needs it first."""

from __future__ import annotations

import secrets

from sqlalchemy import insert, select

from gateway.store import charges
from gateway.store.admission_tables import secret
from gateway.store.engine import Transaction

OCTETS = 32


async def get(tx: Transaction, name: str) -> bytes:
    """The key of that name."""
    await charges.lock(tx)
    row = await tx.row(select(secret.c.octets).where(secret.c.name == name))
    if row is not None:
        return bytes(row.octets)
    octets = secrets.token_bytes(OCTETS)
    await tx.run(insert(secret).values(name=name, octets=octets))
    return octets
