from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import aiosqlite
import pytest

from tests.virtual_time import VirtualTimeLoop, run

pytestmark = pytest.mark.virtual_time


async def test_an_hour_takes_no_time() -> None:
    """A wait for the clock takes no real time and ends exactly when it should."""
    before = time.monotonic()
    await asyncio.sleep(3600)

    assert asyncio.get_running_loop().time() == 3600
    assert time.monotonic() - before < 1


async def test_timers_keep_their_order() -> None:
    """Timers fire in the order of their times, each at its own time."""
    fired: list[tuple[str, float]] = []

    async def after(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        fired.append((name, asyncio.get_running_loop().time()))

    await asyncio.gather(after(3, "c"), after(1, "a"), after(2, "b"))

    assert fired == [("a", 1), ("b", 2), ("c", 3)]


async def test_a_thread_costs_no_virtual_time() -> None:
    """While a thread works for the loop, the clock stands still and no time-out fires."""
    async with asyncio.timeout(0.001):
        total = await asyncio.to_thread(sum, range(1_000_000))

    assert total == 499_999_500_000
    assert asyncio.get_running_loop().time() == 0


async def test_a_database_costs_no_virtual_time(tmp_path: Path) -> None:
    """A library with a thread of its own stops the clock like an executor."""
    async with asyncio.timeout(0.001), aiosqlite.connect(tmp_path / "x.db") as database:
        await database.execute("CREATE TABLE t (x)")
        await database.commit()

    assert asyncio.get_running_loop().time() == 0


async def test_sockets_work() -> None:
    """A conversation over a real socket is over before a time-out that waits beside it."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(echo, "127.0.0.1") as server, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
        await writer.wait_closed()


async def test_a_child_process_lives_in_real_time() -> None:
    """While a child runs, time-outs run as in life, so it can answer in time."""
    async with asyncio.timeout(30):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "print('done')", stdout=asyncio.subprocess.PIPE
        )
        out, _ = await child.communicate()

    assert out == b"done\n"
    assert asyncio.get_running_loop().time() < 30


@pytest.mark.asyncio(loop_factories=["virtual"])
async def test_the_marker_chooses_the_loop() -> None:
    """A test marked virtual_time runs on the virtual loop."""
    assert isinstance(asyncio.get_running_loop(), VirtualTimeLoop)


def test_run_gives_a_fresh_clock() -> None:
    """Each `run` starts at 0."""

    async def now() -> float:
        await asyncio.sleep(1)
        return asyncio.get_running_loop().time()

    assert [run(now()), run(now())] == [1, 1]
