"""Whole calls: two fax terminals over the exchange, with real pages."""

from __future__ import annotations

import asyncio

import pytest

from modems.session import DF, EC, VR
from modems.simulated import Exchange, Fault
from modems.simulated.exchange import SET_UP
from modems.simulated.signals import (
    ANSWER_SILENCE,
    CED,
    TCF,
    TRAINING,
    TURN_ROUND,
    frame_burst,
)
from modems.t30 import timers
from modems.t30.dis import Agreement, Capabilities, write_dcs, write_dis
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build, characters
from modems.t30.line import Modulation
from modems.terminal import CallReport
from tests.modems.documents import chart
from tests.modems.simulated.calls import CALLED, OURS, THEIRS, Fax, fax
from tests.modems.test_pages import pels
from tests.virtual_time import run

ALL_CHARTS = tuple(range(1, 9))


def burst(*messages: Message) -> float:
    """Seconds of a V.21 burst."""
    return frame_burst(0, Modulation.V21, build(messages, x=True)).end


def unavoidable(report: CallReport, on: Modulation) -> float:
    """The sum, in seconds, of what T.30 asks of a call without a repeat, from dial to hang-up."""
    assert report.parameters
    dis, dcs = write_dis(Capabilities()), write_dcs(Agreement(report.parameters, on))
    before = (
        SET_UP + ANSWER_SILENCE + CED + TURN_ROUND
        + burst(Message(FCF.CSI, characters(THEIRS.number)), Message(FCF.DIS, dis))
        + TURN_ROUND
        + burst(Message(FCF.TSI, characters(OURS.number)), Message(FCF.DCS, dcs))
        + TURN_ROUND + TRAINING[on] + TCF
        + TURN_ROUND + burst(Message(FCF.CFR))
    )  # fmt: skip
    command = burst(Message(FCF.EOP))
    pages = sum(
        TURN_ROUND + TRAINING[on.short] + 8 * page.octets / on.bit_rate
        + TURN_ROUND + command
        + TURN_ROUND + burst(Message(FCF.MCF))
        for page in report.pages
    )  # fmt: skip
    return before + pages + TURN_ROUND + burst(Message(FCF.DCN))


def shown(side: Fax) -> list[bytes]:
    """The pels of the pages that arrived."""
    return [pels(page) for page in side.sink.confirmed]


@pytest.mark.virtual_time
async def test_a_document_arrives_pel_for_pel() -> None:
    """Eight charts in one call arrive as they were sent, each confirmed, and both ends agree."""
    pages = [chart(number) for number in ALL_CHARTS]
    call = await fax(Exchange(), pages)

    assert shown(call) == [page.rows for page in pages]
    assert call.sent.succeeded
    assert call.received.succeeded
    assert call.source.confirmed_pages == list(range(8))
    assert call.sent.parameters == call.received.parameters
    assert call.sent.remote_identity == THEIRS.number
    assert call.received.remote_identity == OURS.number
    assert call.sent.number == CALLED


@pytest.mark.virtual_time
@pytest.mark.parametrize("on", [m for m in Modulation if m is m.long and m is not Modulation.V21])
async def test_a_call_takes_what_t30_asks_and_no_more(on: Modulation) -> None:
    """At every rate a call lasts the sum of its unavoidable parts, within one per cent."""
    only = Capabilities(modulations=frozenset({on}))
    call = await fax(Exchange(), [chart(1), chart(4, 600)], calling=only)

    asked = unavoidable(call.sent, on)
    assert call.sent.succeeded
    assert call.sent.seconds == pytest.approx(asked, rel=0.01)
    assert call.received.seconds == pytest.approx(call.sent.seconds - SET_UP, abs=0.01)


@pytest.mark.virtual_time
@pytest.mark.parametrize("df", [DF.MH, DF.MR])
async def test_both_codings_arrive(df: DF) -> None:
    """A page in MH and a page in MR are the same page."""
    only = Capabilities(codings=frozenset({DF.MH, df}))
    call = await fax(Exchange(), [chart(5, 500)], called=only)

    assert shown(call) == [chart(5, 500).rows]
    assert call.sent.parameters is not None
    assert call.sent.parameters.df is df


@pytest.mark.virtual_time
async def test_error_correction_arrives_pel_for_pel() -> None:
    """With error correction a page in MMR arrives whole over a line that damages its frames."""
    ecm = Capabilities(ec=EC.ECM_256, codings=frozenset(DF))
    faults = [Fault("damage_rows", page=2, rows=7, times=2)]
    pages = [chart(1, 600), chart(7), chart(2, 600)]
    call = await fax(Exchange(), pages, faults, calling=ecm, called=ecm)

    assert call.sent.succeeded
    assert shown(call) == [page.rows for page in pages]
    assert all(page.quality.bad_rows == 0 for page in call.sink.confirmed)
    assert sum(entry.text.startswith("PPR") for entry in call.sent.trace) == 2


@pytest.mark.virtual_time
async def test_a_far_end_without_fine_gets_standard() -> None:
    """What the far end cannot print is converted before it is sent."""
    standard = Capabilities(resolutions=frozenset({VR.R8_STANDARD}))
    call = await fax(Exchange(), [chart(1, 500)], called=standard)

    assert call.sent.succeeded
    assert [(page.vr, page.height) for page in call.sink.confirmed] == [(VR.R8_STANDARD, 250)]


@pytest.mark.virtual_time
async def test_a_far_away_terminal_is_reached() -> None:
    """Over a satellite a call is longer by the five ways that its turns take, and not broken.

    Near by, the far end's on-hook cuts the rest behind our DCN short.
    """
    near = await fax(Exchange(), [chart(1, 300)])
    far = await fax(Exchange(delay=0.27), [chart(1, 300)])

    assert far.sent.succeeded
    assert far.sent.seconds == pytest.approx(near.sent.seconds + 5 * 0.27 + timers.TURN)


@pytest.mark.parametrize("speed", [50, 1000])
def test_speed_changes_nothing(speed: float) -> None:
    """On a real loop, fifty or a thousand times faster than life, a call is as in virtual time."""
    pages = [chart(1, 300), chart(2, 300)]
    exact = run(fax(Exchange(), pages))
    real = asyncio.run(fax(Exchange(speed=speed), pages))

    assert [entry.text for entry in real.sent.trace] == [entry.text for entry in exact.sent.trace]
    assert [entry.text for entry in real.received.trace] == [
        entry.text for entry in exact.received.trace
    ]
    since = -exact.sent.trace[1].seconds + real.sent.trace[1].seconds  # "connected"
    assert [entry.seconds - since for entry in real.sent.trace[2:-1]] == pytest.approx(
        [entry.seconds for entry in exact.sent.trace[2:-1]],
        abs=0.0021,  # both are rounded to milliseconds
    )
