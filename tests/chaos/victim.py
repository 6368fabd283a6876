"""The gateway process: started, killed, stopped in order, and looked at from outside (Linux)."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

STARTUP = 60.0  # s to answer at the control socket
ORDERLY = 60.0  # s to end after SIGTERM, calls in progress included
VANISH = 10.0  # s in which the children of a killed gateway are gone
TROUBLE = 2.5  # s that a disk is full, a database locked, or mailboxes gone
OPEN_ROWS = """
    select count(*) from recipient where ended_at is null
    union all select count(*) from received where ended_at is null
    union all select count(*) from outgoing where ended_at is null
"""


class Victim:
    """`faxgate serve` on the state directory `state`, as often as one likes.

    `program` is the module that runs: the gateway itself, or with others around it.
    """

    def __init__(self, state: Path, config: Path, program: str = "gateway") -> None:
        self._program = program
        self.state = state
        self.config = config
        self.log = config.with_suffix(".log")
        self.temporary = config.with_suffix(".tmp")
        self.temporary.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that runs."""
        assert self._process
        return self._process.pid

    def spawn(self) -> subprocess.Popen[bytes]:
        """A gateway process."""
        command = [sys.executable, "-m", self._program, "serve", "-c", str(self.config)]
        with self.log.open("ab") as log:
            environment = os.environ | {"TMPDIR": str(self.temporary)}
            return subprocess.Popen(command, stderr=log, env=environment)

    def start(self) -> None:
        """Run, and answer; what has ended is started again, as systemd would."""
        deadline = time.monotonic() + STARTUP
        self._process = self._process or self.spawn()
        while not self.answers():
            assert time.monotonic() < deadline, f"the gateway does not start: see {self.log}"
            if self._process.poll() is not None:
                time.sleep(0.5)
                self._process = self.spawn()
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether this very process has opened its control socket."""
        with socket.socket(socket.AF_UNIX) as link:
            try:
                link.connect(str(self.state / "control.sock"))
            except OSError:
                return False
            return True

    def kill(self) -> None:
        """SIGKILL; whatever it had started goes with it."""
        assert self._process
        children = descendants(self.pid)
        self._process.kill()
        self._process.wait()
        self._see_gone(children)

    def stop(self) -> None:
        """SIGTERM in the middle of whatever it does: it ends in order and in time."""
        assert self._process
        if self._process.poll() is not None:  # the disk may have ended it
            self.start()
        children = descendants(self.pid)
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(ORDERLY)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"no orderly end within {ORDERLY:.0f} s") from None
        assert status == 0, f"exit {status} after SIGTERM"
        self._see_gone(children)

    def end(self) -> None:
        """Whatever happened, it runs no longer."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _see_gone(self, children: set[int]) -> None:
        deadline = time.monotonic() + VANISH
        while left := {child for child in children if alive(child)}:
            assert time.monotonic() < deadline, f"left behind: {sorted(left)}"
            time.sleep(0.05)

    def rival(self) -> None:
        """A second gateway on the same state directory gives up, and says why."""
        second = self.spawn()
        assert second.wait(STARTUP) == 1
        assert "another gateway is running" in self.log.read_text(errors="replace")

    def fill_the_disk(self) -> None:
        """For a while it can write to no file: to the system a file that may not grow is alike."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, hard))
        time.sleep(TROUBLE)
        if alive(self.pid):
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def lock_the_database(self) -> None:
        """For a while somebody else writes to the database."""
        with closing(sqlite3.connect(self.state / "faxgate.db", isolation_level=None)) as db:
            db.execute("pragma busy_timeout = 30000")
            db.execute("begin immediate")
            time.sleep(TROUBLE)
            db.execute("rollback")

    def take_the_mailboxes_away(self) -> None:
        """For a while no mailbox can be written to."""
        mail, real = self.state / "mail", (self.state / "mail").resolve()
        point(mail, at=self.config)
        time.sleep(TROUBLE)
        point(mail, at=real)

    def leave_alone(self) -> None:
        """Nobody calls it any more."""
        self.config.with_suffix(".quiet").touch()

    def owes(self) -> bool:
        """Whether a call or a mail is still to come, read past the gateway's own code."""
        with closing(sqlite3.connect(f"file:{self.state}/faxgate.db?mode=ro", uri=True)) as db:
            return any(count for (count,) in db.execute(OPEN_ROWS))

    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def memory(self) -> int:
        """Resident octets of the gateway process itself."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def point(link: Path, *, at: Path) -> None:
    """Point a symbolic link at something else, at one instant."""
    new = link.with_suffix(".new")
    new.symlink_to(at)
    new.replace(link)


def descendants(pid: int) -> set[int]:
    """Every process below `pid`."""
    parents = {child: parent for child in processes() if (parent := parent_of(child))}
    found: set[int] = set()
    level = {pid}
    while level := {child for child, parent in parents.items() if parent in level} - found:
        found |= level
    return found


def processes() -> list[int]:
    """Every process of the machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def parent_of(pid: int) -> int:
    """The parent; 0 for a process that is gone or only waits to be reaped."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if state in "ZX" else int(parent)


def alive(pid: int) -> bool:
    """Whether a process still runs."""
    return parent_of(pid) != 0
