"""`python -m tests.peers.drop_outs`: how many calls get through a line that drops out.

A drop-out of 40 ms every so many seconds, beginning at 28 moments of the call; fine pages of 9, 5
and 13 s under error correction, to and from spandsp's terminal, and between two of these, which is
what the line lets through where nobody times anything. A second call, where the first failed, knows
what that learned of the number.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from pathlib import Path

from modems.t30.memory import Memory
from tests.peers.channel import Impairment
from tests.peers.lockstep import Lockstep

MOMENTS = 28
ROWS = 1500
WAYS = ("sent", "sent, second call", "received", "spandsp to spandsp")


def line(folder: Path, every: float, first: float) -> Lockstep:
    """A line with a memory of its own, whose first drop-out comes `first` s after the answer."""
    clock = itertools.count()
    impairment = Impairment(drop_every=every, drop=0.04, drop_first=first)
    return Lockstep(folder, impairment, Memory(lambda: float(next(clock))))


def tries(line: Lockstep, pages: int) -> tuple[bool, ...]:
    """What gets through, in the order of `WAYS`."""
    sent = line.send(pages, ROWS).delivered
    again = sent or line.send(pages, ROWS).delivered
    return sent, again, line.receive(pages, ROWS).delivered, line.without_us(pages, ROWS)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=float, default=7.0, help="s between two drop-outs")
    every = parser.parse_args().every
    sys.stdout.write(f"{'pages':<6}" + "".join(f"{way:>22}" for way in WAYS) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        for pages in (1, 3):
            lines = [line(Path(folder), every, 1.0 + n * every / MOMENTS) for n in range(MOMENTS)]
            calls = [tries(each, pages) for each in lines]
            counts = "".join(f"{sum(way):>16} of {MOMENTS}" for way in zip(*calls, strict=True))
            sys.stdout.write(f"{pages:<6}{counts}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
