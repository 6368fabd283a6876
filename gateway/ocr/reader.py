"""The gateway's side of reading a page: a process for it, waited for in a thread.

A process that is silent for too long, says nonsense or dies is killed with all that it started; so
is one for whose page nobody waits any more. What a page does to it is the page's `problem`, never
an exception.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import gateway
from gateway.config.ocr import Ocr
from gateway.ocr.program import DATA
from gateway.ocr.text import PageText
from gateway.ocr.worker import REASONS, Order, ask, text_of
from gateway.offramp.isolate import End
from gateway.offramp.protocol import ProtocolError, unpack
from gateway.offramp.scratch import Scratch, sweep
from gateway.offramp.workers import environment
from gateway.store.records import StoredPage

GRACE = 30.0  # s for the process to come up and to answer, beyond the time of the page
COMMAND = [sys.executable, "-m", "gateway.ocr.worker"]


class NoReader(Exception):  # noqa: N818 - a state of affairs
    """No process could be started: this machine is short of something, no page is to blame."""


class Reader:
    """Reads pages by the settings, as many at a time as callers like."""

    def __init__(self, settings: Ocr) -> None:
        self._settings = settings

    async def read(self, page: StoredPage, *, turn_it: bool = True) -> PageText:
        """Read a page, as it came or also turned. Raises NoReader, nothing for what is on it."""
        run = _Run(order_of(self._settings, page, turn_it=turn_it), page.mmr)
        future = asyncio.get_running_loop().run_in_executor(None, run)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            run.kill()
            await asyncio.gather(future, return_exceptions=True)
            raise


class _Run:
    """One page in one process; called in a thread, killed from another."""

    def __init__(self, order: Order, mmr: bytes) -> None:
        self._order = order
        self._mmr = mmr
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def __call__(self) -> PageText:
        try:
            sweep()
            scratch = Scratch()
        except OSError as error:
            raise NoReader(str(error)) from error
        try:
            return self._read(str(scratch.path))
        finally:
            scratch.remove()

    def kill(self) -> None:
        """End it with all that it started."""
        self._killed = True
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _read(self, scratch: str) -> PageText:
        try:
            self._process = _spawn(scratch)
        except OSError as error:
            raise NoReader(str(error)) from error
        if self._killed:
            self.kill()
        try:
            asked = ask(self._order, self._mmr)
            said, _ = self._process.communicate(asked, self._order.seconds + GRACE)
        except subprocess.TimeoutExpired:
            return PageText(problem=REASONS[End.TOO_LONG])
        finally:
            self.kill()
            self._process.communicate()
        return _answered(said)


def order_of(settings: Ocr, page: StoredPage, *, turn_it: bool = True) -> Order:
    """Take what a worker needs from the settings and the page."""
    x_dpi, y_dpi = page.vr.dpi
    return Order(
        page.width,
        page.height,
        x_dpi,
        y_dpi,
        list(settings.languages),
        settings.seconds,
        settings.memory,
        turn_it,
    )


def _answered(said: bytes) -> PageText:
    try:
        message = unpack(BytesIO(said).read)
        if message is None:
            return PageText(problem=REASONS[End.CRASHED])
        return text_of(*message)
    except ProtocolError:
        return PageText(problem=REASONS[End.CRASHED])


def _spawn(scratch: str) -> subprocess.Popen[bytes]:
    """Start a worker in a session of its own, with an environment that holds no secret."""
    data = {DATA: os.environ[DATA]} if DATA in os.environ else {}
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(gateway.__file__).parents[1],  # where `-m` finds the package, installed or not
        env=environment() | data | {"TMPDIR": scratch},
        start_new_session=True,
    )
