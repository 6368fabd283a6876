"""The terminal over a dialler: what the network says, and hanging up whatever happens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modems.dialler import DialFailed, IncomingCall
from modems.line_terminal import HANG_UP_LIMIT, STORE_LIMIT, LineTerminal
from modems.session import Dialled, Hangup
from modems.t30.dis import CORRECTING
from modems.t30.line import CallDropped, Frame, Line, Modulation
from modems.t30.memory import Memory
from modems.terminal import (
    Identity,
    Offer,
    PageForm,
    PageQuality,
    PageReport,
    PageWriter,
    TraceEntry,
)
from tests.modems.t30.dialogue import read
from tests.modems.t30.pages import A4_FINE, Sink, Source
from tests.modems.t30.scripted import ScriptedLine

US = Identity("+48221000001")
CALL = IncomingCall(called="+48221000001", caller="+48222000002")
DIALOGUES = Path(__file__).parents[1] / "dialogues"


@dataclass
class Dialler:
    """Connects every call to one line, or to none."""

    line: Line | None = None
    says: Dialled = Dialled.BUSY
    rejected: list[IncomingCall] = field(default_factory=list)

    async def dial(self, number: str) -> Line:
        if self.line is None:
            raise DialFailed(self.says)
        return self.line

    async def wait_for_call(self) -> IncomingCall:
        return CALL

    async def answer(self, call: IncomingCall) -> Line:
        return await self.dial(call.caller)

    async def reject(self, call: IncomingCall) -> None:
        self.rejected.append(call)


def _line(name: str, *, calling: bool) -> ScriptedLine:
    return ScriptedLine(read(DIALOGUES / f"{name}.t30").steps, x=not calling)


async def test_a_document_is_sent() -> None:
    """A call that goes well is reported with its number, its pages and its time, and hung up."""
    line, seen = _line("send-three-pages", calling=True), list[TraceEntry]()
    terminal = LineTerminal(Dialler(line), clock=line.now)

    report = await terminal.send("+48222000002", Source([A4_FINE] * 3), US, seen.append)

    assert report.succeeded
    assert (report.number, report.remote_identity) == ("+48222000002", "+48222000002")
    assert [page.number for page in report.pages] == [1, 2, 3]
    assert report.seconds == round(line.now(), 3)
    assert line.hung_up
    assert tuple(seen) == report.trace
    assert [e.text for e in seen[:2]] == ["dialling +48222000002", "connected"]


class Ringing(Dialler):
    """It rings for a while before the far end answers."""

    waited = 0.0

    async def dial(self, number: str) -> Line:
        """Answered after 12.5 s."""
        self.waited = 12.5
        return await super().dial(number)


async def test_the_time_until_the_answer_is_told() -> None:
    """It is part of the call, and costs nothing."""
    line = _line("send-three-pages", calling=True)
    dialler = Ringing(line)
    terminal = LineTerminal(dialler, clock=lambda: line.now() + dialler.waited)

    report = await terminal.send("+48222000002", Source([A4_FINE] * 3), US)

    assert (report.ringing, report.seconds) == (12.5, round(12.5 + line.now(), 3))


async def test_a_document_is_received() -> None:
    """An answered call is reported with the caller's number and identity, and hung up."""
    line, sink = _line("receive-three-pages", calling=False), Sink()
    terminal = LineTerminal(Dialler(line), clock=line.now)

    report = await terminal.receive(await terminal.wait_for_call(), sink, US)

    assert report.succeeded
    assert (report.number, report.remote_identity) == (CALL.caller, "+48222000002")
    assert len(sink.confirmed) == 3
    assert line.hung_up


async def test_a_call_without_a_page_is_reported() -> None:
    """Where no page came there is none to store, and the cause says why."""
    line = _line("receive-poll-without-document", calling=False)

    report = await LineTerminal(Dialler(line)).receive(CALL, Sink(), US)

    assert (report.status, report.pages) == (Hangup.COMREC_RECEIVE, ())
    assert line.hung_up


async def test_a_partial_page_reaches_the_sink() -> None:
    """What there was of a page when the call broke off is committed, and reported."""
    line, sink = _line("receive-cut-in-page", calling=False), Sink()

    report = await LineTerminal(Dialler(line)).receive(CALL, sink, US)

    assert report.status is Hangup.PHASE_C_RECEIVE
    assert [verdict.name for verdict in sink.verdicts] == ["NONE"]
    assert line.hung_up


async def test_a_document_is_fetched() -> None:
    """A call that polls is reported like any other, and hung up."""
    line, sink = _line("poll-two-documents", calling=True), Sink()

    report = await LineTerminal(Dialler(line)).poll("+48222000002", sink, US)

    assert report.succeeded
    assert report.number == "+48222000002"
    assert len(sink.confirmed) == 2
    assert line.hung_up


async def test_a_document_is_offered() -> None:
    """A caller that polls gets what is on offer."""
    line, source = _line("polled-after-a-document", calling=False), Source()

    report = await LineTerminal(Dialler(line), CORRECTING).receive(
        CALL, Sink(), US, offer=Offer(source)
    )

    assert report.succeeded
    assert source.calls == ["coded 0", "confirming 0", "MCF 0"]


@pytest.mark.parametrize("says", [d for d in Dialled if d is not Dialled.CONNECTED])
async def test_a_call_that_is_not_connected_is_a_report(says: Dialled) -> None:
    """Whatever the network says instead of connecting ends in a report with a sentence."""
    report = await LineTerminal(Dialler(says=says)).send("123", Source(), US)

    assert report.dialled is says
    assert report.status is not Hangup.NORMAL
    assert report.cause.endswith(".")
    assert not report.succeeded
    assert [e.text for e in report.trace] == ["dialling 123", says.value]


async def test_a_number_is_remembered() -> None:
    """The second call to a number begins at the rate that the first one fell to."""
    memory = Memory(lambda: 0.0)
    first = _line("send-training-falls-back", calling=True)
    second = _line("send-training-falls-back", calling=True)
    del second.steps[1:10]  # the rates that failed

    for line in (first, second):
        terminal = LineTerminal(Dialler(line), memory=memory)
        report = await terminal.send("123", Source(), US)
        assert report.succeeded


class Unplugged(Dialler):
    """Its modem is gone."""

    async def dial(self, number: str) -> Line:
        raise CallDropped


async def test_a_line_that_fails_while_dialling_is_a_report() -> None:
    """A modem that is unplugged is our fault, and an outcome."""
    sent = await LineTerminal(Unplugged()).send("123", Source(), US)
    received = await LineTerminal(Unplugged()).receive(CALL, Sink(), US)

    assert (sent.dialled, sent.trace[-1].text) == (Dialled.LINE_FAULT, "CallDropped")
    assert received.status is Hangup.RING_NO_HANDSHAKE


async def test_a_caller_who_has_gone_is_a_report() -> None:
    """A call that ends before it is answered is reported as that."""
    report = await LineTerminal(Dialler(says=Dialled.NO_CARRIER)).receive(CALL, Sink(), US)

    assert (report.status, report.number) == (Hangup.RING_NO_HANDSHAKE, CALL.caller)


async def test_a_document_without_pages_is_not_dialled() -> None:
    """To send nothing is the caller's mistake, and costs no call."""
    with pytest.raises(ValueError, match="no page"):
        await LineTerminal(Dialler()).send("123", Source([]), US)


class FullDiskError(Exception):
    """The store's own trouble."""


@dataclass
class BrokenSource(Source):
    """Fails where it should code a page."""

    async def coded(self, index: int, form: PageForm) -> bytes:
        raise FullDiskError


async def test_our_own_errors_pass_through_and_hang_up() -> None:
    """An error of the page source is no outcome of the call; the line is hung up all the same."""
    line = _line("send-one-page", calling=True)

    with pytest.raises(FullDiskError):
        await LineTerminal(Dialler(line)).send("123", BrokenSource(), US)

    assert line.hung_up


class Stuck(ScriptedLine):
    """A line on which nothing ever begins, and that takes for ever to hang up."""

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        await asyncio.Event().wait()
        return []

    async def hang_up(self) -> None:
        self.hung_up = True
        await asyncio.Event().wait()


@pytest.mark.virtual_time
async def test_a_cancelled_call_is_hung_up_within_bounds() -> None:
    """Cancelling a call hangs up; a driver that cannot does not hold it for ever."""
    loop = asyncio.get_running_loop()
    line = Stuck([], x=False)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await LineTerminal(Dialler(line)).send("123", Source(), US)

    assert line.hung_up
    assert loop.time() <= 5 + HANG_UP_LIMIT + 1


class SlowSink:
    """Takes longer to store a page than any caller waits."""

    def begin(self, form: PageForm) -> PageWriter:
        return SlowWriter()


class SlowWriter:
    """Feeds on, and never ends its commit."""

    quality = PageQuality(rows=1000)

    def feed(self, chunk: bytes) -> None:
        """Take it."""

    async def commit(self, report: PageReport) -> bool:
        await asyncio.Event().wait()
        return True


@pytest.mark.virtual_time
async def test_a_page_that_cannot_be_stored_in_time_is_not_confirmed() -> None:
    """The sink's time is bounded, and no commit goes on behind a call that is over."""
    line = _line("receive-slow-storage-and-caller-leaves", calling=False)

    report = await LineTerminal(Dialler(line)).receive(CALL, SlowSink(), US)

    assert report.status is Hangup.DCE_OVERFLOW
    assert [page.verdict.name for page in report.pages] == ["NONE"]
    assert STORE_LIMIT <= asyncio.get_running_loop().time() <= STORE_LIMIT + 1
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.virtual_time
async def test_a_cancelled_call_leaves_no_commit_behind() -> None:
    """Who is cancelled while a page is stored cancels the storing."""
    line = _line("receive-slow-storage-and-caller-leaves", calling=False)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await LineTerminal(Dialler(line)).receive(CALL, SlowSink(), US)

    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1
