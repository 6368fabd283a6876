"""UUCP lock files: one program at a time on a serial port (HDB style, as FHS 5.9 has it).

The lock is /var/lock/LCK..<device> with the owner's process number in ten columns and a newline. A
lock whose owner lives is respected; one whose owner has died is stale and is taken over, and so is
one that names our own process although we do not hold it: the machine or container has begun anew
and counts its processes from the start. A lock that names nobody is respected for as long as its
owner may need to write it; one that cannot be read is always. A link such as /dev/modem is locked
under its own name and the device's, since other programs may know only one of them; a link
elsewhere only under the device's, since its name means nothing to anybody. Where the directory is
missing nothing is locked; where this user may not write to it (Debian 13; a unit of systemd with
ProtectSystem) the locks of others are respected and none is made, and the port is kept by the
kernel alone (TIOCEXCL, flock).

Blocking calls: a few system calls each, for a thread.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

DIRECTORY: Final = Path("/var/lock")
COLUMNS: Final = 10
BEING_WRITTEN: Final = 30.0  # s; a lock that names nobody yet may be new
NOT_OURS: Final = frozenset((errno.EACCES, errno.EPERM, errno.EROFS))
ATTEMPTS: Final = 3  # a stale lock may be taken over by somebody else in the same moment

_OURS: Final[set[Path]] = set()  # what this process holds


class Locked(Exception):  # noqa: N818 - it is an outcome
    """Another program has the port."""


class UucpLock:
    """The lock of one device, held from `acquire` to `release`."""

    def __init__(self, device: str, directory: Path = DIRECTORY) -> None:
        names = {_name(path) for path in (device, os.path.realpath(device)) if _is_device(path)}
        self._paths = [directory / f"LCK..{name}" for name in sorted(names)]
        self._held: list[Path] = []

    def acquire(self) -> None:
        """Take the lock. Raises Locked, naming the owner, while another living process has it."""
        for path in self._paths:
            if not path.parent.is_dir():
                continue
            try:
                made = _take(path)
            except Locked:
                self.release()
                raise
            if made:
                self._held.append(path)
                _OURS.add(path)

    def release(self) -> None:
        """Give it back; may be repeated."""
        for path in self._held:
            _OURS.discard(path)
            if owner(path) == os.getpid():
                path.unlink(missing_ok=True)
        self._held.clear()


def owner(path: Path) -> int | None:
    """The process that a lock file names; None where it names none. Raises OSError."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(raw) == 4 and not raw.strip().isdigit():  # the older binary style
        return int.from_bytes(raw, "little")
    with contextlib.suppress(ValueError, IndexError):
        return int(raw.split()[0])
    return None


def _take(path: Path) -> bool:
    """Make one lock file, complete from the moment it appears; false where none can be made."""
    draft = path.with_name(f"LTMP.{os.getpid()}")
    try:
        draft.write_text(f"{os.getpid():{COLUMNS}d}\n", encoding="ascii")
    except OSError as error:
        if error.errno not in NOT_OURS:
            raise
        _is_stale(path)
        log.info("no lock files: %s", error)
        return False
    draft.chmod(0o644)
    try:
        for _ in range(ATTEMPTS):
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                if _is_stale(path):
                    path.unlink(missing_ok=True)
            else:
                return True
        raise Locked(f"{path} comes back as often as it is removed")
    finally:
        draft.unlink(missing_ok=True)


def _is_stale(path: Path) -> bool:
    """Whether there is a lock, and it holds nobody up. Raises Locked."""
    try:
        holder, age = owner(path), time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return False
    except PermissionError:
        raise Locked(f"another program has the port: {path} is not ours to read") from None
    if holder is None and 0 <= age < BEING_WRITTEN:
        raise Locked(f"another program is about to take the port ({path} names nobody and is new)")
    if path in _OURS:
        raise Locked("another line of this same program has the port")
    if holder not in {None, os.getpid()} and _lives(holder or 0):
        raise Locked(f"process {holder}{_program(holder or 0)} has the port ({path})")
    return True


def _program(process: int) -> str:
    """The name of a process, where the system tells it."""
    try:
        return f" ({Path(f'/proc/{process}/comm').read_text(encoding='utf-8').strip()})"
    except (OSError, UnicodeDecodeError):
        return ""


def _lives(process: int) -> bool:
    if process <= 0:  # no process, but a group of them to kill(2)
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OverflowError:  # no process has such a number
        return False
    except PermissionError:
        return True
    return True


def _is_device(path: str) -> bool:
    """Whether the path is a name that other programs know the device by."""
    return os.path.abspath(path).startswith("/dev/")  # noqa: PTH100 - a Path would follow the link


def _name(device: str) -> str:
    """The device's name in lock files: ttyS0, and pts.3 for /dev/pts/3."""
    parts: Iterable[str] = Path(device).parts
    kept = [p for p in parts if p not in {"/", "dev"}]
    return ".".join(kept[-2:] if len(kept) > 1 and kept[-2] == "pts" else kept[-1:])
