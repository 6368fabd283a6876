from __future__ import annotations

import asyncio
import gc
import os
import time
import tty
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from modems.port import PortLost, SerialPort

XOFF, XON = b"\x13", b"\x11"
MOST = 0.010  # s; the loop may not be held longer by anything that a port does


@dataclass
class Wire:
    """The two ends of a pty: the port under test, and the modem's side."""

    port: SerialPort
    master: int

    def heard(self) -> bytes:
        """What has come to the modem's side."""
        try:
            return os.read(self.master, 65536)
        except BlockingIOError:
            return b""


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """A port on a pty."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    port = await SerialPort.open(os.ttyname(slave))
    yield Wire(port, master)
    await port.close()
    for end in (master, slave):
        try:
            os.close(end)
        except OSError:
            continue


class Watch:
    """Measures how long the event loop was ever held.

    What other tests have left on the heap is nothing that a gateway's collector would go through.
    """

    def __init__(self) -> None:
        gc.collect()
        gc.freeze()
        self.longest = 0.0
        self._last = time.thread_time()
        self._handle = asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        now = time.thread_time()  # the work of this thread, whatever else the machine does
        self.longest = max(self.longest, now - self._last)
        self._last = now
        self._handle = asyncio.get_running_loop().call_soon(self._look)

    def stop(self) -> float:
        self._handle.cancel()
        gc.unfreeze()
        return self.longest


async def test_octets_go_both_ways(wire: Wire) -> None:
    """Every octet value passes unchanged in both directions, XON and XOFF too where told so."""
    wire.port.software_flow(False)
    every = bytes(range(256))
    wire.port.write(every)
    await wire.port.drained()
    assert wire.heard() == every

    os.write(wire.master, every)
    got = b""
    while len(got) < len(every):
        got += await wire.port.read()
    assert got == every


async def test_xoff_stops_us_and_xon_lets_us_go_on(wire: Wire) -> None:
    """A modem that says XOFF gets nothing more until it says XON."""
    assert wire.port.uses_software_flow
    wire.port.software_flow(True)
    os.write(wire.master, XOFF)
    await asyncio.sleep(0.02)  # the kernel takes its time
    wire.port.write(b"held")
    await asyncio.sleep(0.05)
    assert wire.heard() == b""

    os.write(wire.master, XON)
    await asyncio.sleep(0.05)
    assert wire.heard() == b"held"


async def test_a_modem_that_takes_nothing_holds_nobody(wire: Wire) -> None:
    """While a modem takes nothing, the writer waits and the event loop does not."""
    watch = Watch()
    wire.port.write(bytes(100_000))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await wire.port.room()

    assert watch.stop() < MOST


async def test_everything_arrives_when_the_modem_takes_it(wire: Wire) -> None:
    """What was held back goes out in order, and room is waited for until then."""
    sent = os.urandom(100_000).replace(XOFF, b"a").replace(XON, b"b")
    wire.port.write(sent)
    got = bytearray()
    reading = asyncio.get_running_loop()
    reading.add_reader(wire.master, lambda: got.extend(os.read(wire.master, 4096)))
    await wire.port.room()
    await wire.port.drained()
    await asyncio.sleep(0.05)
    reading.remove_reader(wire.master)

    assert bytes(got) == sent


async def test_what_was_discarded_is_not_sent(wire: Wire) -> None:
    """Output that is given up does not come out later."""
    os.write(wire.master, XOFF)
    await asyncio.sleep(0.02)
    wire.port.write(bytes(50_000))
    wire.port.discard()
    wire.port.write(b"AT\r")
    os.write(wire.master, XON)
    await asyncio.sleep(0.1)

    assert wire.heard().endswith(b"AT\r")


async def test_a_port_that_goes_away_says_so(wire: Wire) -> None:
    """Whoever reads is told when the device is pulled out; so is everybody after him."""
    reading = asyncio.create_task(wire.port.read())
    await asyncio.sleep(0)
    os.close(wire.master)
    with pytest.raises(PortLost):
        await reading
    with pytest.raises(PortLost):
        await wire.port.room()
    wire.port.write(b"lost")
    wire.port.discard()
    wire.port.software_flow(False)
    assert await wire.port.carrier() is None
    with pytest.raises(PortLost):
        await wire.port.drop_dtr()
    await wire.port.close()


async def test_a_flood_is_bounded(wire: Wire) -> None:
    """Who does not read stops the modem, and loses nothing by it."""
    reading = asyncio.get_running_loop()
    left = bytearray(os.urandom(300_000).replace(XOFF, b"a").replace(XON, b"b"))
    whole = bytes(left)

    def pour() -> None:
        try:
            del left[: os.write(wire.master, left[:4096])]
        except BlockingIOError:
            return
        if not left:
            reading.remove_writer(wire.master)

    reading.add_writer(wire.master, pour)
    await asyncio.sleep(0.2)
    assert len(left) > 100_000
    got = b""
    while len(got) < len(whole):
        got += await wire.port.read()
    assert got == whole


async def test_a_pty_has_no_dtr(wire: Wire) -> None:
    """Where there are no wires, dropping one hangs up nothing, and the caller is told."""
    assert await wire.port.drop_dtr() is False


async def test_a_port_closes_while_the_modem_takes_nothing(wire: Wire) -> None:
    """Closing waits for no modem."""
    wire.port.write(bytes(100_000))
    began = time.monotonic()
    await wire.port.close()
    await wire.port.close()

    assert time.monotonic() - began < 1
    with pytest.raises(PortLost):
        await wire.port.read()


@pytest.mark.parametrize(
    ("name", "why"), [("none", "no such device"), ("file", "cannot be opened")]
)
async def test_what_is_no_port_cannot_be_opened(tmp_path: Path, name: str, why: str) -> None:
    """Whoever names the wrong file is told which, and why."""
    (tmp_path / "file").touch()

    with pytest.raises(PortLost, match=why):
        await SerialPort.open(str(tmp_path / name))


async def test_a_device_that_goes_as_we_write_is_no_fault_of_ours(wire: Wire) -> None:
    """A modem pulled out between two writes loses its port, and there is no traceback about it."""
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    os.close(wire.master)
    wire.port.write(b"AT\r")

    with pytest.raises(PortLost):
        await wire.port.read()
    assert faults == []
