from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import ours
from tests.peers.hylafax import HylaFax, installed
from tests.peers.paper import document, same
from tests.peers.spandsp import library
from tests.peers.station import Station, running

pytestmark = [pytest.mark.interop, pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(240)]

SPEED = 2.0  # HylaFAX keeps to life's clock: at 4 it is too late for the second page
WHOLE = 2200  # rows; it draws anew what is much shorter than A4, or longer


@pytest.fixture(autouse=True)
def judge() -> None:
    """HylaFAX must be there, and the modems for both of us."""
    library()
    installed()


@pytest.mark.parametrize(("ecm", "pages"), [(True, 2)])
def test_hylafax_receives_our_pages(tmp_path: Path, ecm: bool, pages: int) -> None:
    """What we send to HylaFAX is what it keeps, pel by pel."""
    paper, device, theirs = (
        document(tmp_path / "a.tif", pages, rows=500),
        tmp_path / "ours",
        HylaFax(tmp_path),
    )
    with (
        running(Station({"100": str(device), "200": str(theirs.link)}, speed=SPEED)),
        theirs.running(),
    ):
        report = ours.sent(device, paper, speed=SPEED, ecm=ecm)
        assert report.succeeded, report.trace
        got = theirs.received()
        assert same(paper, got)

    assert report.parameters is not None
    assert bool(report.parameters.ec) == ecm


@pytest.mark.parametrize("ecm", [False])
def test_we_receive_hylafaxes_pages(tmp_path: Path, ecm: bool) -> None:
    """What HylaFAX sends is what we keep, pel by pel."""
    paper, got, theirs = (
        document(tmp_path / "a.tif", pages=1, rows=WHOLE),
        tmp_path / "b.tif",
        HylaFax(tmp_path),
    )
    device = tmp_path / "ours"
    with (
        running(Station({"100": str(device), "200": str(theirs.link)}, speed=SPEED)),
        theirs.running(),
    ):
        report = ours.received(device, got, lambda: theirs.send(paper, "100"), speed=SPEED, ecm=ecm)

    assert report.succeeded, report.trace
    assert report.parameters is not None
    assert bool(report.parameters.ec) == ecm
    assert same(paper, got)
