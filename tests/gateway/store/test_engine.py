"""Transactions: all or nothing, finished when begun, and never on the event loop's time."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from gateway.retry import Never
from gateway.store.columns import UtcTime
from gateway.store.engine import Database, Node, Transaction, Wake, parse_url
from gateway.store.errors import UnusableDatabase
from gateway.store.records import NewMail
from gateway.store.store import Store
from gateway.store.tables import RenderState, job, rendering
from modems.terminal import TraceEntry, TraceKind
from tests.gateway.store.samples import DOCUMENTS, NOW, Desk, call_report, mail, pages


@pytest.fixture
async def database(url: str, store: Store) -> AsyncIterator[Database]:
    """A database of its own beside the store, with the same tables."""
    database = Database(parse_url(url), Node("other", "fax.example"))
    yield database
    await database.close()


async def keep(tx: Transaction, envid: str) -> None:
    """A work that writes."""
    values = {"sender": "", "client": "", "user_name": "", "envid": envid}
    await tx.run(insert(job).values(received_at=NOW, **values))


async def kept(tx: Transaction) -> list[str]:
    """A work that reads."""
    return [row.envid for row in await tx.rows(select(job.c.envid).order_by(job.c.id))]


async def test_a_work_that_raises_leaves_nothing(database: Database) -> None:
    """What a failed transaction wrote never happened, and nobody is woken."""

    async def half(tx: Transaction) -> None:
        await keep(tx, "half")
        tx.wakes.add(Wake.QUEUE)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await database.write(half)

    assert await database.read(kept) == []
    assert not database.changed[Wake.QUEUE].is_set()


async def test_a_write_that_has_begun_is_finished(database: Database) -> None:
    """Cancelling a caller does not undo, or tear, the transaction that it waits for."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        await keep(tx, "whole")
        begun.set()
        await go_on.wait()

    caller = asyncio.create_task(database.write(slow))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await database.close()

    assert await database.read(kept) == ["whole"]


async def test_writers_do_not_trip_over_each_other(database: Database, store: Store) -> None:
    """Many writers at once, in one process and on two engines, all succeed."""
    names = [str(n) for n in range(30)]

    await asyncio.gather(
        *(database.write(keep, name) for name in names),
        *(store.accept(mail(), NOW) for _ in names),
    )

    found = await database.read(kept)
    assert sorted(found) == sorted([*names, *["e1"] * len(names)])


async def test_a_reader_sees_one_state(database: Database) -> None:
    """A read transaction does not see what is committed during it, nor hold it up."""
    await database.write(keep, "before")

    async def twice(tx: Transaction) -> tuple[list[str], list[str]]:
        first = await kept(tx)
        await database.write(keep, "meanwhile")
        return first, await kept(tx)

    first, second = await database.read(twice)

    assert first == second == ["before"]


async def longest_step(work: Coroutine[object, object, object]) -> float:
    """Seconds of processor time that `work` held the event loop's thread in one piece, at most."""
    gc.collect()
    gc.freeze()  # what other tests left behind is not ours to sweep
    done = asyncio.ensure_future(work)
    longest, before = 0.0, time.thread_time()
    while not done.done():
        await asyncio.sleep(0)
        longest, before = max(longest, time.thread_time() - before), time.thread_time()
    gc.unfreeze()
    await done
    return longest


async def longest_steps(desk: Desk) -> dict[str, float]:
    """The heaviest things that the store is asked to do, and how long each held the loop."""
    store, now = desk.store, desk.now
    await desk.queue("+481")
    claim = await desk.claim()
    entry = TraceEntry(1.0, TraceKind.NOTE, "a line of trace as long as they are")
    report = replace(call_report(), trace=(entry,) * 5000)
    heavy = mail(raw=bytes(10_000_000))
    job = await store.accept(heavy, now)
    scans = [replace(p, mmr=bytes(50_000)) for p in pages(200)]
    steps = {
        "accept": store.accept(heavy, now),
        "read": store.job(job),
        "rendered": store.rendered(job, DOCUMENTS, scans, now),
        "finish": store.finish(claim, report, Never("no", "5.0.0"), now),
        "attempts": store.attempts(claim.recipient),
    }
    return {name: await longest_step(work) for name, work in steps.items()}


async def test_the_event_loop_stays_free(desk: Desk) -> None:
    """Neither a mail of 10 MB, nor 200 pages, nor a long trace holds the loop for 10 ms.

    The best of three counts: a machine that is busy with something else is not our doing. Neither
    is coverage, which makes every line several times as slow.
    """
    limit = 0.010 if sys.gettrace() is None else 0.040
    runs = [await longest_steps(desk) for _ in range(3)]

    best = {name: min(run[name] for run in runs) for name in runs[0]}
    assert {name: seconds for name, seconds in best.items() if seconds > limit} == {}


def test_sqlite_is_set_to_keep_its_promises(tmp_path: Path) -> None:
    """SQLite runs with a write-ahead log, a full sync at each commit, and foreign keys."""

    async def pragmas() -> list[object]:
        database = Database(parse_url(f"sqlite:///{tmp_path}/x.db"), Node("n", "d"))

        async def look(tx: Transaction) -> list[object]:
            names = ("journal_mode", "synchronous", "foreign_keys")
            return [(await tx.rows(text(f"PRAGMA {name}")))[0][0] for name in names]

        found = await database.write(look)
        await database.close()
        return found

    assert asyncio.run(pragmas()) == ["wal", 2, 1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no url", "is no database URL"),
        ("mysql://host/fax", "SQLite or PostgreSQL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_a_database_that_cannot_keep_promises_is_refused(text: str, why: str) -> None:
    """Only a database that outlives the process is opened, and the reason is said."""
    with pytest.raises(UnusableDatabase, match=why):
        parse_url(text)


def test_the_driver_is_ours_to_choose() -> None:
    """A URL names the database; the asynchronous driver is added."""
    drivers = [parse_url(u).drivername for u in ("sqlite:///f.db", "postgresql://h/f")]

    assert drivers == ["sqlite+aiosqlite", "postgresql+asyncpg"]


async def test_times_are_aware(desk: Desk) -> None:
    """A time without a zone is a bug, found before it is stored."""
    with pytest.raises(Exception, match="times are aware"):
        await desk.store.accept(NewMail("", b"", ()), NOW.replace(tzinfo=None))


async def test_a_missing_time_and_word_stay_missing(database: Database) -> None:
    """NULL goes in and comes out as None, for times and for words."""

    async def forget(tx: Transaction) -> object:
        await keep(tx, "x")
        [row] = await tx.rows(select(job.c.id))
        values = {"job": row.id, "state": RenderState.WAITING, "lease_until": None}
        await tx.run(insert(rendering).values(**values))
        await tx.run(update(rendering).values(lease_until=None))
        return (await tx.rows(select(rendering.c.lease_until)))[0][0]

    assert await database.write(forget) is None
    assert UtcTime().cache_ok
