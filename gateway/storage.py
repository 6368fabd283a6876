"""The store that a configuration describes: opened alike by the gateway and by its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.config.model import Config
from gateway.store import Store


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Store]:
    """The store of the gateway of `config`, whether or not that gateway runs."""
    store = await Store.open(
        config.database_url,
        owner=config.node_name,
        domain=config.domain,
        postmaster=config.mail.postmaster,
    )
    try:
        yield store
    finally:
        await store.close()
