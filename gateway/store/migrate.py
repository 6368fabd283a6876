"""Bring a database to today's tables, in place, whoever starts first.

Runs inside the process that opens the store, in one transaction that holds a lock for itself (on
SQLite the write lock, on PostgreSQL an advisory lock), so that of two processes that start at once
one migrates and the other finds the work done. Alembic is only loaded when there is work.

The work is done on an event loop of its own in a thread, because Alembic reads files and never
yields.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import Column, MetaData, Table
from sqlalchemy.sql import select
from sqlalchemy.types import String

from gateway.store.engine import make_engine, make_place
from gateway.store.errors import UnusableDatabase
from gateway.store.migrations import HEAD

LOCK = 0x466178  # of PostgreSQL's advisory locks, an arbitrary one: "Fax"

VERSION = Table("alembic_version", MetaData(), Column("version_num", String))


async def migrate(url: URL) -> None:
    """Make or update every table. Raises UnusableDatabase."""
    await asyncio.to_thread(_in_thread, url)


def _in_thread(url: URL) -> None:
    try:
        make_place(url)
        asyncio.run(_migrate(url))
    except ImportError as error:
        driver = url.get_driver_name()
        raise UnusableDatabase(f"the Python package {driver} is needed for {url}") from error
    except (DBAPIError, OSError) as error:
        reason = getattr(error, "orig", error)
        raise UnusableDatabase(f"cannot use {url}: {reason}") from error


async def _migrate(url: URL) -> None:
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            if url.get_backend_name() == "postgresql":
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


def upgrade(connection: Connection) -> None:
    """Run the migrations that the database lacks, within the connection's transaction."""
    if version(connection) == HEAD:
        return
    from alembic import command  # 0.2 s, and rarely needed
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "gateway.store:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UnusableDatabase(f"a newer Faxgate has made this database: {error}") from error


def version(connection: Connection) -> str | None:
    """The revision that the tables have; None for an empty database."""
    if not connection.dialect.has_table(connection, VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar()
