"""`make interop`: every call of the matrix with every peer, several at once, and a table of it.

    python -m tests.interop [--only WORD ...] [--at-once N] [--efficiency]

A call that is not as it should be is a failure; nothing is tried twice. Exit status 1 if there was
one. Each call is a process of its own beside the process of its exchange, so that none waits for
another's event loop.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.peers.calls import Case, made
from tests.peers.efficiency import table

MODEMS = ("v17", "v29", "v27ter")
PAGES = (1, 3)
SPEED = {"spandsp": 4.0, "efax": 4.0, "hylafax": 2.0}
LIFE = 1.0  # HylaFAX keeps to life's clock: without error correction it is late for a second page
ROWS = {"spandsp": 800, "efax": 800, "hylafax": 400}
AT_ONCE = 4  # calls that two cores carry; ten make the modems late and lose pages


@dataclass(frozen=True, slots=True)
class Row:
    """One call's line of the table."""

    case: Case
    good: bool
    fell_back: bool
    line: str


def matrix() -> Iterator[Case]:
    """Every combination that both ends know: MMR only under error correction."""
    for peer, sending, modem, pages in itertools.product(SPEED, (True, False), MODEMS, PAGES):
        for ecm, coding, resolution in _known(peer):
            yield Case(
                *(coding, ecm, modem, resolution, pages, ROWS[peer]),
                speed=SPEED[peer] if ecm or peer != "hylafax" else LIFE,
                peer=peer,
                sending=sending,
            )
    for ecm, coding in ((True, "mmr"), (True, "mr"), (False, "mh"), (False, "mr")):
        for pages in PAGES:
            yield Case(coding, ecm, pages=pages, speed=1.0, peer="iaxmodem")


def _known(peer: str) -> Iterable[tuple[bool, str, str]]:
    """Error correction, coding and resolution that a peer has."""
    if peer == "efax":
        return itertools.product((False,), ("mh",), ("standard", "fine"))
    with_, without = ((True,), ("mh", "mr", "mmr")), ((False,), ("mh", "mr"))
    resolutions = ("standard", "fine", "superfine")
    return itertools.chain.from_iterable(
        itertools.product(*codings, resolutions) for codings in (with_, without)
    )


def attempt(case: Case) -> Row:
    """One call and its line of the table."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = made(case, Path(folder))
        except Exception as error:
            return Row(case, False, False, f"{case}  {type(error).__name__}: {error}")
    verdict = "identical, both tell the same" if outcome.good else f"WRONG: {outcome.fault}"
    line = (
        f"{case}  {outcome.told.bit_rate:5} bit/s  {outcome.seconds:6.1f} s line"
        f"  {time.monotonic() - began:6.1f} s  {verdict}"
    )
    return Row(case, outcome.good, outcome.fell_back, line)


def rows(cases: list[Case], at_once: int) -> Iterator[Row]:
    """Make the calls, so many at a time; each row as it is ready."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=context) as pool:
        for done in as_completed([pool.submit(attempt, case) for case in cases]):
            yield done.result()


def summary(table_of: list[Row], seconds: float) -> Iterator[str]:
    """A line for each peer, and one for all."""
    calls = Counter(row.case.peer for row in table_of)
    good = Counter(row.case.peer for row in table_of if row.good)
    back = Counter(row.case.peer for row in table_of if row.fell_back)
    for peer, count in calls.items():
        lower = f"; {back[peer]} fell back to a lower rate" if back[peer] else ""
        yield f"{peer:8} {good[peer]} of {count} calls as they should be{lower}"
    yield f"all      {good.total()} of {calls.total()}, in {seconds:.0f} s"


def say(line: str) -> None:
    """A line of the table, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the matrix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="words that a line must have")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="calls at the same time")
    parser.add_argument("--efficiency", action="store_true", help="only compare line times")
    asked = parser.parse_args()
    if asked.efficiency:
        for line in table():
            say(line)
        return 0
    began = time.monotonic()
    wanted = [case for case in matrix() if all(w in str(case).split() for w in asked.only)]
    made_ = []
    for row in rows(wanted, asked.at_once):
        say(row.line)
        made_.append(row)
    for line in summary(made_, time.monotonic() - began):
        say(line)
    return not all(row.good for row in made_)


if __name__ == "__main__":
    sys.exit(main())
