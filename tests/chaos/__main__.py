# ruff: noqa: T201 - a command
"""`python -m tests.chaos [--modems] [--rounds N] [--seconds N] [--seed N]`

Plays rounds of chaos, with `--modems` over soft modems, in life's time. The seed of each is printed
first; with `--seed` it is played again: the same faults, mails and blows, though not at the very
same instants. Exit status 1 when something that must hold does not; the round's directory is then
kept.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import traceback
from pathlib import Path
from random import SystemRandom

from tests.chaos.story import Round, Siege, Story


def main() -> int:
    """Play what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--rounds", type=int, default=3, help="how many rounds")
    parser.add_argument("--seconds", type=float, default=30.0, help="of blows in each round")
    parser.add_argument("--seed", type=int, default=None, help="of the first round")
    parser.add_argument("--modems", action="store_true", help="fax machines call soft modems")
    wanted = parser.parse_args()
    kind = Siege if wanted.modems else Round
    first = SystemRandom().randrange(1_000_000) if wanted.seed is None else wanted.seed
    return max([play(kind, first + n, wanted.seconds) for n in range(wanted.rounds)], default=0)


def play(kind: type[Story], seed: int, seconds: float) -> int:
    """One round; 0 when everything held."""
    print(f"seed {seed}: ", end="", flush=True)
    directory = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
    story = kind(seed, directory, seconds)
    try:
        asyncio.run(story.play())
    except AssertionError:
        print(f"BROKEN, see {directory}; {story.blows} {story.counted}")
        traceback.print_exc()
        return 1
    shutil.rmtree(directory)
    print(f"held; {story.blows} {story.counted}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
