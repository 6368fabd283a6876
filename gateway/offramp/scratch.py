"""The directories in which render workers write, and the sweeping of those that nobody owns.

A worker's directory is named with the process that made it and locked by it: the kernel lets the
lock go with the process, however that ends. What is not locked any more is removed before the next
worker starts. The lock decides and not the number, which another process may have by now.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "faxgate-worker-"
NAMED = PREFIX + "[0-9]*-*"
SOCKETS = Path("/tmp")
TRIES = 5  # a sweeper may find a directory in the moment before its lock


class Scratch:
    """One directory, ours until `remove`, or until this process ends."""

    def __init__(self) -> None:
        """Make it; raises OSError."""
        for _ in range(TRIES):
            self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
            with suppress(OSError):
                self._lock = _locked(self.path)
                if self.path.exists():
                    return
                os.close(self._lock)
        raise OSError(f"no directory of our own could be kept in {tempfile.gettempdir()}")

    def remove(self) -> None:
        """Remove it with all that is in it; once."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep() -> None:
    """Remove the directories whose owners are gone; those of other users are left alone."""
    for path in Path(tempfile.gettempdir()).glob(NAMED):
        with suppress(OSError):
            lock = _locked(path)
            try:
                if os.fstat(lock).st_uid == os.getuid():
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)


def sweep_sockets(directory: Path = SOCKETS) -> None:
    """Remove the sockets of LibreOffices that have ended: they may bind one, and remove none."""
    for path in directory.glob(f"OSL_PIPE_{os.getuid()}_*"):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)
            try:
                probe.connect(os.fspath(path))
            except ConnectionRefusedError:
                path.unlink()


def _locked(path: Path) -> int:
    """Open and lock a directory; raises OSError where another has it, or it is none."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(directory)
        raise
    return directory
