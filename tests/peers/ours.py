"""Our own end of a call with a peer: the terminal of a Class 1 line on a soft modem's pty."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from gateway.cli.fax_files import FilePages, TiffSink, read_files
from gateway.config.model import Class1Modem
from gateway.lines import class1_modem, class1_terminal
from modems.terminal import CallReport, Identity
from tests.peers.clock import run

US = Identity("+100")
OTHER = Identity("+200")  # of ours too, when we call ourselves
LONGEST_WAIT = 300.0  # line seconds until the peer calls


def sent(
    device: Path, file: Path, *, speed: float, number: str = "200", **settings: object
) -> CallReport:
    """Call `number` and send a file."""
    return run(_send(device, file, number, settings), speed)


def received(
    device: Path, file: Path, ready: Callable[[], object], *, speed: float, **settings: object
) -> CallReport:
    """Answer one call into a file; `ready()` is called when we wait for it."""
    return run(_receive(device, file, ready, settings), speed)


def both(
    devices: tuple[Path, Path], paper: Path, got: Path, rest: float, **settings: object
) -> tuple[CallReport, CallReport]:
    """Send from one modem of ours to another, in life's time, `rest` seconds after both are ready.

    The reports of the sender and of the receiver.
    """
    return run(_both(devices, paper, got, rest, settings), 1.0)


async def _both(
    devices: tuple[Path, Path], paper: Path, got: Path, rest: float, settings: dict[str, object]
) -> tuple[CallReport, CallReport]:
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as calls:
        receiving = calls.create_task(_receive(devices[1], got, ready.set, dict(settings), OTHER))
        await ready.wait()
        await asyncio.sleep(rest)
        sending = calls.create_task(_send(devices[0], paper, "200", settings))
    return sending.result(), receiving.result()


async def _send(device: Path, file: Path, number: str, settings: dict[str, object]) -> CallReport:
    coding = str(settings.pop("coding", ""))
    line = Class1Modem.model_validate({"device": str(device), **settings})
    modem = class1_modem(line)
    terminal = class1_terminal(line, modem, coding=coding or "mmr")
    try:
        pages = FilePages(await read_files([file]), shortest=not coding)
        return await terminal.send(number, pages, US)
    finally:
        await modem.close()


async def _receive(
    device: Path,
    file: Path,
    ready: Callable[[], object],
    settings: dict[str, object],
    identity: Identity = US,
) -> CallReport:
    coding = str(settings.pop("coding", ""))
    line = Class1Modem.model_validate({"device": str(device), "rings": 1, **settings})
    modem = class1_modem(line)
    terminal = class1_terminal(line, modem, coding=coding or "mmr")
    try:
        await modem.ready()
        ready()
        async with asyncio.timeout(LONGEST_WAIT):
            call = await terminal.wait_for_call()
        return await terminal.receive(call, TiffSink(file), identity)
    finally:
        await modem.close()
