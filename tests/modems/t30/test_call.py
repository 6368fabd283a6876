"""The limits of a call that no far end of the dialogues reaches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from modems.session import Hangup
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.causes import SENTENCES, Phase
from modems.t30.dis import Capabilities
from modems.t30.line import Modulation
from modems.t30.quality import CopyQuality
from modems.t30.receive import Receiver
from modems.t30.send import Sender
from modems.t30.trace import Trace
from modems.terminal import CallReport, Identity
from tests.modems.t30.dialogue import Step, read
from tests.modems.t30.hostile import ECHO, HostileLine
from tests.modems.t30.pages import A4_FINE, Sink, Source
from tests.modems.t30.scripted import ScriptedLine, finish

DIALOGUES = Path(__file__).parents[2] / "dialogues"
NOBODY = Identity("")


def _steps(name: str, first: int) -> list[Step]:
    """A dialogue's first steps, without our number in them, and then our DCN."""
    steps = read(DIALOGUES / f"{name}.t30").steps[:first]
    ours = [replace(s, text=s.text.split(" & ")[-1]) if s.ours else s for s in steps]
    return [*ours, Step(0, True, "DCN")]


def _send(line: HostileLine | ScriptedLine, source: Source) -> CallReport:
    call = Call(line, Trace(line.now), Capabilities(), NOBODY, calling=True, sending=True)
    return finish(call.carry_out(Sender(call, source).procedure))


def _receive(line: HostileLine | ScriptedLine, sink: Sink, *, calling: bool = False) -> CallReport:
    call = Call(line, Trace(line.now), Capabilities(), NOBODY, calling=calling, sending=False)
    return finish(call.carry_out(Receiver(call, sink, CopyQuality()).procedure))


class StoppedClock(HostileLine):
    """A line on which no time passes; a driver with a broken clock."""

    def now(self) -> float:
        return 0.0


def test_a_stopped_clock_ends_a_call_too() -> None:
    """Where time-outs fail, counting ends the waits for a DIS and for a command."""
    assert _send(StoppedClock([ECHO]), Source()).status is Hangup.NO_ANSWER_T1
    assert _receive(StoppedClock([ECHO]), Sink()).status is Hangup.NO_ANSWER_T1
    assert _receive(StoppedClock([ECHO]), Sink(), calling=True).status is Hangup.NO_ANSWER_T1


@dataclass
class SlowLine(ScriptedLine):
    """A line on which each piece of a page takes half an hour, and each page out four hours."""

    async def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        async for chunk in super().receive_page(on, timeout=timeout):
            self.clock += 0.6 * timers.PAGE_LIMIT
            yield chunk

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        await super().send_page(on, coded)
        self.clock += 0.7 * timers.CALL_LIMIT


def test_no_page_lasts_for_ever() -> None:
    """A page that comes for more than an hour ends the call, and is kept unconfirmed."""
    report = _receive(SlowLine(_steps("receive-one-page", 5), x=True), Sink())

    assert (report.status, report.cause) == (
        Hangup.PHASE_C_RECEIVE,
        "Page 1 lasted more than an hour.",
    )
    assert [page.verdict.name for page in report.pages] == ["NONE"]


def test_no_call_lasts_for_ever() -> None:
    """Before each page a call that has lasted too long is ended."""
    line = SlowLine(_steps("send-three-pages", 10), x=False)

    report = _send(line, Source([A4_FINE] * 3))

    assert report.status is Hangup.ABORTED
    assert [page.verdict.name for page in report.pages] == ["MCF", "MCF"]


def test_every_cut_has_a_sentence() -> None:
    """Whatever the phase, a call that breaks off is told in words that name no frame."""
    for phase in Phase:
        for sending in (False, True):
            sentence = SENTENCES[phase.cut_off(sending=sending)]
            assert sentence.endswith(".")
    words = {word for sentence in SENTENCES.values() for word in sentence.split()}
    assert not any(word.isupper() and len(word) > 1 for word in words)
