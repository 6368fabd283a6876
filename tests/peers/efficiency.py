"""Line time: the same pages to the same fax machine, sent by us and by others, in real time.

Each call is timed by the exchange, from the answer to the first hang-up, so that nobody's own clock
counts. The others' programs keep to life's clock; only at its speed is it fair to compare.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.peers import efax, ours
from tests.peers.fax_machine import Machine
from tests.peers.hylafax import HylaFax
from tests.peers.paper import document
from tests.peers.station import Running, Station, running

SPEED = 1.0
LIMIT = 300.0  # s


def _seconds(station: Running) -> float:
    return station.when("hang up") - station.when("answered")


def by_us(paper: Path, folder: Path) -> float:
    """Faxgate, in the coding that makes the pages shortest."""
    machine = Machine(receives=str(folder / "got.tif"))
    with running(Station({"100": str(folder / "modem")}, machine, SPEED)) as station:
        report = ours.sent(folder / "modem", paper, speed=SPEED)
        assert report.succeeded, report.cause
        return _seconds(station)


def by_spandsp(paper: Path, folder: Path) -> float:
    """Spandsp's own terminal."""
    machine = Machine(receives=str(folder / "got.tif"))
    caller = Machine("300", sends=str(paper))
    with running(Station({}, machine, SPEED, caller=caller)) as station:
        station.call("200")
        station.wait_for("machine ended", timeout=LIMIT)
        station.wait_for("hang up", timeout=LIMIT)
        return _seconds(station)


def by_efax(paper: Path, folder: Path) -> float:
    """Efax, which knows MH only."""
    machine = Machine(receives=str(folder / "got.tif"))
    with running(Station({"100": str(folder / "modem")}, machine, SPEED)) as station:
        assert efax.sending(folder / "modem", paper, "200").wait(LIMIT) == 0
        return _seconds(station)


def by_hylafax(paper: Path, folder: Path) -> float:
    """HylaFAX."""
    machine, theirs = Machine(receives=str(folder / "got.tif")), HylaFax(folder)
    station_with = Station({"100": str(theirs.link)}, machine, SPEED)
    with running(station_with) as station, theirs.running():
        theirs.send(paper, "200")
        station.wait_for("machine ended", timeout=LIMIT)
        station.wait_for("hang up", timeout=LIMIT)
        return _seconds(station)


SENDERS: dict[str, Callable[[Path, Path], float]] = {
    "Faxgate": by_us,
    "spandsp": by_spandsp,
    "efax": by_efax,
    "HylaFAX": by_hylafax,
}


def measured(sender: str, pages: int, folder: Path) -> float:
    """Seconds of line time for so many A4 pages in fine resolution."""
    paper = document(folder / "paper.tif", pages, rows=2200)
    return SENDERS[sender](paper, folder)
