"""Line time: the same pages to the same fax machine, sent by us and by others, in real time.

Each call is timed by the exchange, from the answer to the first hang-up, so that nobody's own clock
counts. The others' programs keep to life's clock; only at its speed is it fair to compare.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from modems.simulated.signals import ANSWER_SILENCE, CED, FrameBurst, training_check
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import Modulation
from tests.peers import efax, ours
from tests.peers.calls import Outcome
from tests.peers.fax_machine import Machine
from tests.peers.hylafax import HylaFax
from tests.peers.paper import document
from tests.peers.station import Running, Station, running

SPEED = 1.0
LIMIT = 300.0  # s
TURN = 0.075  # s
FAST_PREAMBLE = 0.2  # s of flags before the frames of a block
FIF = {FCF.CSI: 20, FCF.DIS: 8, FCF.TSI: 20, FCF.DCS: 8, FCF.PPS: 4}  # octets


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


def table() -> Iterator[str]:
    """The same pages by us and by everybody else, row by row."""
    for pages in (1, 3):
        for sender in SENDERS:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    said = f"{measured(sender, pages, Path(folder)):6.1f} s"
                except Exception as error:
                    said = f"{type(error).__name__}: {error}"
                yield f"{sender:8} {pages} page(s)  {said}"


def unavoidable(outcome: Outcome) -> float:
    """Seconds that T.30 asks of a call: tones, preambles, trainings, silences, and its bits."""
    p = outcome.report.parameters
    assert p is not None
    carrier = next(m for m in Modulation if m.bit_rate == p.br.bit_rate and m.long is m)
    check = training_check(0.0, carrier, good=True)
    seconds = ANSWER_SILENCE + CED + TURN
    seconds += _burst(FCF.CSI, FCF.DIS) + TURN + _burst(FCF.TSI, FCF.DCS) + TURN
    seconds += check.end + TURN + _burst(FCF.CFR)
    short = training_check(0.0, carrier.short, good=True)
    for page in outcome.report.pages:
        bits = page.octets * 8 * (1.05 if p.ec else 1.0)  # frame heads, FCS and stuffed zeros
        seconds += TURN + short.data + bits / page.bit_rate + (FAST_PREAMBLE if p.ec else 0.0)
        seconds += TURN + _burst(FCF.PPS if p.ec else FCF.MPS) + TURN + _burst(FCF.MCF)
    return seconds + TURN + _burst(FCF.DCN)


def _burst(*frames: FCF) -> float:
    """Seconds of one burst of V.21."""
    burst = FrameBurst(0.0, Modulation.V21)
    for frame in build([Message(fcf, bytes(FIF.get(fcf, 0))) for fcf in frames], x=True):
        burst.add(frame)
    return burst.signal().end
