"""Whatever work does in its child, the parent gets an outcome, and nothing is left behind."""

from __future__ import annotations

import os
import resource
import signal
import socket
import time
from pathlib import Path

import pytest

from gateway.offramp.fence import fence_in
from gateway.offramp.isolate import End, Outcome, Say, run_isolated
from gateway.offramp.limits import GRACE, adopt_orphans, end_orphans

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

MEGABYTE = 1_000_000
ROOM = 3000 * MEGABYTE  # the test process itself has much mapped


def run(work: object, *, seconds: float = 5, memory: int = ROOM, octets: int = 1000) -> Outcome:
    """Run it."""
    assert callable(work)
    return run_isolated(work, memory=memory, seconds=seconds, octets=octets)


def test_what_the_child_says_arrives() -> None:
    """Everything said comes back, in order."""

    def work(say: Say) -> None:
        say(b"one ")
        say(b"two")

    assert run(work) == Outcome(End.DONE, b"one two")


def test_a_crash_is_an_outcome() -> None:
    """A child that raises, exits or dies by a signal has crashed; what it said is kept."""

    def raising(say: Say) -> None:
        say(b"so far")
        raise RuntimeError("hidden")

    assert run(raising) == Outcome(End.CRASHED, b"so far")
    assert run(lambda _: os._exit(3)).end is End.CRASHED
    assert run(lambda _: os.kill(os.getpid(), signal.SIGKILL)).end is End.CRASHED


def test_a_hanging_child_is_killed() -> None:
    """A child that neither speaks nor works is killed at its time."""
    started = time.monotonic()

    assert run(lambda _: time.sleep(60), seconds=0.2).end is End.TOO_LONG
    assert time.monotonic() - started < 10


def test_a_spinning_child_runs_out_of_processor_time() -> None:
    """The processor limit holds where the wall clock would not."""

    def spin(say: Say) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (1, 3))  # as a child of one second has it
        while True:
            pass

    assert run(spin, seconds=60).end is End.TOO_LONG


def test_memory_is_limited() -> None:
    """A child that wants more memory than it may have says so."""

    def eat(say: Say) -> None:
        bytearray(2 * ROOM)

    assert run(eat).end is End.TOO_LARGE


def test_talk_is_limited() -> None:
    """A child that never stops talking is cut off."""

    def talk(say: Say) -> None:
        while True:
            say(bytes(100))

    outcome = run(talk, octets=1000)
    assert outcome.end is End.SAID_TOO_MUCH


def test_grandchildren_die_too(tmp_path: Path) -> None:
    """What a child started is killed with it."""
    note = tmp_path / "pid"

    def breed(say: Say) -> None:
        if (child := os.fork()) == 0:
            time.sleep(600)
        note.write_text(str(child))

    outcome = run_isolated(breed, memory=ROOM, seconds=0.5, octets=1000, processes=True)
    assert outcome.end is End.TOO_LONG  # the grandchild keeps the pipe open
    assert not alive(int(note.read_text()))


def alive(process: int) -> bool:
    """Whether a process runs; one that was killed and not yet reaped does not."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state in "ZX":
            return False
    return True


def test_limits_are_set_and_final() -> None:
    """A child has the limits that it was given and cannot raise them."""

    def tell(say: Say) -> None:
        limits = [
            resource.getrlimit(which)
            for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
        ]
        say(repr(limits).encode())

    assert run(tell, seconds=7).said == repr([(ROOM, ROOM), (7, 7 + GRACE), (0, 0)]).encode()


def test_the_network_can_be_left(tmp_path: Path) -> None:
    """A worker has no network at all, by one way or the other."""

    def look(say: Say) -> None:
        if not fence_in(tmp_path).network:
            say(b"not allowed")
            return
        try:
            with socket.socket() as probe:
                say(str(probe.connect_ex(("127.0.0.1", 9))).encode())
        except PermissionError:
            say(b"no sockets")

    assert run(look, octets=10_000).said in (b"no sockets", b"101", b"100")  # ENETUNREACH, ENETDOWN


def test_orphans_are_ended(tmp_path: Path) -> None:
    """A process that left its group and lost its parent is still found and killed."""
    note = tmp_path / "pid"

    def leave(say: Say) -> None:
        if os.fork() == 0:
            os.setsid()
            if (orphan := os.fork()) == 0:
                time.sleep(600)
            note.write_text(str(orphan))
            os._exit(0)
        os.wait()

    def keep_house(say: Say) -> None:
        adopt_orphans()
        run_isolated(leave, memory=ROOM, seconds=0.5, octets=10, processes=True)
        end_orphans()
        say(b"alive" if alive(int(note.read_text())) else b"gone")

    assert (
        run_isolated(keep_house, memory=ROOM, seconds=20, octets=10, processes=True).said == b"gone"
    )
