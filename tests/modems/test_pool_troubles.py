"""The pool of lines when a driver, a sink or we ourselves fail: a report, a rest, another try."""

from __future__ import annotations

import asyncio

import pytest

from modems.pool import FIRST_REST, LONGEST_REST
from modems.pool_line import PoolLine
from modems.session import Dialled, Hangup
from modems.terminal import (
    PageForm,
)
from tests.modems.documents import Charts, Keeper, KeepingWriter
from tests.modems.office import PAGES, Broken, Office, call, send

pytestmark = pytest.mark.virtual_time


async def test_a_driver_that_raises_is_a_report() -> None:
    """A sender whose line breaks gets a report of a line fault, and the line is put aside."""
    office = Office()
    async with office.pool(PoolLine("bad", Broken(), receives=False)) as pool:
        line = await pool.seize()
        report = await send(line, "+9")
        pool.release(line)

        assert report.dialled is Dialled.LINE_FAULT
        assert report.status is Hangup.NO_LOOP_CURRENT
        assert "bad" in report.cause
        assert "the port is gone" in report.cause
        assert office.states(pool) == ["failed"]
        assert "the port is gone" in str(pool.status()[0])


async def test_a_failed_line_is_tried_again_later_and_later() -> None:
    """Each time in a row that a line fails it rests twice as long, up to a limit."""
    office = Office()
    broken = Broken()
    async with office.pool(PoolLine("bad", broken)) as pool:
        await asyncio.sleep(2000)
        assert office.states(pool) == ["failed"]

    rests = [b - a for a, b in zip(broken.asked, broken.asked[1:], strict=False)]
    assert rests[:3] == pytest.approx([FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST])
    assert rests[-1] == pytest.approx(LONGEST_REST)


async def test_a_failed_line_does_not_hurt_the_others() -> None:
    """The other lines go on sending and answering."""
    office = Office()
    async with office.pool(PoolLine("bad", Broken()), office.line("+1")):
        assert (await call(office, "+91", "+1")).succeeded


async def test_a_line_that_works_again_is_forgiven() -> None:
    """After a call that went over the line, the next failure rests the short time again."""
    office = Office()
    line = office.line("+1", receives=False)
    async with office.pool(line) as pool:
        line.failed("no modem")
        pool.release(await pool.seize())
        assert office.states(pool) == ["failed"]
        await asyncio.sleep(FIRST_REST + 1)
        await send(await pool.seize(), "+9")

        assert line.failures == 0


async def test_what_our_own_side_raises_is_ours() -> None:
    """An error of the page source or sink passes to its owner; the line is not to blame."""

    class Lost(Charts):
        async def confirming(self, index: int) -> None:
            raise RuntimeError("the claim is lost")

    office = Office()
    async with office.pool(office.line("+1", sends=False), office.line("+2")) as pool:
        line = await pool.seize()
        with pytest.raises(RuntimeError, match="the claim is lost"):
            await send(line, "+1", Lost(PAGES))
        pool.release(line)

        assert office.states(pool)[1] == "idle"


async def test_a_sink_that_raises_ends_the_call() -> None:
    """An error while a received page is kept ends the call unconfirmed, and the line rests."""

    class Full(Keeper):
        def begin(self, form: PageForm) -> KeepingWriter:
            raise OSError("no space left on device")

    office = Office(Full())
    async with office.pool(office.line("+1", sends=False)) as pool:
        report = await call(office, "+91", "+1")

        assert not report.succeeded
        assert [str(status) for status in pool.status()] == ["failed: no space left on device"]
