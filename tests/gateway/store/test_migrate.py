"""The tables' history agrees with the tables, and any number of processes may start at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import gateway.store.tables  # noqa: F401 - describes the tables
from gateway.report.signature import Signer
from gateway.store import Store, UnusableDatabase
from gateway.store.columns import metadata
from gateway.store.engine import make_engine, parse_url
from gateway.store.migrate import version
from gateway.store.migrations import HEAD

T = TypeVar("T")

OPEN = """
import asyncio, sys
from gateway.store import Store
async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    await (await Store.open(sys.argv[1])).close()
asyncio.run(main())
"""


async def within(url: str, look: Callable[[Connection], T]) -> T:
    """Look at a database in a transaction of its own."""
    engine = make_engine(parse_url(url))
    async with engine.begin() as connection:
        found = await connection.run_sync(look)
    await engine.dispose()
    return found


async def test_the_migrations_make_the_tables(blank_url: str) -> None:
    """A database made by every migration in turn is the one that `tables` describes."""
    await (await Store.open(blank_url)).close()

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert await within(blank_url, differences) == []


async def test_opening_twice_changes_nothing(blank_url: str) -> None:
    """A database at today's revision is left as it is."""
    await (await Store.open(blank_url)).close()
    await (await Store.open(blank_url)).close()

    assert await within(blank_url, version) == HEAD


def test_head_is_the_last_migration() -> None:
    """The revision that `Store.open` takes for today's is the newest one there is."""
    config = Config()
    config.set_main_option("script_location", "gateway.store:migrations")

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_a_migration_can_be_taken_back(blank_url: str) -> None:
    """Down from the first revision, nothing is left but Alembic's own table."""
    await (await Store.open(blank_url)).close()

    def down(connection: Connection) -> list[str]:
        config = Config()
        config.set_main_option("script_location", "gateway.store:migrations")
        config.attributes["connection"] = connection
        downgrade(config, "base")
        return inspect(connection).get_table_names()

    assert await within(blank_url, down) == ["alembic_version"]


async def test_a_newer_database_is_refused(blank_url: str) -> None:
    """A database of a later Faxgate is not touched, and the operator is told."""
    await (await Store.open(blank_url)).close()
    change = text("UPDATE alembic_version SET version_num = '9999'")
    await within(blank_url, lambda connection: connection.execute(change))

    with pytest.raises(UnusableDatabase, match="newer Faxgate"):
        await Store.open(blank_url)


async def test_a_place_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """A path that is no directory, or no database, is named in the error."""
    blocked = tmp_path / "file"
    blocked.write_text("This is not a database, and it is long enough for SQLite to say so.\n" * 9)

    for url in (f"sqlite:///{blocked}/fax.db", f"sqlite:///{blocked}"):
        with pytest.raises(UnusableDatabase, match=str(blocked)):
            await Store.open(url)


async def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A PostgreSQL that does not answer is an error for the operator, without the password."""
    pytest.importorskip("asyncpg")

    with pytest.raises(UnusableDatabase, match=r"cannot use .*fax:\*\*\*@") as caught:
        await Store.open(f"postgresql://fax:secret@/fax?host={tmp_path}")

    assert "secret" not in str(caught.value)


async def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that speaks to PostgreSQL, its name is said."""
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    with pytest.raises(UnusableDatabase, match="Python package asyncpg"):
        await Store.open("postgresql://fax@/fax")


async def test_a_new_directory_is_the_owners_alone(tmp_path: Path) -> None:
    """The database's directory is made, and closed to other users: it holds people's mail."""
    await (await Store.open(f"sqlite:///{tmp_path}/a/b/fax.db")).close()

    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_processes_that_start_at_once_agree(blank_url: str) -> None:
    """Of several processes that open a new database together, each finds it ready."""
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, blank_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in starters:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in starters:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

    assert [(p.communicate(timeout=60)[1], p.returncode) for p in starters] == [("", 0)] * 4
    tables = asyncio.run(within(blank_url, lambda c: inspect(c).get_table_names()))
    assert set(metadata.tables) <= set(tables)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
async def test_what_root_makes_belongs_to_the_gateway(tmp_path: Path) -> None:
    """After a command of root's the gateway's own user can still write to its store."""
    os.chown(tmp_path, 65534, 65534)

    await (await Store.open(f"sqlite:///{tmp_path / 'faxgate.db'}")).close()
    Signer.at(tmp_path / "receipt.key")

    assert {(file.name, file.stat().st_uid) for file in tmp_path.iterdir()} == {
        ("faxgate.db", 65534),
        ("receipt.key", 65534),
    }
