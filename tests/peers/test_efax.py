from __future__ import annotations

import time
from pathlib import Path

import pytest

from modems.session import DF
from tests.peers import efax, ours
from tests.peers.paper import document, same
from tests.peers.spandsp import library
from tests.peers.station import Station, running

pytestmark = [pytest.mark.interop, pytest.mark.peer, pytest.mark.slow]

SPEED = 4.0
STARTING = 3.0  # s until efax has reset its modem


@pytest.fixture(autouse=True)
def judge() -> None:
    """Efax must be there, and the modems for both of us."""
    library()
    efax.installed()


def station(tmp_path: Path) -> Station:
    return Station({"100": str(tmp_path / "ours"), "200": str(tmp_path / "theirs")}, speed=SPEED)


def test_efax_receives_our_pages(tmp_path: Path) -> None:
    """What we send to efax is what it keeps, pel by pel."""
    paper = document(tmp_path / "a.tif", pages=2, rows=500)
    with running(station(tmp_path)), efax.receiving(tmp_path / "theirs", tmp_path) as process:
        time.sleep(STARTING)
        report = ours.sent(tmp_path / "ours", paper, speed=SPEED)
        assert process.wait(efax.LIMIT) == 0

    assert report.succeeded, report.trace
    assert report.parameters is not None
    assert report.parameters.df is DF.MH
    assert report.remote_identity == "+200"
    assert same(paper, efax.received(tmp_path))


def test_we_receive_efaxes_pages(tmp_path: Path) -> None:
    """What efax sends is what we keep, pel by pel."""
    paper, got = document(tmp_path / "a.tif", pages=2, rows=500), tmp_path / "b.tif"
    with running(station(tmp_path)):
        processes = []

        def call() -> None:
            processes.append(efax.sending(tmp_path / "theirs", paper, "100"))

        report = ours.received(tmp_path / "ours", got, call, speed=SPEED)
        assert processes[0].wait(efax.LIMIT) == 0

    assert report.succeeded, report.trace
    assert report.remote_identity == "+200"
    assert same(paper, got, above=efax.ROWS_ABOVE, below=efax.ROWS_BELOW)
