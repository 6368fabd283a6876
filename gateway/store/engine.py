"""Connections and transactions: SQLite and PostgreSQL behind one pair of verbs, `write` and `read`.

A write that has begun is finished even when its caller is cancelled, because half of the callers
are calls that may be hung up at any moment; `close` waits for it. When `write` returns, the change
is durable: SQLite commits with WAL and synchronous=FULL, PostgreSQL as it does by default.

SQLite needs three things here. Its driver must not begin transactions by itself
(`isolation_level=None`). A writer must say BEGIN IMMEDIATE, or the step from reading to writing
fails at once when another writes, whatever the busy time-out. And writers of one process queue up
in order at a lock, because SQLite's own waiting is polling without order.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Executable, Row, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.ownership import hand_over
from gateway.store.errors import StoreFull, StoreUnavailable, UnusableDatabase

P = ParamSpec("P")
T = TypeVar("T")

BUSY = 30.0  # s that a transaction waits for another's lock
SLOW = 60.0  # s after which PostgreSQL, or the way to it, is taken for dead
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
SNAPSHOT: Mapping[str, Mapping[str, Any]] = {  # a read transaction that sees one state
    "sqlite": {"read_only": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
# SQLSTATE of PostgreSQL: no room (on its disk or in its memory), and classes of what passes: a lost
# connection, a conflict, too little of something, an operator, the system beneath.
FULL = {"53100", "53200"}
PASSING = {"08", "40", "53", "57", "58"}
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class Wake(Enum):
    """Who has something to do after a commit."""

    RENDER = auto()
    QUEUE = auto()
    OUTBOX = auto()
    READING = auto()


@dataclass(frozen=True, slots=True)
class Node:
    """Which gateway this is.

    It owns, by its name, what it begins; its Message-IDs end in its domain; its postmaster, if it
    has one, is told of mails that are given up; `channels` has the addresses of the other ways to
    tell a sender. `patience` is how long the delivery of a fax to a target waits until it is read;
    without it nothing is read.
    """

    name: str
    domain: str
    postmaster: str = ""
    channels: Callable[[str], Sequence[str]] = lambda _: ()  # where else a sender is told
    patience: Callable[[str], timedelta] | None = None


@dataclass(slots=True)
class Transaction:
    """One transaction under way, and whom to wake when it is committed."""

    connection: AsyncConnection
    node: Node
    wakes: set[Wake] = field(default_factory=set)

    async def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """Every row."""
        return (await self.connection.execute(statement)).all()

    async def row(self, statement: Executable) -> Row[Any] | None:
        """The only row, or None."""
        return (await self.connection.execute(statement)).one_or_none()

    async def run(
        self, statement: Executable, values: Sequence[Mapping[str, object]] | None = None
    ) -> int:
        """How many rows the statement changed; `values` repeats an insert for each."""
        return (await self.connection.execute(statement, values)).rowcount

    async def insert(self, statement: Executable) -> int:
        """The id of the row that the statement inserted."""
        key = (await self.connection.execute(statement)).inserted_primary_key
        assert key is not None
        return int(key[0])


Work = Callable[Concatenate[Transaction, P], Awaitable[T]]


class Database:
    """One database, open."""

    def __init__(self, url: URL, node: Node) -> None:
        sqlite = url.get_backend_name() == "sqlite"
        self._engine = make_engine(url)
        self._reading = self._engine.execution_options(**SNAPSHOT[url.get_backend_name()])
        self._node = node
        self._turn: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if sqlite else nullcontext()
        )
        self._under_way: set[asyncio.Task[Any]] = set()
        self.in_doubt = False  # whether the last write failed because of the database
        self.changed = {kind: asyncio.Event() for kind in Wake}

    async def close(self) -> None:
        """Finish the writes that have begun, then disconnect."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._engine.dispose()

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` in one transaction; durable when this returns, undone when it raises."""
        task = asyncio.ensure_future(self._write(work, *args, **kwargs))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with _trouble():
                async with self._turn, self._engine.begin() as connection:
                    transaction = Transaction(connection, self._node)
                    result = await work(transaction, *args, **kwargs)
        except StoreUnavailable:
            self.in_doubt = True
            raise
        self.in_doubt = False
        for kind in transaction.wakes:
            self.changed[kind].set()
        return result

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` on one consistent state of the database, beside any writer."""
        with _trouble():
            async with self._reading.begin() as connection:
                return await work(Transaction(connection, self._node), *args, **kwargs)


@contextmanager
def _trouble() -> Iterator[None]:
    """Say in our own words that the database could not do it now."""
    try:
        yield
    except DBAPIError as error:
        state = str(getattr(error.orig, "sqlstate", "") or "")
        if state in FULL or getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise StoreFull(str(error.orig)) from error
        if isinstance(error, OperationalError | InterfaceError) or state[:2] in PASSING:
            raise StoreUnavailable(str(error.orig)) from error
        raise


def parse_url(text: str) -> URL:
    """The URL with its asynchronous driver. Raises UnusableDatabase."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise UnusableDatabase(f"{text!r} is no database URL") from error
    driver = DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise UnusableDatabase(f"{url.get_backend_name()!r}: SQLite or PostgreSQL is needed")
    if driver == DRIVERS["sqlite"] and url.database in {None, "", ":memory:"}:
        raise UnusableDatabase("a database in memory would forget what was confirmed")
    return url.set(drivername=driver)


def make_place(url: URL) -> None:
    """Make an SQLite file and its directory, for their owner only: other people's mail."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not url.query:  # the plain name of a file
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
            hand_over(path)


def make_engine(url: URL) -> AsyncEngine:
    """An engine that keeps the promises above."""
    if url.get_backend_name() == "postgresql":
        limits = {"server_settings": {"lock_timeout": f"{BUSY:.0f}s"}, "command_timeout": SLOW}
        return create_async_engine(url, connect_args=limits, pool_pre_ping=True)
    engine = create_async_engine(url, connect_args={"timeout": BUSY, "isolation_level": None})
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
