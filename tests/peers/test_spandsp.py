from __future__ import annotations

from pathlib import Path

import pytest

from modems.session import BR, DF, EC
from modems.terminal import CallReport
from tests.peers import ours
from tests.peers.fax_machine import Machine
from tests.peers.paper import document, same
from tests.peers.spandsp import library
from tests.peers.station import Running, Station, running

pytestmark = [pytest.mark.peer, pytest.mark.slow]

SPEED = 4.0
#   coding, ECM, modems of the machine, resolution, pages
CASES = [
    ("mmr", True, ("v17",), "fine", 3),
    ("mr", True, ("v29",), "standard", 1),
    ("mh", True, ("v27ter",), "fine", 1),
    ("mr", False, ("v17",), "superfine", 1),
    ("mh", False, ("v29",), "fine", 3),
    ("mr", False, ("v27ter",), "standard", 1),
]
RATES = {"v17": BR.BR_14400, "v29": BR.BR_9600, "v27ter": BR.BR_4800}


@pytest.fixture(autouse=True)
def spandsp() -> None:
    """The judge must be there."""
    library()


def agrees(report: CallReport, station: Running, coding: str, ecm: bool, modem: str) -> None:
    """Both sides tell the same of the call, and it is what the case wants."""
    assert report.succeeded, report.trace
    assert report.parameters is not None
    assert report.parameters.df is DF[coding.upper()]
    assert report.parameters.br <= RATES[modem]  # a busy machine may be too late for the best one
    assert (report.parameters.ec is not EC.OFF) == ecm
    _, code, words, told = station.wait_for("machine ended", timeout=30)
    assert (code, words) == (0, "OK")
    assert told["bit_rate"] == report.parameters.br.bit_rate
    assert told["coding"] == report.parameters.df.name
    assert told["ecm"] == ecm
    assert told["ident"] == "+100"
    assert report.remote_identity == "+200"


@pytest.mark.parametrize(("coding", "ecm", "modems", "resolution", "pages"), CASES)
def test_a_fax_machine_receives_our_pages(
    tmp_path: Path, coding: str, ecm: bool, modems: tuple[str, ...], resolution: str, pages: int
) -> None:
    """What we send to a foreign fax machine is on its paper, pel by pel."""
    paper, got, device = (
        document(tmp_path / "a.tif", pages, resolution),
        tmp_path / "b.tif",
        tmp_path / "modem",
    )
    have = ("v27ter",) if modems == ("v27ter",) else ("v27ter", *modems)
    machine = Machine(ecm=ecm, modems=have, receives=str(got))
    with running(Station({"100": str(device)}, machine, SPEED)) as station:
        report = ours.sent(device, paper, speed=SPEED, coding=coding)
        agrees(report, station, coding, ecm, modems[0])

    assert same(paper, got)


@pytest.mark.parametrize(("coding", "ecm", "modems", "resolution", "pages"), CASES)
def test_we_receive_a_fax_machines_pages(
    tmp_path: Path, coding: str, ecm: bool, modems: tuple[str, ...], resolution: str, pages: int
) -> None:
    """What a foreign fax machine sends is what we keep, pel by pel."""
    paper, got, device = (
        document(tmp_path / "a.tif", pages, resolution),
        tmp_path / "b.tif",
        tmp_path / "modem",
    )
    have = ("v27ter",) if modems == ("v27ter",) else ("v27ter", *modems)
    codings = {"mh": ("mh",), "mr": ("mh", "mr"), "mmr": ("mh", "mr", "mmr")}[coding]
    machine = Machine(ecm=ecm, modems=have, codings=codings, sends=str(paper))
    with running(Station({"100": str(device)}, machine, SPEED)) as station:
        report = ours.received(device, got, lambda: station.call("100"), speed=SPEED)
        agrees(report, station, coding, ecm, modems[0])

    assert same(paper, got)
