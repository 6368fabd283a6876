"""Whatever the far end does, the call ends in a report, in bounded time, without an exception."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from modems.session import VR
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.dis import CORRECTING
from modems.t30.ecm import PPRS
from modems.t30.inbox import REJECTIONS
from modems.t30.negotiate import FALL_BACK
from modems.t30.quality import CopyQuality
from modems.t30.receive import Receiver
from modems.t30.send import SENDS, Sender
from modems.t30.trace import Trace
from modems.terminal import CallReport, Identity, Offer, PageQuality, PageShape
from tests.modems.t30.hostile import (
    BURST,
    DEAD,
    PAGE_SECONDS,
    Event,
    HostileLine,
    openings,
    refrains,
    scripts,
)
from tests.modems.t30.pages import Sink, Source
from tests.modems.t30.scripted import finish

SAY = 5.5  # s; DCS with TCF is the longest thing to say
ASK = timers.TRIES * (SAY + timers.BURSTS * (timers.T4 + BURST + 0.5))
TRAININGS = len(FALL_BACK) + 1 + timers.TRIES
COMMAND = timers.BURSTS * (timers.T2 + BURST + SAY)

shapes = st.builds(
    PageShape,
    width=st.sampled_from([1728, 2048, 2432, 1000]),
    height=st.integers(1, 9000),
    vr=st.sampled_from(VR),
)
qualities = st.builds(PageQuality, st.integers(0, 1000), st.integers(0, 300))


def _call(line: HostileLine, *, sending: bool) -> Call:
    trace, me = Trace(line.now), Identity("+48221000001")
    return Call(line, trace, CORRECTING, me, calling=sending, sending=sending)


def _send(line: HostileLine, source: Source) -> CallReport:
    call = _call(line, sending=True)
    return finish(call.carry_out(Sender(call, source).procedure))


def _receive(line: HostileLine, sink: Sink) -> CallReport:
    call = _call(line, sending=False)
    return finish(call.carry_out(Receiver(call, sink, CopyQuality()).procedure))


@settings(deadline=None)
@given(scripts, st.booleans(), st.lists(shapes, min_size=1, max_size=4))
def test_sending_always_ends(
    script: Sequence[Event], for_ever: bool, pages: Sequence[PageShape]
) -> None:
    """A sender's call ends in a report with a cause, within T1 and what its pages may take."""
    line, source = HostileLine(script, for_ever), Source(pages)

    report = _send(line, source)

    blocks = len(FALL_BACK) * PPRS * (2 * ASK + timers.T5)  # of one page, all frames asked again
    a_page = SENDS * (TRAININGS * ASK + PAGE_SECONDS + ASK + blocks) + timers.T1
    assert report.cause
    assert "{" not in report.cause
    assert line.clock < timers.T1 + BURST * timers.BURSTS + len(pages) * a_page + 60


@settings(deadline=None)
@given(scripts, st.booleans(), st.lists(shapes, min_size=1, max_size=4))
def test_a_confirmed_page_is_never_sent_again(
    script: Sequence[Event], for_ever: bool, pages: Sequence[PageShape]
) -> None:
    """Pages go out in order, and none is coded again after it was confirmed."""
    source = Source(pages)

    report = _send(HostileLine(script, for_ever), source)

    confirmed = [r.number for r in source.reports if r.verdict.confirmed]
    assert confirmed == list(range(1, len(confirmed) + 1))
    coded = [call for call in source.calls if call.startswith("coded")]
    assert coded == sorted(coded)
    assert [p.number for p in report.pages if p.verdict.confirmed] == confirmed


@settings(deadline=None)
@given(scripts, st.booleans(), st.lists(qualities), st.booleans())
def test_receiving_always_ends(
    script: Sequence[Event], for_ever: bool, rows: list[PageQuality], keeps: bool
) -> None:
    """A receiver's call ends in a report with a cause, within T1 and what the pages may take."""
    line, sink = HostileLine([*script, DEAD], for_ever), Sink(rows, keeps)

    report = _receive(line, sink)

    between_pages = timers.COMMANDS * (timers.PAGE_WAIT + COMMAND + ASK) + timers.T1
    assert report.cause
    assert "{" not in report.cause
    assert line.clock < (1 + len(script)) * REJECTIONS * between_pages


@settings(deadline=None)
@given(openings, refrains)
def test_who_only_repeats_himself_is_given_up(
    opening: list[Event], refrain: Sequence[Event]
) -> None:
    """A caller whose commands bring no page any more is left, though he never hangs up."""
    line = HostileLine(opening, refrain=refrain)

    report = _receive(line, Sink([]))

    assert report.cause
    assert line.clock < 2 * timers.COMMANDS * (timers.PAGE_WAIT + COMMAND + ASK) + timers.T1


@settings(deadline=None)
@given(scripts, st.lists(qualities), st.booleans())
def test_only_what_was_committed_is_confirmed(
    script: Sequence[Event], rows: list[PageQuality], keeps: bool
) -> None:
    """Each page of the report that counts as confirmed was committed first, once, and kept."""
    sink = Sink(rows, keeps)

    report = _receive(HostileLine([*script, DEAD]), sink)

    confirmed = [p for p in report.pages if p.verdict.confirmed]
    assert len(sink.confirmed) >= len(confirmed)
    assert keeps or not confirmed
    assert all(len(page.commits) == 1 for page in sink.pages)


def _poll(line: HostileLine, sink: Sink) -> CallReport:
    trace, me = Trace(line.now), Identity("+48221000001", password="12", selective="3")
    call = Call(line, trace, CORRECTING, me, calling=True, sending=False)
    return finish(call.carry_out(Receiver(call, sink, CopyQuality()).procedure))


def _polled(line: HostileLine, sink: Sink, offer: Offer) -> CallReport:
    call = _call(line, sending=False)
    return finish(call.carry_out(Receiver(call, sink, CopyQuality(), offer).procedure))


@settings(deadline=None)
@given(scripts, st.booleans(), st.lists(qualities))
def test_polling_always_ends(
    script: Sequence[Event], for_ever: bool, rows: list[PageQuality]
) -> None:
    """Who calls to fetch a document ends with a report too, and keeps what was committed."""
    line, sink = HostileLine([*script, DEAD], for_ever), Sink(rows, keeps=True)

    report = _poll(line, sink)

    between_pages = timers.COMMANDS * (timers.PAGE_WAIT + COMMAND + ASK) + timers.T1
    assert report.cause
    assert line.clock < (1 + len(script)) * REJECTIONS * between_pages
    confirmed = [p for p in report.pages if p.verdict.confirmed]
    assert len(sink.confirmed) >= len(confirmed)


@settings(deadline=None)
@given(
    scripts,
    st.booleans(),
    st.lists(qualities),
    st.lists(shapes, min_size=1, max_size=3),
    st.sampled_from(["", "12"]),
)
def test_being_polled_always_ends(
    script: Sequence[Event],
    for_ever: bool,
    rows: list[PageQuality],
    pages: Sequence[PageShape],
    password: str,
) -> None:
    """Who offers a document ends with a report, whatever the caller sends or asks for."""
    line, sink, source = HostileLine([*script, DEAD], for_ever), Sink(rows), Source(pages)

    report = _polled(line, sink, Offer(source, password=password))

    between_pages = timers.COMMANDS * (timers.PAGE_WAIT + COMMAND + ASK) + timers.T1
    blocks = len(FALL_BACK) * PPRS * (2 * ASK + timers.T5)
    a_page = SENDS * (TRAININGS * ASK + PAGE_SECONDS + ASK + blocks) + timers.T1
    received = (1 + len(script)) * REJECTIONS * between_pages
    assert report.cause
    assert line.clock < received + len(pages) * a_page + timers.T1 + 60
    confirmed = [r.number for r in source.reports if r.verdict.confirmed]
    assert confirmed == list(range(1, len(confirmed) + 1))
