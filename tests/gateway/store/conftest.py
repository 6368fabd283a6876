"""A fresh store for every test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.store import Store
from gateway.store.engine import parse_url
from tests.gateway.store import postgres
from tests.gateway.store.samples import OWNER, Desk

NewUrl = Callable[[], str]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every table."""
    path = tmp_path_factory.mktemp("template") / "faxgate.db"

    async def make() -> None:
        await (await Store.open(f"sqlite:///{path}")).close()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A running PostgreSQL server: a URL with {} for the name of a database."""
    if importlib.util.find_spec("asyncpg") is None:
        pytest.skip("peer missing: asyncpg (Python package)")
    with postgres.running() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Makes URLs of empty databases; on SQLite with tables, which PostgreSQL makes fast enough."""
    numbers = count()
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("template")

        def sqlite() -> str:
            return f"sqlite:///{shutil.copy(template, tmp_path / f'{next(numbers)}.db')}"

        return sqlite
    server: str = request.getfixturevalue("postgresql")

    def postgresql() -> str:
        name = f"test_{abs(hash((request.node.nodeid, next(numbers)))):x}"
        asyncio.run(_create(server, name))
        return server.format(name)

    return postgresql


async def _create(server: str, name: str) -> None:
    engine = create_async_engine(parse_url(server.format("postgres")), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """One empty database."""
    return new_url()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """An empty store."""
    store = await Store.open(
        url, owner=OWNER, domain="fax.example", postmaster="postmaster@fax.example"
    )
    yield store
    await store.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    """An empty store with a clock."""
    return Desk(store)
