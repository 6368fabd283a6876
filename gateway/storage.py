"""The store that a configuration describes: opened alike by the gateway and by its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from gateway.config.model import Config
from gateway.mailout.channels import SCHEME
from gateway.room import Room
from gateway.store import Store


def channels_of(config: Config, sender: str) -> list[str]:
    """The addresses of the channels over which faxes of `sender` are told of."""
    return [f"{SCHEME}{each.name}" for each in config.mail.channels if each.is_for(sender)]


def is_there(config: Config) -> bool:
    """Whether there is a store yet; a file of SQLite comes to be when it is opened."""
    url = make_url(config.database_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


def room_of(config: Config, store: Store) -> Room:
    """The room that the store has; for a database on a server, that of the state directory."""
    url = make_url(config.database_url)
    ours = url.get_backend_name() == "sqlite" and url.database
    place = Path(url.database or "").absolute().parent if ours else config.state
    return Room(place, config.reserve, store.spare)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Store]:
    """The store of the gateway of `config`, whether or not that gateway runs."""
    store = await Store.open(
        config.database_url,
        owner=config.node_name,
        domain=config.domain,
        postmaster=config.mail.postmaster,
        channels=partial(channels_of, config),
    )
    try:
        yield store
    finally:
        await store.close()
