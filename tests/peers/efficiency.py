"""Line time: the same pages to the same fax machine, sent by us and by others, in one run.

    python -m tests.peers.efficiency [--speed N] [--only NAME ...] [--pages N ...]

Each call is timed by the exchange, from the answer to the first hang-up, so that nobody's own clock
counts. Beside it stands what no terminal could have saved (`unavoidable`), for the rate, the coding
and the octets that this very call had, as the machine that received it tells. HylaFAX and efax keep
to life's clock, so only at speed 1 is the comparison fair.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.fax_files import FilePages, read_files
from modems.session import DF, VR
from modems.terminal import PageForm
from tests.peers import efax, ours
from tests.peers.calls import Outcome
from tests.peers.channel import Impairment
from tests.peers.fax_machine import Machine
from tests.peers.hylafax import HylaFax
from tests.peers.paper import document
from tests.peers.station import Running, Station, running
from tests.peers.unavoidable import Carried, carrier, framed_bits, page_bits, unavoidable_seconds

SPEED = 1.0
LIMIT = 300.0  # s
ROWS = 2200  # A4, but for the edges
DELAY = Impairment().delay


@dataclass(frozen=True, slots=True)
class Measured:
    """One call: what it carried, in which coding, and its seconds from answer to hang-up."""

    carried: Carried
    coding: str
    octets: int
    seconds: float

    @property
    def unavoidable(self) -> float:
        """Seconds that nobody could have saved."""
        return unavoidable_seconds(self.carried, DELAY)

    def __str__(self) -> str:
        carried, over = self.carried, 100 * (self.seconds / self.unavoidable - 1)
        ecm = "ECM" if carried.ecm else ""
        return (
            f"{self.coding:4}{ecm:4}{carried.modulation.bit_rate:6} bit/s {self.octets:7} octets"
            f"  {self.seconds:6.1f} s, pages {carried.page_seconds:5.1f} s,"
            f" unavoidable {self.unavoidable:5.1f} s, over {over:4.1f} %"
        )


def unavoidable(outcome: Outcome) -> float:
    """Seconds that nobody could have saved of one of our own calls."""
    p = outcome.report.parameters
    assert p is not None
    pages = [page_bits(page.octets, ecm=bool(p.ec)) for page in outcome.report.pages]
    return unavoidable_seconds(Carried(carrier(p.br.bit_rate), bool(p.ec), pages), DELAY)


# Who sends --------------------------------------------------------------------------------------


def by_us(paper: Path, folder: Path, speed: float) -> Measured:
    """Faxgate, in the coding that makes the pages shortest."""
    machine = Machine(receives=str(folder / "got.tif"))
    with running(Station({"100": str(folder / "modem")}, machine, speed)) as station:
        report = ours.sent(folder / "modem", paper, speed=speed)
        assert report.succeeded, report.cause
        return _measured(station, paper)


def by_spandsp(paper: Path, folder: Path, speed: float) -> Measured:
    """Spandsp's own terminal."""
    machine = Machine(receives=str(folder / "got.tif"))
    caller = Machine("300", sends=str(paper))
    with running(Station({}, machine, speed, caller=caller)) as station:
        station.call("200")
        return _measured(station, paper)


def by_efax(paper: Path, folder: Path, speed: float) -> Measured:
    """Efax, which knows MH only, and no error correction."""
    machine = Machine(receives=str(folder / "got.tif"))
    with running(Station({"100": str(folder / "modem")}, machine, speed)) as station:
        assert efax.sending(folder / "modem", paper, "200").wait(LIMIT) == 0
        return _measured(station, paper)


def by_hylafax(paper: Path, folder: Path, speed: float) -> Measured:
    """HylaFAX."""
    machine, theirs = Machine(receives=str(folder / "got.tif")), HylaFax(folder)
    station_with = Station({"100": str(theirs.link)}, machine, speed)
    with running(station_with) as station, theirs.running():
        theirs.send(paper, "200")
        return _measured(station, paper)


SENDERS: dict[str, Callable[[Path, Path, float], Measured]] = {
    "Faxgate": by_us,
    "spandsp": by_spandsp,
    "HylaFAX": by_hylafax,
    "efax": by_efax,
}


def _measured(station: Running, paper: Path) -> Measured:
    """What the machine tells of the call."""
    _, _, words, told = station.wait_for("machine ended", timeout=LIMIT)
    seconds = station.when("hang up") - station.when("answered")
    assert words == "OK", words
    pages = [event[2:] for event in station.events if event[1] == "page"]
    octets = [page["octets"] for number, page in pages if number == Machine().number]
    bits = [page_bits(count, ecm=told["ecm"]) for count in octets]
    if told["ecm"]:
        bits = [framed_bits(coded) for coded in asyncio.run(_coded(paper, DF[told["coding"]]))]
    carried = Carried(carrier(told["bit_rate"]), told["ecm"], bits)
    return Measured(carried, told["coding"], sum(octets), seconds)


async def _coded(paper: Path, df: DF) -> list[bytes]:
    """The pages as they went over the line, since a coding has only one way to be the shortest."""
    pages = FilePages(await read_files([paper]))
    return [
        await pages.coded(index, PageForm(shape.width, VR.R8_FINE, df))
        for index, shape in enumerate(pages.shapes)
    ]


# The table --------------------------------------------------------------------------------------


def measured(sender: str, pages: int, speed: float = SPEED) -> Measured:
    """One call with so many A4 pages in fine resolution."""
    with tempfile.TemporaryDirectory() as folder:
        paper = document(Path(folder) / "paper.tif", pages, rows=ROWS)
        return SENDERS[sender](paper, Path(folder), speed)


def table(
    senders: Sequence[str] = tuple(SENDERS), pages: Sequence[int] = (1, 3), speed: float = SPEED
) -> Iterator[str]:
    """The same pages by us and by everybody else, row by row."""
    for count in pages:
        for sender in senders:
            try:
                said = str(measured(sender, count, speed))
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
            yield f"{sender:8} {count} page(s)  {said}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", type=float, default=SPEED, help="times faster than life")
    parser.add_argument("--only", nargs="*", default=list(SENDERS), help="who sends")
    parser.add_argument("--pages", nargs="*", type=int, default=[1, 3])
    asked = parser.parse_args()
    for row in table(asked.only, asked.pages, asked.speed):
        sys.stdout.write(row + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
