"""What a sender tells its source, where a dialogue would be too long to read."""

from __future__ import annotations

import pytest

from modems.session import Hangup
from modems.t30.call import Call
from modems.t30.dis import CORRECTING, write_dis
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.send import SENDS, Sender
from modems.t30.trace import Trace
from modems.terminal import CallReport, Identity
from tests.modems.t30.hostile import DEAD, Event, HostileLine
from tests.modems.t30.pages import Source
from tests.modems.t30.scripted import finish

TWO_BLOCKS = 70_000  # octets; a block is 65,536


def _said(fcf: FCF) -> Event:
    return tuple(build([Message(fcf)], x=False))


DIS: Event = tuple(build([Message(FCF.DIS, write_dis(CORRECTING))], x=False))
MCF, CFR, RTN, PIP, PIN = map(_said, (FCF.MCF, FCF.CFR, FCF.RTN, FCF.PIP, FCF.PIN))


def _send(source: Source, *events: Event) -> CallReport:
    line = HostileLine([*events, DEAD])
    me = Identity("+48221000001")
    call = Call(line, Trace(line.now), CORRECTING, me, calling=True, sending=True)
    return finish(call.carry_out(Sender(call, source).procedure))


@pytest.mark.parametrize("first", [MCF, PIP])
def test_a_confirmed_block_is_not_yet_a_page(first: Event) -> None:
    """Whatever confirms a block within a page, the page is at risk and confirmed at its last."""
    source = Source(octets=TWO_BLOCKS)

    report = _send(source, DIS, CFR, first, MCF)

    assert report.succeeded
    assert source.calls == ["coded 0", "confirming 0", "MCF 0"]


def test_a_page_cut_between_its_blocks_is_not_at_risk() -> None:
    """A page of which no last block went out cannot have arrived, and is not reported."""
    source = Source(octets=TWO_BLOCKS)

    report = _send(source, DIS, CFR)

    assert (report.status, report.pages) == (Hangup.PHASE_C_TRANSMIT, ())
    assert source.calls == ["coded 0"]


@pytest.mark.parametrize("answer", [RTN, PIN])
def test_a_rejected_block_rejects_the_page(answer: Event) -> None:
    """A rejection within a page has the whole page sent again."""
    source = Source(octets=TWO_BLOCKS)

    report = _send(source, DIS, CFR, answer, CFR, MCF, MCF)

    assert report.succeeded
    assert report.pages[0].attempts == 2
    assert [call.split()[0] for call in source.calls][-3:] == ["coded", "confirming", "MCF"]


def test_each_attempt_is_told() -> None:
    """A page that is sent again is at risk again, each time, until it is given up."""
    source = Source()

    report = _send(source, DIS, *[CFR, RTN] * SENDS)

    assert report.status is Hangup.CANNOT_CONTINUE
    assert source.calls == ["coded 0", "confirming 0", "RTN 0"] * SENDS
    assert [r.attempts for r in source.reports] == [1, 2, 3]


def test_an_unanswered_page_was_at_risk() -> None:
    """Without an answer the source has heard of the risk, and of nothing after it."""
    source = Source()

    report = _send(source, DIS, CFR)

    assert report.status is Hangup.PHASE_D_TRANSMIT
    assert [page.verdict.name for page in report.pages] == ["NONE"]
    assert source.calls == ["coded 0", "confirming 0"]
