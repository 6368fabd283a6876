"""A line that drops out for 40 ms every seven seconds, wherever in the call that begins."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from modems.t30.memory import Memory
from tests.peers.channel import Impairment
from tests.peers.lockstep import Ended, Lockstep
from tests.peers.spandsp import library

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

FIRST = (7.0, 6.5, 5.5, 4.5, 3.0, 2.0, 1.5)  # s after the answer, to the first drop-out
ROWS, PAGES = 1500, 3  # pages of 9, 5 and 13 s
# Where a drop-out cuts off the beginning of the first long burst, this machine has gone back to
# phase B before it ends, and takes the PPS after it amiss: the call ends there, with nothing lost.
GIVEN_UP = "Timer T2 expired while waiting for next fax page"


@pytest.fixture(autouse=True)
def spandsp() -> None:
    """The judge must be there."""
    library()


def lines(folder: Path) -> list[Lockstep]:
    """One for each beginning, each with a memory of its own."""
    clock = itertools.count()
    return [
        Lockstep(
            folder,
            Impairment(drop_every=7.0, drop=0.04, drop_first=first),
            Memory(lambda: float(next(clock))),
        )
        for first in FIRST
    ]


def test_three_pages_come_in_over_drop_outs(tmp_path: Path) -> None:
    """Under error correction every page that comes in over such a line is whole, in one call."""
    for line in lines(tmp_path):
        call = line.receive(PAGES, ROWS)
        assert call.delivered, str(call)


def test_three_pages_go_out_over_drop_outs(tmp_path: Path) -> None:
    """The same for pages that go out, in one call or, where the far end gave up, in the next."""
    again = [_took_two(line.send) for line in lines(tmp_path)]

    assert sum(again) <= 1


def _took_two(send: Callable[[int, int], Ended]) -> bool:
    """Deliver; whether that took a second call."""
    call = send(PAGES, ROWS)
    if call.delivered:
        return False
    assert call.words == GIVEN_UP, str(call)
    assert not any(page.verdict.confirmed for page in call.report.pages)
    call = send(PAGES, ROWS)
    assert call.delivered, str(call)
    return True
