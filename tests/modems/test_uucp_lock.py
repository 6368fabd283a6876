from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modems.uucp_lock import Locked, UucpLock, owner


def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_names_its_owner(tmp_path: Path) -> None:
    """The file is the one that other programs look for, with our number in ten columns."""
    lock = UucpLock("/dev/ttyS7", tmp_path)
    lock.acquire()
    path = tmp_path / "LCK..ttyS7"

    assert path.read_text() == f"{os.getpid():10d}\n"
    lock.release()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_living_owner_is_respected(tmp_path: Path) -> None:
    """Who finds a lock whose owner lives gets an error that names him, and touches nothing."""
    path = tmp_path / "LCK..ttyS7"
    path.write_text(f"{os.getppid():10d}\n")

    with pytest.raises(Locked, match=str(os.getppid())):
        UucpLock("/dev/ttyS7", tmp_path).acquire()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", ["{dead:10d}\n", "", "rubbish\n", "0\n", "-1\n", f"{1 << 70}\n"]
)
def test_a_stale_lock_is_taken_over(tmp_path: Path, content: str) -> None:
    """A lock of a process that has ended, or of nobody, holds nobody up."""
    path = tmp_path / "LCK..ttyS7"
    path.write_text(content.format(dead=dead_process()))
    os.utime(path, (0, 0))
    UucpLock("/dev/ttyS7", tmp_path).acquire()

    assert owner(path) == os.getpid()


def test_a_lock_with_the_number_of_no_process_is_stale(tmp_path: Path) -> None:
    """Four octets of rubbish are a number in the older style, but no process has it."""
    path = tmp_path / "LCK..ttyS7"
    path.write_bytes(b"\xff" * 4)
    UucpLock("/dev/ttyS7", tmp_path).acquire()

    assert owner(path) == os.getpid()


def test_a_lock_that_is_being_written_is_respected(tmp_path: Path) -> None:
    """A program that makes its lock in two steps is not overtaken between them."""
    path = tmp_path / "LCK..ttyS7"
    path.touch()

    with pytest.raises(Locked, match="about to take"):
        UucpLock("/dev/ttyS7", tmp_path).acquire()
    assert path.exists()


def test_our_own_number_from_an_earlier_life_is_stale(tmp_path: Path) -> None:
    """A container counts its processes from one again: a lock may name us and not be ours."""
    path = tmp_path / "LCK..ttyS7"
    path.write_text(f"{os.getpid():10d}\n")
    first = UucpLock("/dev/ttyS7", tmp_path)
    first.acquire()

    with pytest.raises(Locked, match="this same program"):
        UucpLock("/dev/ttyS7", tmp_path).acquire()
    first.release()
    assert not path.exists()


def test_a_binary_lock_is_read(tmp_path: Path) -> None:
    """The older style has the number in four octets."""
    path = tmp_path / "LCK..ttyS7"
    path.write_bytes(os.getppid().to_bytes(4, "little"))

    assert owner(path) == os.getppid()


def link_in_dev(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let /dev/modem be a link to /dev/ttyUSB9."""
    known = {"/dev/modem": "/dev/ttyUSB9"}
    monkeypatch.setattr("os.path.realpath", lambda path: known.get(path, path))


def test_a_link_in_dev_is_locked_under_both_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other programs may know only the link, or only the device."""
    link_in_dev(monkeypatch)
    lock = UucpLock("/dev/modem", tmp_path)
    lock.acquire()

    assert {p.name for p in tmp_path.iterdir()} == {"LCK..modem", "LCK..ttyUSB9"}
    (tmp_path / "LCK..modem").write_text(f"{os.getppid():10d}\n")
    lock.release()
    assert [p.name for p in tmp_path.iterdir()] == ["LCK..modem"]


def test_no_half_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one of the two names is taken, the other is given back."""
    link_in_dev(monkeypatch)
    (tmp_path / "LCK..ttyUSB9").write_text(f"{os.getppid():10d}\n")

    with pytest.raises(Locked):
        UucpLock("/dev/modem", tmp_path).acquire()
    assert [p.name for p in tmp_path.iterdir()] == ["LCK..ttyUSB9"]


def test_a_link_elsewhere_is_locked_by_its_device(tmp_path: Path) -> None:
    """Two links of one name in two folders are not one port."""
    link, locks = tmp_path / "modem", tmp_path / "lock"
    locks.mkdir()
    link.symlink_to("/dev/null")
    UucpLock(str(link), locks).acquire()

    assert [p.name for p in locks.iterdir()] == ["LCK..null"]


def test_without_the_directory_nothing_is_locked(tmp_path: Path) -> None:
    """A system without UUCP locks has none."""
    UucpLock("/dev/ttyS7", tmp_path / "none").acquire()


def test_a_pty_is_locked_by_its_path(tmp_path: Path) -> None:
    """/dev/pts/3 is not /dev/3."""
    UucpLock("/dev/pts/31", tmp_path).acquire()

    assert [p.name for p in tmp_path.iterdir()] == ["LCK..pts.31"]


def test_where_no_lock_can_be_made_those_of_others_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that is not ours to write to is respected, and stops nobody."""

    def read_only(self: Path, *_: object, **__: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    (tmp_path / "LCK..ttyS8").write_text(f"{os.getppid():10d}\n")
    monkeypatch.setattr(Path, "write_text", read_only)
    lock = UucpLock("/dev/ttyS7", tmp_path)
    lock.acquire()
    lock.release()

    with pytest.raises(Locked, match=str(os.getppid())):
        UucpLock("/dev/ttyS8", tmp_path).acquire()
    assert [p.name for p in tmp_path.iterdir()] == ["LCK..ttyS8"]
