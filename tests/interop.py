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

from tests.peers.calls import Case, Outcome, machine_receives, machine_sends
from tests.peers.efficiency import table, unavoidable

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
        for row in table():
            say(row)
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
