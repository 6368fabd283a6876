"""`make interop`: every call of the matrix with every peer that is installed, and a table of it.

    python -m tests.interop [--only WORD ...] [--speed N] [--efficiency]

Exit status 1 when any call was not as it should be. A whole run takes most of an hour.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from modems.simulated.signals import ANSWER_SILENCE, CED, FrameBurst, training_check
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import Modulation
from tests.peers.calls import Case, Outcome, machine_receives, machine_sends
from tests.peers.efficiency import SENDERS, measured

TURN = 0.075  # s
FAST_PREAMBLE = 0.2  # s of flags before the frames of a block
FIF = {FCF.CSI: 20, FCF.DIS: 8, FCF.TSI: 20, FCF.DCS: 8, FCF.PPS: 4}  # octets
CALLS: dict[str, Callable[[Case, Path], Outcome]] = {
    "send": machine_receives,
    "receive": machine_sends,
}


def matrix(speed: float) -> Iterator[Case]:
    """Every combination that T.30 knows: MMR only under error correction."""
    for modem, ecm, coding, resolution, pages in itertools.product(
        ("v17", "v29", "v27ter"),
        (True, False),
        ("mh", "mr", "mmr"),
        ("standard", "fine", "superfine"),
        (1, 3),
    ):
        if ecm or coding != "mmr":
            yield Case(coding, ecm, modem, resolution, pages, speed=speed)


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


def attempt(way: str, case: Case) -> bool:
    """One call and its line of the table."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = CALLS[way](case, Path(folder))
        except Exception as error:
            say(f"{way:8} {case}  {type(error).__name__}: {error}")
            return False
    report = outcome.report
    ideal = unavoidable(outcome) if report.succeeded else 0.0
    over = f"{100 * (outcome.seconds / ideal - 1):+5.1f} %" if ideal else ""
    verdict = "identical" if outcome.good else f"{report.cause} / {outcome.words}"
    say(
        f"{way:8} {case}  {outcome.seconds:6.1f} s line  {ideal:6.1f} s unavoidable {over:>8}"
        f"  {time.monotonic() - began:5.1f} s  {verdict}"
    )
    return outcome.good


def efficiency() -> None:
    """A table of line time: the same pages by us and by everybody else."""
    for pages in (1, 3):
        for sender in SENDERS:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    said = f"{measured(sender, pages, Path(folder)):6.1f} s"
                except Exception as error:
                    said = f"{type(error).__name__}: {error}"
                say(f"{sender:8} {pages} page(s)  {said}")


def say(line: str) -> None:
    """A line of the table, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the matrix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="words that a line must have")
    parser.add_argument("--speed", type=float, default=4.0, help="times faster than life")
    parser.add_argument("--efficiency", action="store_true", help="only compare line times")
    asked = parser.parse_args()
    if asked.efficiency:
        efficiency()
        return 0
    wanted = [
        (way, case)
        for case in matrix(asked.speed)
        for way in CALLS
        if all(word in f"{way} {case}".split() for word in asked.only)
    ]
    good = sum(attempt(way, case) for way, case in wanted)
    say(f"{good} of {len(wanted)} calls as they should be")
    return good != len(wanted)


if __name__ == "__main__":
    sys.exit(main())
