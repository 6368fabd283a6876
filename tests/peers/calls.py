"""One call between us and a foreign fax machine, and what both sides tell of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modems.session import EC
from modems.terminal import CallReport
from tests.peers import ours
from tests.peers.channel import Impairment
from tests.peers.fax_machine import Machine
from tests.peers.paper import document, same
from tests.peers.station import Station, running

CODINGS = {"mh": ("mh",), "mr": ("mh", "mr"), "mmr": ("mh", "mr", "mmr")}
MODEMS = {"v27ter": ("v27ter",), "v29": ("v27ter", "v29"), "v17": ("v27ter", "v29", "v17")}
TOLD_WITHIN = 30.0  # s, real time, after our own end


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

    def __str__(self) -> str:
        ecm = "ECM" if self.ecm else "   "
        return f"{self.modem:7}{ecm:4}{self.coding:4}{self.resolution:10}{self.pages} page(s)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. `seconds` of line time, from the answer to the first hang-up."""

    report: CallReport
    told: dict[str, Any]  # the machine's own statistics, and what it heard of us
    words: str  # how the machine says it ended
    identical: bool
    seconds: float

    @property
    def agreed(self) -> bool:
        """Whether both sides tell the same."""
        p = self.report.parameters
        return p is not None and (
            (self.told["bit_rate"], self.told["ecm"], self.told["coding"])
            == (p.br.bit_rate, p.ec is not EC.OFF, p.df.name)
        )

    @property
    def good(self) -> bool:
        """Whether it went as every call should."""
        return self.report.succeeded and self.words == "OK" and self.identical and self.agreed


def machine_receives(case: Case, folder: Path) -> Outcome:
    """We send to the machine."""
    paper, got = (
        document(folder / "a.tif", case.pages, case.resolution, case.rows),
        folder / "b.tif",
    )
    machine = Machine(ecm=case.ecm, modems=MODEMS[case.modem], receives=str(got))
    return _call(case, folder, machine, paper, got, sending=True)


def machine_sends(case: Case, folder: Path) -> Outcome:
    """The machine sends to us."""
    paper, got = (
        document(folder / "a.tif", case.pages, case.resolution, case.rows),
        folder / "b.tif",
    )
    machine = Machine(
        ecm=case.ecm, modems=MODEMS[case.modem], codings=CODINGS[case.coding], sends=str(paper)
    )
    return _call(case, folder, machine, paper, got, sending=False)


def _call(
    case: Case, folder: Path, machine: Machine, paper: Path, got: Path, *, sending: bool
) -> Outcome:
    device = folder / "modem"
    with running(Station({"100": str(device)}, machine, case.speed, case.impairment)) as station:
        if sending:
            report = ours.sent(device, paper, speed=case.speed, coding=case.coding)
        else:
            report = ours.received(device, got, lambda: station.call("100"), speed=case.speed)
        _, _, words, told = station.wait_for("machine ended", timeout=TOLD_WITHIN)
        seconds = station.when("hang up", "line breaks") - station.when("answered")
    return Outcome(report, told, words, got.exists() and same(paper, got), seconds)
