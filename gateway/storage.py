"""The store that a configuration describes: opened alike by the gateway and by its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from gateway.config.model import Config
from gateway.config.receiving import takes_text
from gateway.mailout.channels import SCHEME
from gateway.ocr.program import lacking
from gateway.room import Room
from gateway.store import Store


def channels_of(config: Config, sender: str) -> list[str]:
    """The addresses of the channels over which faxes of `sender` are told of."""
    return [f"{SCHEME}{each.name}" for each in config.mail.channels if each.is_for(sender)]


def reads(config: Config) -> bool:
    """Whether received pages are read: it is wanted, and this machine can."""
    return config.ocr.on and not lacking(config.ocr.languages)


def patience_for(config: Config, target: str) -> timedelta:
    """How long a delivery waits for the text of its fax: not at all where it takes none."""
    settings = config.targets.get(target)
    waits = takes_text(settings, by_default=config.ocr.text_in_mail)
    return config.ocr.wait if waits else timedelta(0)


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
        patience=partial(patience_for, config) if reads(config) else None,
    )
    try:
        yield store
    finally:
        await store.close()
