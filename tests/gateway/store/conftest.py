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

import gateway.store.tables  # noqa: F401 - describes the tables
from gateway.store import Store
from gateway.store.columns import metadata
from gateway.store.engine import parse_url
from tests.gateway.store import postgres
from tests.gateway.store.samples import OWNER, Desk

NewUrl = Callable[[], str]


async def make_tables(url: str) -> str:
    """A database with every table and nothing in them."""
    await (await Store.open(url)).close()
    return url


async def on_server(url: str, *statements: str) -> None:
    """Run statements on a PostgreSQL server, each at once."""
    engine = create_async_engine(parse_url(url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with every table, to copy."""
    path = tmp_path_factory.mktemp("template") / "faxgate.db"
    asyncio.run(make_tables(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A running PostgreSQL server: a URL with {} for the name of a database."""
    if importlib.util.find_spec("asyncpg") is None:
        pytest.skip("peer missing: asyncpg (Python package)")
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def shared(server: str) -> str:
    """A PostgreSQL database with every table, to empty before each use."""
    asyncio.run(on_server(server.format("postgres"), "CREATE DATABASE faxgate"))
    return asyncio.run(make_tables(server.format("faxgate")))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
def backend(request: pytest.FixtureRequest) -> str:
    """Every test that asks for a store runs on both."""
    return str(request.param)


@pytest.fixture
def new_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Makes URLs of databases with tables and nothing in them, each valid until the next."""
    numbers = count()

    def sqlite() -> str:
        template = request.getfixturevalue("template")
        return f"sqlite:///{shutil.copy(template, tmp_path / f'{next(numbers)}.db')}"

    def postgresql() -> str:
        url: str = request.getfixturevalue("shared")
        tables = ", ".join(metadata.tables)
        asyncio.run(on_server(url, f"TRUNCATE {tables} RESTART IDENTITY"))
        return url

    return sqlite if backend == "sqlite" else postgresql


@pytest.fixture
def blank_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path}/blank.db"
    server: str = request.getfixturevalue("server")
    again = ("DROP DATABASE IF EXISTS blank", "CREATE DATABASE blank")
    asyncio.run(on_server(server.format("postgres"), *again))
    return server.format("blank")


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """One such database."""
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
