"""Run one piece of work in a forked child that may crash, hang or eat memory.

The child inherits what its parent has read (no copying of documents) and no file that it has open,
gets its limits, writes what it has to say into a pipe and ends. The parent takes at most so many
octets for at most so many seconds of wall clock; then the child and whatever it started are killed
as a group. What comes back is what the child wrote and how it ended, never an exception.

Only for single-threaded parents: the render worker is one.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from gateway.offramp.limits import die_with_parent, limit

CHUNK = 1 << 18  # octets
MOST_FILES = 1 << 20  # numbers of open files end below it (fs.nr_open)
CRASHED = 70  # exit status: the work raised (EX_SOFTWARE of sysexits.h)
NO_MEMORY = 71  # exit status: the work ran into its memory limit

Say = Callable[[bytes], None]


class End(Enum):
    """How the work ended."""

    DONE = "done"
    TOO_LONG = "took too long"
    TOO_LARGE = "needed too much memory"
    SAID_TOO_MUCH = "said too much"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a child said, and how it ended."""

    end: End
    said: bytes


def run_isolated(
    work: Callable[[Say], None],
    *,
    memory: int,
    seconds: float,
    octets: int,
    processes: bool = False,
) -> Outcome:
    """Fork, let `work` say things for so many seconds and octets, and wait for its end.

    `processes` tells whether it may start others; they get the same limits and are killed with it.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _be_child(work, writable, memory=memory, seconds=seconds, processes=processes)
    os.close(writable)
    said, cut = bytearray(), End.CRASHED
    try:
        cut = _listen(readable, said, seconds, octets)
    finally:
        os.close(readable)
        status = _end_of(child, kill=cut is not End.DONE)
    return Outcome(cut if cut is not End.DONE else _meaning(status), bytes(said))


def _be_child(
    work: Callable[[Say], None], writable: int, *, memory: int, seconds: float, processes: bool
) -> NoReturn:
    """Do the work and end, without ever returning into the parent's code."""
    status = CRASHED
    try:
        os.setpgid(0, 0)
        die_with_parent()
        _let_go_of_all_but(writable)
        limit(memory=memory, seconds=seconds, processes=processes)
        work(lambda octets: write_all(writable, octets))
        status = 0
    except MemoryError:
        status = NO_MEMORY
    finally:
        os._exit(status)


def _let_go_of_all_but(kept: int) -> None:
    """Close what the parent has open: the pipes by which it hears of other mails, for example."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.closerange(3, kept)
    os.closerange(kept + 1, MOST_FILES)


def write_all(fd: int, octets: bytes) -> None:
    """Write to a blocking pipe until everything is written."""
    view = memoryview(octets)
    while view:
        view = view[os.write(fd, view) :]


def _listen(fd: int, said: bytearray, seconds: float, octets: int) -> End:
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                continue
            chunk = os.read(fd, CHUNK)
            if not chunk:
                return End.DONE
            said += chunk
            if len(said) > octets:
                return End.SAID_TOO_MUCH
    return End.TOO_LONG


def _end_of(child: int, *, kill: bool) -> int:
    """Kill the child's group, so that nothing that it started outlives it, and reap it."""
    if not kill:
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    for target in (-child, child):  # the group may not exist yet
        try:
            os.kill(target, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _meaning(status: int) -> End:
    ends = {0: End.DONE, NO_MEMORY: End.TOO_LARGE, -signal.SIGXCPU: End.TOO_LONG}
    return ends.get(status, End.CRASHED)
