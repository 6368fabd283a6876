"""One call between us and a peer, and what both sides tell of it.

A `Case` says who calls whom and what the two should agree on; `made` makes the call. What is sent,
kept and told is all in the `Outcome`; whether that is as it should be, `good` says.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from modems.terminal import CallReport
from tests.peers import efax, iaxmodem, ours
from tests.peers.channel import Impairment
from tests.peers.fax_machine import Machine
from tests.peers.hylafax import LAST_ROWS_LOST, HylaFax
from tests.peers.paper import document, same
from tests.peers.station import Running, Station, running
from tests.peers.told import Told

CODINGS = {"mh": ("mh",), "mr": ("mh", "mr"), "mmr": ("mh", "mr", "mmr")}
MODEMS = {"v27ter": ("v27ter",), "v29": ("v27ter", "v29"), "v17": ("v27ter", "v29", "v17")}
BEST: Final = {"v27ter": 4800, "v29": 9600, "v17": 14400}  # bit/s
ROWS_PER_INCH: Final = {"standard": 98, "fine": 196, "superfine": 391}
TOLD_WITHIN = 30.0  # s, real time, after our own end
WHOLE = {"standard": 1100, "fine": 2200, "superfine": 4400}  # rows of A4 as HylaFAX wants them


@dataclass(frozen=True, slots=True)
class Case:
    """What the two agree on, if all goes well."""

    coding: str = "mmr"
    ecm: bool = True
    modem: str = "v17"
    resolution: str = "fine"
    pages: int = 1
    rows: int = 800
    speed: float = 4.0
    impairment: Impairment = field(default_factory=Impairment)
    peer: str = "spandsp"
    sending: bool = True  # we, not the peer

    def __str__(self) -> str:
        way, ecm = "send" if self.sending else "receive", "ECM" if self.ecm else "-"
        return (
            f"{self.peer:9}{way:8}{self.modem:7}{ecm:4}{self.coding:4}{self.resolution:10}"
            f"{self.pages} page(s)"
        )

    @property
    def expected(self) -> tuple[bool, str, int, int]:
        """What the two must agree on; the rate may be lower where the line is bad."""
        return self.ecm, self.coding.upper(), ROWS_PER_INCH[self.resolution], self.pages


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. `seconds` of line time, from the answer to the first hang-up."""

    case: Case
    report: CallReport
    told: Told
    words: str  # how the peer says it ended; OK if well
    identical: bool
    seconds: float

    @property
    def agreed(self) -> bool:
        """Whether both sides tell the same, and each heard who the other is."""
        ours_ = Told.of(self.report)
        names = self.told.remote_identity, ours_.remote_identity
        return ours_.agrees(self.told) and names == ("+100", "+200")

    @property
    def as_expected(self) -> bool:
        """Whether it is the call that the case wants."""
        rate, *rest = self.told.what
        return tuple(rest) == self.case.expected and rate <= BEST[self.case.modem]

    @property
    def fell_back(self) -> bool:
        """Whether a training failed, so that it went at less than the best rate."""
        return self.told.bit_rate < BEST[self.case.modem]

    @property
    def good(self) -> bool:
        """Whether it went as every call should."""
        ended = self.report.succeeded and self.words == "OK"
        return ended and self.identical and self.agreed and self.as_expected

    @property
    def fault(self) -> str:
        """What is wrong with it, for people; empty if nothing is."""
        if self.good:
            return ""
        kept = "identical" if self.identical else "other pels"
        mine = Told.of(self.report) if self.report.parameters else None
        return f"{self.report.cause} / {self.words}, {kept}; we: {mine}; they: {self.told}"


def made(case: Case, folder: Path) -> Outcome:
    """Make the call; everything that it leaves is in `folder`."""
    return PEERS[case.peer, case.sending](case, folder)


def machine_receives(case: Case, folder: Path) -> Outcome:
    """We send to spandsp's fax machine."""
    paper, got = _paper(case, folder), folder / "b.tif"
    machine = Machine(ecm=case.ecm, modems=MODEMS[case.modem], receives=str(got))
    with running(_station(case, folder, machine)) as station:
        report = ours.sent(folder / "ours", paper, speed=case.speed, coding=case.coding)
        return _with_machine(case, report, station, paper, got)


def machine_sends(case: Case, folder: Path) -> Outcome:
    """Spandsp's fax machine sends to us."""
    paper, got = _paper(case, folder), folder / "b.tif"
    machine = Machine(
        ecm=case.ecm, modems=MODEMS[case.modem], codings=CODINGS[case.coding], sends=str(paper)
    )
    with running(_station(case, folder, machine)) as station:
        report = ours.received(folder / "ours", got, lambda: station.call("100"), speed=case.speed)
        return _with_machine(case, report, station, paper, got)


def _with_machine(
    case: Case, report: CallReport, station: Running, paper: Path, got: Path
) -> Outcome:
    _, _, words, counted = station.wait_for("machine ended", timeout=TOLD_WITHIN)
    told = Told(
        counted["bit_rate"],
        counted["ecm"],
        counted["coding"],
        round(counted["rows_per_metre"] * 0.0254),
        counted["pages_received" if case.sending else "pages_sent"],
        counted["ident"],
    )
    identical = got.exists() and same(paper, got)
    return Outcome(case, report, told, words, identical, _line_time(station))


def efax_receives(case: Case, folder: Path) -> Outcome:
    """We send to efax."""
    paper, theirs = _paper(case, folder), folder / "theirs"
    with (
        running(_station(case, folder, theirs=theirs)) as station,
        efax.receiving(theirs, folder, case.modem) as process,
    ):
        efax.wait_until_it_listens(folder)
        report = ours.sent(folder / "ours", paper, speed=case.speed, coding=case.coding)
        words = _exit_status(process)
        told = efax.told((folder / efax.RECEIVES).read_text(errors="replace"))
        identical = told.pages == case.pages and same(paper, efax.received(folder))
        return Outcome(case, report, told, words, identical, _line_time(station))


def efax_sends(case: Case, folder: Path) -> Outcome:
    """Efax sends to us."""
    paper, got, theirs = (
        _paper(case, folder, margin=efax.MARGIN),
        folder / "b.tif",
        folder / "theirs",
    )
    processes: list[subprocess.Popen[bytes]] = []

    def call() -> None:
        processes.append(efax.sending(theirs, paper, "100", case.resolution, case.modem))

    with running(_station(case, folder, theirs=theirs)) as station:
        report = ours.received(folder / "ours", got, call, speed=case.speed)
        words = _exit_status(processes[0])
        told = efax.told((folder / efax.SENDS).read_text(errors="replace"))
        above = efax.ROWS_ABOVE[case.resolution]
        identical = got.exists() and same(paper, got, above, efax.ROWS_BELOW)
        return Outcome(case, report, told, words, identical, _line_time(station))


def hylafax_receives(case: Case, folder: Path) -> Outcome:
    """We send to HylaFAX."""
    paper, theirs = _paper(case, folder), HylaFax(folder, case.modem, ecm=case.ecm)
    with running(_station(case, folder, theirs=theirs.link)) as station, theirs.running():
        report = ours.sent(folder / "ours", paper, speed=case.speed, coding=case.coding)
        told = theirs.told()
        identical = report.succeeded and same(paper, theirs.received())
        return Outcome(case, report, told, theirs.words(), identical, _line_time(station))


def hylafax_sends(case: Case, folder: Path) -> Outcome:
    """HylaFAX sends to us."""
    paper, got = _paper(case, folder, WHOLE[case.resolution]), folder / "b.tif"
    theirs = HylaFax(folder, case.modem, ecm=case.ecm)

    def call() -> None:
        theirs.send(paper, "100", case.resolution, case.coding)

    with running(_station(case, folder, theirs=theirs.link)) as station, theirs.running():
        report = ours.received(folder / "ours", got, call, speed=case.speed, coding=case.coding)
        told = theirs.told()
        identical = got.exists() and same(paper, got, lost=LAST_ROWS_LOST[case.coding])
        return Outcome(case, report, told, theirs.words(), identical, _line_time(station))


def through_iaxmodems(case: Case, folder: Path) -> Outcome:
    """We send to ourselves through two iaxmodems; the receiver's report is the other account."""
    paper, got = _paper(case, folder), folder / "b.tif"
    with iaxmodem.pair(folder) as devices:
        sender, receiver = ours.both(
            devices, paper, got, iaxmodem.AT_REST, ecm=case.ecm, coding=case.coding
        )
    told = Told.of(receiver)
    words = "OK" if receiver.succeeded else receiver.cause
    identical = got.exists() and same(paper, got)
    return Outcome(case, sender, told, words, identical, sender.seconds)


PEERS: Final[dict[tuple[str, bool], Callable[[Case, Path], Outcome]]] = {
    ("spandsp", True): machine_receives,
    ("spandsp", False): machine_sends,
    ("efax", True): efax_receives,
    ("efax", False): efax_sends,
    ("hylafax", True): hylafax_receives,
    ("hylafax", False): hylafax_sends,
    ("iaxmodem", True): through_iaxmodems,
}


def _paper(case: Case, folder: Path, height: int = 0, margin: int = 0) -> Path:
    return document(
        folder / "a.tif", case.pages, case.resolution, case.rows, height=height, margin=margin
    )


def _station(
    case: Case, folder: Path, machine: Machine | None = None, theirs: Path | None = None
) -> Station:
    modems = {"100": str(folder / "ours")}
    if theirs is not None:
        modems["200"] = str(theirs)
    return Station(modems, machine, case.speed, case.impairment)


def _exit_status(process: subprocess.Popen[bytes]) -> str:
    status = process.wait(efax.LIMIT)
    return "OK" if status == 0 else f"efax's exit status {status}"


def _line_time(station: Running) -> float:
    return station.when("hang up", "line breaks") - station.when("answered")
