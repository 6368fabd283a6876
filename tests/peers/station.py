"""The exchange with its modems and machines as a process of its own, since sound does not wait.

`python -m tests.peers.station` reads one line of JSON (a `Station`), says "ready", and from then on
one line for everything that happens; a line `call NUMBER` lets the machine call, and the end of its
input stops it. `running` is the test's side of that.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.peers.channel import Impairment
from tests.peers.exchange import Exchange
from tests.peers.fax_machine import FaxMachine, Machine
from tests.peers.soft_modem import Pty, SoftModem

PATIENCE = 10.0  # s to come up


@dataclass(frozen=True, slots=True)
class Station:
    """What the process runs: modems by number with the links to their ptys, perhaps a machine."""

    modems: dict[str, str]
    machine: Machine | None = None
    speed: float = 4.0
    impairment: Impairment = field(default_factory=Impairment)
    caller: Machine | None = None  # another, which calls where there is one


class Running:
    """A station that runs; `events` grows as it tells."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.events: list[list[Any]] = []
        self._told = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._told:
                self.events.append(json.loads(line))
                self._told.notify_all()

    def call(self, number: str) -> None:
        """Let the machine call."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"call {number}\n")
        self._process.stdin.flush()

    def wait_for(self, *events: str, timeout: float = PATIENCE) -> list[Any]:
        """The first event of one of these names: its arguments, line time first."""
        until = time.monotonic() + timeout
        with self._told:
            while True:
                for seconds, name, *arguments in self.events:
                    if name in events:
                        return [seconds, *arguments]
                if not self._told.wait(until - time.monotonic()):
                    raise TimeoutError(f"{events} has not come; {self.events}")

    def when(self, *events: str) -> float:
        """Line time of the first event of one of these names."""
        seconds: float = self.wait_for(*events)[0]
        return seconds


@contextmanager
def running(station: Station) -> Iterator[Running]:
    """A station, stopped at the end."""
    command = [sys.executable, "-m", "tests.peers.station"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(station)) + "\n")
        process.stdin.flush()
        try:
            told = Running(process)
            told.wait_for("ready")
            yield told
        finally:
            process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def main(arguments: Sequence[str] = ()) -> None:
    """The process."""
    assert not arguments
    asked = json.loads(sys.stdin.readline())
    exchange = Exchange(asked["speed"], Impairment(**asked["impairment"]), tell=_teller())
    for number, link in asked["modems"].items():
        exchange.add(SoftModem(number, Pty(Path(link))))
    machine = FaxMachine(Machine(**asked["machine"])) if asked["machine"] else None
    caller = FaxMachine(Machine(**asked["caller"])) if asked["caller"] else machine
    for subscriber in filter(None, {machine, caller}):
        exchange.add(subscriber)
    exchange.tell = _teller(exchange)
    exchange.tell("ready")
    os.set_blocking(sys.stdin.fileno(), False)
    exchange.run(lambda: _listen(exchange, caller))
    for link in asked["modems"].values():
        Path(link).unlink(missing_ok=True)


def _teller(exchange: Exchange | None = None) -> Any:
    def tell(*what: object) -> None:
        now = 0.0 if exchange is None else round(exchange.now, 2)
        sys.stdout.write(json.dumps([now, *what]) + "\n")
        sys.stdout.flush()

    return tell


def _listen(exchange: Exchange, caller: FaxMachine | None) -> None:
    """Do what the test says."""
    if select.select([sys.stdin], [], [], 0)[0]:
        words = os.read(sys.stdin.fileno(), 4096).decode().split()
        if not words:
            exchange.stopped = True
        elif words[0] == "call" and caller is not None:
            caller.call_number(words[1])


if __name__ == "__main__":
    main(sys.argv[1:])
