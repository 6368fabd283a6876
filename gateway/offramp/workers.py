"""The gateway's side of a render worker: a child process that takes a mail and gives pages.

Everything here blocks, and so runs in a thread; `kill` may be called from any other. A worker that
is silent for too long, says what is no message, or dies, is killed with its whole group, and what
it had said of the mail is forgotten: a mail is rendered whole or not at all.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import gateway
from gateway.offramp.memory import TUNABLES
from gateway.offramp.protocol import (
    CodedPage,
    Order,
    PartDone,
    ProtocolError,
    head,
    page_from,
    part_from,
    unpack,
)
from gateway.offramp.scratch import Scratch, sweep, sweep_sockets

CHUNK = 1 << 20  # octets at a time through the pipe
GRACE = 30.0  # s that a worker may be silent beyond the time of one part
START = 60.0  # s in which a worker must be ready
# What a worker sees of the gateway's environment: nothing secret is needed to draw.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "OPENBLAS_NUM_THREADS": "1",  # a process that forks has one thread
    "PYTHONDONTWRITEBYTECODE": "1",
    **TUNABLES,
}
COMMAND = [sys.executable, "-m", "gateway.offramp.worker"]
PASSED_ON = ("XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")


class WorkerFailed(Exception):  # noqa: N818 - a state of affairs
    """The worker died, hung or talked nonsense; it has been killed."""


class NoWorker(WorkerFailed):
    """No worker could be started: this machine is short of something, no mail is to blame."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a worker made of one mail: its pages in order, and what became of each part."""

    pages: tuple[CodedPage, ...]
    parts: tuple[PartDone, ...]


class Worker:
    """One worker process, started by the first mail that it is given."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: Scratch | None = None  # for what processes leave when they are killed
        self._killed = False
        self.barriers: tuple[str, ...] = ()  # between documents and everything else, in words
        self.fenced = False  # whether they can read no other files

    @property
    def usable(self) -> bool:
        """Whether it can take another mail."""
        return not self._killed

    def start(self) -> None:
        """Start the process and wait until it is ready; raises `NoWorker`."""
        if self._process is not None:
            return
        try:
            sweep()
            self._scratch = Scratch()
            self._process = _spawn(str(self._scratch.path))
            kind, values, _ = self._next(time.monotonic() + START)
            if kind != "ready":
                self._fail(f"it said {kind} where it should be ready")
            self.barriers = tuple(map(str, values["barriers"]))
            self.fenced = bool(values["files"])
        except (OSError, WorkerFailed) as failure:
            raise NoWorker(str(failure)) from failure

    def render(self, order: Order, raw: bytes) -> Delivery:
        """Have a mail rendered; raises `WorkerFailed`, `NoWorker` before the mail is touched."""
        self.start()
        silence = order.seconds + GRACE
        self._send(head("mail", asdict(order), len(raw)), time.monotonic() + silence)
        self._send(raw, time.monotonic() + silence)  # not joined: a large copy holds the GIL
        pages: list[CodedPage] = []
        parts: list[PartDone] = []
        while True:
            kind, values, octets = self._next(time.monotonic() + silence)
            if kind == "end":
                sweep_sockets()
                return Delivery(tuple(pages), tuple(parts))
            try:
                if kind == "page":
                    pages.append(page_from(values, octets))
                else:
                    parts.append(part_from(values))
            except ProtocolError as error:
                self._fail(str(error))

    def kill(self) -> None:
        """Kill the process with everything that it started; any thread may call this."""
        self._killed = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill the process and forget it."""
        self.kill()
        if self._process is not None:
            self._process.communicate()
        if self._scratch:
            self._scratch.remove()
            self._scratch = None

    def _send(self, octets: bytes, deadline: float) -> None:
        stdin = self._pipes[0]
        view = memoryview(octets)
        try:
            while view:
                self._wait(stdin, selectors.EVENT_WRITE, deadline)
                view = view[os.write(stdin, view[:CHUNK]) :]
        except BrokenPipeError:
            self._fail("it died while a mail was given to it")

    def _next(self, deadline: float) -> tuple[str, dict[str, Any], bytes]:
        try:
            message = unpack(lambda count: self._read(count, deadline))
        except ProtocolError as error:
            self._fail(str(error))
        if message is None:
            self._fail("it died")
        return message

    def _read(self, count: int, deadline: float) -> bytes:
        """Read so many octets, fewer only at the end of the stream."""
        stdout = self._pipes[1]
        buffer = bytearray(count)
        filled = 0
        while filled < count:
            self._wait(stdout, selectors.EVENT_READ, deadline)
            got = os.readv(stdout, [memoryview(buffer)[filled : filled + CHUNK]])
            if not got:
                break
            filled += got
        return bytes(buffer[:filled])

    def _wait(self, fd: int, event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(fd, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                self._fail("it was silent for too long")

    @property
    def _pipes(self) -> tuple[int, int]:
        process = self._process
        assert process
        assert process.stdin
        assert process.stdout
        return process.stdin.fileno(), process.stdout.fileno()

    def _fail(self, why: str) -> NoReturn:
        self.close()
        raise WorkerFailed(why)


def environment() -> dict[str, str]:
    """Give the environment of a worker."""
    return ENVIRONMENT | {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def _spawn(scratch: str) -> subprocess.Popen[bytes]:
    """Start a worker in a session of its own, with an environment that holds no secret."""
    process = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(gateway.__file__).parents[1],  # where `-m` finds the package, installed or not
        env=environment() | {"TMPDIR": scratch},
        start_new_session=True,
        bufsize=0,
    )
    assert process.stdin
    os.set_blocking(process.stdin.fileno(), False)
    return process
