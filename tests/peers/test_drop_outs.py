"""A line that drops out for 40 ms every seven seconds, wherever in the call that begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.drop_outs import ROWS, line
from tests.peers.lockstep import Ended, Lockstep
from tests.peers.spandsp import library

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

FIRST = (7.0, 6.5, 5.5, 4.5, 3.0, 2.0, 1.5)  # s after the answer, to the first drop-out
PAGES = 3  # of 9, 5 and 13 s
# Where a drop-out cuts off the beginning of the first long burst, this machine has gone back to
# phase B before it ends, and takes the PPS after it amiss: the call ends there, with nothing lost.
# It takes a PPS-EOP amiss too that is repeated because its MCF was lost.
ENDED = ("Timer T2 expired while waiting for next fax page", "Unexpected message received")


@pytest.fixture(autouse=True)
def spandsp() -> None:
    """The judge must be there."""
    library()


def lines(folder: Path) -> list[Lockstep]:
    """One for each beginning, each with a memory of its own."""
    return [line(folder, every=7.0, first=first) for first in FIRST]


def test_three_pages_come_in_over_drop_outs(tmp_path: Path) -> None:
    """Under error correction every page that comes in over such a line is whole, in one call.

    This machine hangs up after three losses in a page; before we know their rhythm it may do so.
    """
    calls = [line.receive(PAGES, ROWS) for line in lines(tmp_path)]

    assert all(call.identical or not call.report.succeeded for call in calls)
    assert sum(call.delivered for call in calls) >= len(FIRST) - 1, "\n".join(map(str, calls))


def test_three_pages_go_out_over_drop_outs(tmp_path: Path) -> None:
    """The same for pages that go out, in one call or, where the far end gave up, in the next."""
    again = [_took_two(line.send) for line in lines(tmp_path)]

    assert sum(again) <= 2


def _took_two(send: Callable[[int, int], Ended]) -> bool:
    """Deliver; whether that took a second call."""
    call = send(PAGES, ROWS)
    if call.delivered:
        return False
    assert call.words in ENDED, str(call)
    call = send(PAGES, ROWS)
    assert call.delivered, str(call)
    return True
