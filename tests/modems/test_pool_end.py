"""How lines end: ports let go at the stop, and a line that may still be off-hook put aside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from modems.dialler import IncomingCall
from modems.line_terminal import LineTerminal
from modems.pool import FIRST_REST
from modems.pool_line import PoolLine
from modems.simulated import SimulatedDialler
from modems.t30.line import Line
from tests.modems.office import Office, call, send

pytestmark = pytest.mark.virtual_time

SLOW = 5.0  # s that a driver takes to let its port go


def closing(office: Office, number: str, close: Callable[[], Awaitable[None]]) -> PoolLine:
    """A line whose driver is closed so."""
    return PoolLine(number, office.terminal(number), number=number, close=close)


async def test_every_port_is_let_go_even_where_one_cannot_be(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A driver that fails to close is told of, and keeps no other line's port."""
    closed: list[str] = []

    async def broken() -> None:
        raise OSError("the port is gone")

    async def sound() -> None:
        closed.append("+2")

    office = Office()
    lines = [closing(office, "+1", broken), closing(office, "+2", sound), office.line("+3")]
    async with office.pool(*lines) as pool:
        with caplog.at_level(logging.ERROR):
            await pool.close()

    assert closed == ["+2"]
    assert "could not be closed" in caplog.text
    assert "the port is gone" in caplog.text


async def test_ports_are_let_go_at_the_same_time() -> None:
    """Two drivers that take their time take it together."""

    async def slow() -> None:
        await asyncio.sleep(SLOW)

    office = Office()
    async with office.pool(closing(office, "+1", slow), closing(office, "+2", slow)) as pool:
        began = asyncio.get_running_loop().time()
        await pool.close()

        assert asyncio.get_running_loop().time() - began == pytest.approx(SLOW)


@dataclass
class OffHook:
    """A dialler whose lines never say that they have hung up."""

    dialler: SimulatedDialler

    async def dial(self, number: str) -> Line:
        """Connect."""
        return self._kept(await self.dialler.dial(number))

    async def wait_for_call(self) -> IncomingCall:
        """Ring."""
        return await self.dialler.wait_for_call()

    async def answer(self, call: IncomingCall) -> Line:
        """Connect."""
        return self._kept(await self.dialler.answer(call))

    async def reject(self, call: IncomingCall) -> None:
        """Do not."""
        await self.dialler.reject(call)

    def _kept(self, line: Line) -> Line:
        hang_up = line.hang_up

        async def unsure() -> bool:
            await hang_up()
            return False

        line.hang_up = unsure  # type: ignore[method-assign]
        return line


def off_hook(office: Office, number: str) -> PoolLine:
    """A line that may still be off-hook after a call."""
    dialler = SimulatedDialler(office.exchange, number)
    terminal = LineTerminal(OffHook(dialler), clock=dialler.now)
    return PoolLine(number, terminal, number=number)


async def test_a_line_that_may_be_off_hook_is_put_out_of_order() -> None:
    """The fax is sent all the same; the line rests, says why, and comes back by itself."""
    office = Office()
    line = off_hook(office, "+1")
    async with office.pool(line, office.line("+2")) as pool:
        line.take()
        report = await send(line, "+2")
        pool.release(line)

        assert report.succeeded
        assert "off-hook" in report.out_of_order
        assert office.states(pool) == ["failed", "idle"]
        assert "off-hook" in str(pool.status()[0])
        await asyncio.sleep(FIRST_REST + 1)
        assert office.states(pool) == ["idle", "idle"]


async def test_a_call_that_came_in_may_leave_the_line_out_of_order_too() -> None:
    """The pages are kept, and the line that took them rests."""
    office = Office()
    async with office.pool(off_hook(office, "+1")) as pool:
        assert (await call(office, "+9", "+1")).succeeded
        await asyncio.sleep(1)

        assert office.reports[0].succeeded
        assert office.states(pool) == ["failed"]
        assert "off-hook" in office.reports[0].out_of_order
