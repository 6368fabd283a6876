"""A line whose far end is a dialogue file, on virtual time and without an event loop.

Nothing here ever waits, so a coroutine of the engine runs to its end in one `send(None)`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from modems.t30.fcf import FCF
from modems.t30.frames import build, parse
from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier
from modems.t30.trace import describe
from tests.modems.t30.dialogue import Step, block, carrier, message, written

T = TypeVar("T")


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never has to wait."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("the engine awaited something that is not its line")


@dataclass
class ScriptedLine:
    """Plays the far end of `steps`; what we send has to be what the script says."""

    steps: list[Step]
    x: bool  # the first bit of the far end's FCFs
    clock: float = 0.0
    at: int = 0
    own: list[Frame] = field(default_factory=list)
    hung_up: bool = False

    def now(self) -> float:
        return self.clock

    async def pause(self, seconds: float) -> None:
        self.clock += seconds

    async def wait_for_silence(self, seconds: float) -> None:
        self.clock += seconds

    async def hang_up(self) -> None:
        self.hung_up = True

    # What we say --------------------------------------------------------------------------------

    async def send_frames(self, frames: Sequence[Frame], on: Modulation = Modulation.V21) -> None:
        if on is not Modulation.V21:
            self._send_block(frames, on)
            return
        self.own = list(frames)
        self._say([describe(m) for m in map(parse, frames) if m is not None], _v21_time(frames))

    def _send_block(self, frames: Sequence[Frame], on: Modulation) -> None:
        said = [m for m in map(parse, frames) if m is not None]
        assert [m.fcf for m in said[-3:]] == [FCF.RCP] * 3
        long = " long" if on is not on.short else ""
        numbers = written([m.fif[0] for m in said[:-3]])
        octets = sum(len(frame.octets) for frame in frames)
        self._say(
            [f"BLOCK {carrier(on)}{long} {numbers}".rstrip()], 0.25 + 8 * octets / on.bit_rate
        )

    async def send_training(self, on: Modulation) -> None:
        assert on is on.long
        self._say([f"TCF {carrier(on)}"], 1.75)

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        assert on is on.short
        self._say([f"PAGE {carrier(on)}"], 0.25 + 8 * len(coded) / on.bit_rate)

    def _say(self, said: list[str], seconds: float) -> None:
        step = self._next()
        if step is not None and step.text == "hangs up":
            raise CallDropped
        where = f"line {step.number}" if step else "the end"
        expected = step.frames if step and step.ours else ["nothing"]
        fits = len(said) == len(expected)
        fits = fits and all(s.startswith(e) for s, e in zip(said, expected, strict=True))
        assert fits, f"at {where} we sent {said}, expected {expected}"
        self.at += 1
        self.clock += seconds

    # What we hear -------------------------------------------------------------------------------

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        step = self._listen(timeout)
        if step.text.startswith(("TCF", "PAGE")):
            raise WrongCarrier
        if step.text.startswith("BLOCK") is (on is Modulation.V21):
            raise WrongCarrier
        self.at += 1
        if on is not Modulation.V21:
            burst = block(step.text.split()[1:], x=self.x)
            self.clock += 0.25 + sum(len(frame.octets) for frame in burst) * 8 / on.bit_rate
            return burst
        if step.text == "damaged":
            frames = [Frame(b"\xff\x13\x21\x99", ok=False)]
        elif step.text == "echo":
            frames = self.own
        else:
            frames = build([message(text) for text in step.frames], x=self.x)
        self.clock += _v21_time(frames)
        return frames

    async def receive_training(self, on: Modulation, *, timeout: float) -> bool:
        step = self._listen(timeout)
        if not step.text.startswith("TCF"):
            raise WrongCarrier
        self.at += 1
        self.clock += 1.75
        return step.text == "TCF good"

    async def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        step = self._listen(timeout)
        if not step.text.startswith("PAGE"):
            raise WrongCarrier
        self.at += 1
        for _ in range(3):
            self.clock += 0.5
            yield bytes(100)
        if step.text == "PAGE cut":
            raise CallDropped

    def _listen(self, timeout: float) -> Step:
        """The far end's next step; time goes by in silence when the next word is ours."""
        step = self._next()
        if step is None or step.ours:
            self.clock += timeout
            raise NoCarrier
        if step.text == "hangs up":
            raise CallDropped
        if step.text == "noise":
            self.at += 1
            raise WrongCarrier
        return step

    def _next(self) -> Step | None:
        return self.steps[self.at] if self.at < len(self.steps) else None


def _v21_time(frames: Sequence[Frame]) -> float:
    return 1.0 + sum(len(f.octets) + 3 for f in frames) * 8 / 300
