"""A directory that takes several faxes at once, and tries that were killed."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.gateway.onramp.faxes import FAX
from tests.gateway.onramp.test_targets import PARCEL, target
from tests.gateway.report.sheets import sheet


async def test_faxes_of_one_name_at_the_same_moment_are_both_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names its file first has the name; nobody overwrites another."""
    drop = target(type="directory", path=tmp_path, name="{called}", format="tiff")
    both = [replace(PARCEL, delivery=f"<d{n}@x>", pages=[sheet(n, height=9 * n)]) for n in (1, 2)]
    both = [replace(parcel, fax=replace(FAX, id=n)) for n, parcel in enumerate(both)]
    meeting, calls, sync = threading.Barrier(2, timeout=30), count(), os.fsync

    def fsync(descriptor: int) -> None:
        if next(calls) < 2:  # both are written before either has its name
            meeting.wait()
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    await asyncio.gather(*map(drop.deliver, both))

    assert {path.read_bytes() for path in tmp_path.iterdir()} == {each.tiff() for each in both}


@pytest.mark.parametrize("linked", [False, True])
async def test_what_a_killed_try_left_goes_with_the_next(tmp_path: Path, linked: bool) -> None:
    """A file that was half written, or whole and named already, is not left behind or harmed."""
    drop = target(type="directory", path=tmp_path, name="{called}")
    part = tmp_path / ".faxgate-d1@fax.localhost"
    part.write_bytes(b"%PDF half")
    if linked:
        await drop.deliver(PARCEL)
        (named,) = tmp_path.iterdir()
        part.hardlink_to(named)
    await drop.deliver(PARCEL)

    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == PARCEL.pdf()
