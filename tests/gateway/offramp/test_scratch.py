"""A directory of a worker is there as long as its owner, and not longer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gateway.offramp.scratch import PREFIX, Scratch, sweep
from gateway.offramp.workers import Worker

OWNER = (
    "import sys; from gateway.offramp.scratch import Scratch\n"
    "kept = Scratch(); (kept.path / 'left').write_text('x'); print(kept.path, flush=True)\n"
    "sys.stdin.read()"
)


@pytest.fixture
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory in which temporary ones are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_owner_left_is_swept(tmp: Path) -> None:
    """While its owner lives a directory stays; when that is killed, the next sweep removes it."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER],
        env=os.environ | {"TMPDIR": str(tmp)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout
        path = Path(owner.stdout.readline().strip())
        sweep()
        assert path.parent == tmp
        assert f"-{owner.pid}-" in path.name
        assert (path / "left").exists()
        owner.send_signal(signal.SIGKILL)
        owner.wait(10)
        sweep()

    assert not path.exists()


def test_only_directories_of_workers_are_swept(tmp: Path) -> None:
    """Files, links and directories of other names stay, and so does what a link leads to."""
    (tmp / "other-1-x").mkdir()
    (tmp / f"{PREFIX}1-file").write_text("x")
    (tmp / f"{PREFIX}1-link").symlink_to(tmp / "other-1-x")
    (tmp / f"{PREFIX}1-old").mkdir()
    before = set(tmp.iterdir())
    sweep()

    assert before - set(tmp.iterdir()) == {tmp / f"{PREFIX}1-old"}


def test_our_own_is_kept_until_it_is_removed(tmp: Path) -> None:
    """A sweep of the same process leaves what it uses."""
    scratch = Scratch()
    sweep()
    assert scratch.path.is_dir()
    scratch.remove()

    assert list(tmp.iterdir()) == []


def test_a_worker_sweeps_before_it_starts_and_leaves_nothing(tmp: Path) -> None:
    """What an earlier gateway left is gone when a worker is ready; its own, when it is closed."""
    old = tmp / f"{PREFIX}1-old"
    old.mkdir()
    worker = Worker()
    try:
        worker.start()
        assert not old.exists()
        assert len(list(tmp.glob(f"{PREFIX}*"))) == 1
    finally:
        worker.close()
        worker.close()

    assert list(tmp.glob(f"{PREFIX}*")) == []
