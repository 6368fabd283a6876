"""Two line ends joined in memory, on virtual time, without an event loop.

Each end's verb becomes a request that its coroutine yields; `run` carries out the requests of the
end whose clock is behind, so a call of minutes takes milliseconds. Timing is exact where the engine
depends on it (who listens when) and rough where it does not (training times are one constant).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier
from modems.terminal import CallReport

PREAMBLE = 1.0
TRAINING = 0.25
LATE = 0.5  # s of a preamble or training that a listener may miss


@dataclass(frozen=True)
class Burst:
    """What one end puts on the line."""

    begins: float
    ends: float
    on: Modulation
    frames: tuple[Frame, ...] = ()
    octets: bytes = b""
    training: bool = False


@dataclass(frozen=True)
class _Listen:
    timeout: float


class _Yielded:
    """Hands a request to whoever drives the coroutine."""

    def __init__(self, request: Any) -> None:
        self.request = request

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self.request)


Spoil = Callable[[Burst], Burst | None]


@dataclass
class End:
    """One end: a `Line`. `spoil` may change or lose (None) what this end sends."""

    clock: float = 0.0
    spoil: Spoil = lambda burst: burst
    sent: list[Burst] = field(default_factory=list)
    heard: list[Burst] = field(default_factory=list)
    hung_up: bool = False
    other: End | None = None

    def now(self) -> float:
        return self.clock

    async def pause(self, seconds: float) -> None:
        self.clock += seconds
        await _Yielded(None)

    async def wait_for_silence(self, seconds: float) -> None:
        await self.pause(seconds)

    async def send_frames(self, frames: Sequence[Frame], on: Modulation = Modulation.V21) -> None:
        octets = sum(len(f.octets) + 3 for f in frames)
        lead = PREAMBLE if on is Modulation.V21 else TRAINING
        await self._send(on, lead + octets * 8 / on.bit_rate, frames=tuple(frames))

    async def send_training(self, on: Modulation) -> None:
        await self._send(on, TRAINING + 1.5, training=True)

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        await self._send(on, TRAINING + len(coded) * 8 / on.bit_rate, octets=coded)

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        return list((await self._listen(on, timeout)).frames)

    async def receive_training(self, on: Modulation, *, timeout: float) -> bool:
        return (await self._listen(on, timeout)).training

    async def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        octets = (await self._listen(on, timeout)).octets
        for i in range(0, len(octets), 100):
            yield octets[i : i + 100]

    async def hang_up(self) -> None:
        self.hung_up = True

    async def _send(self, on: Modulation, seconds: float, **content: Any) -> None:
        self._alive()
        burst = self.spoil(Burst(self.clock, self.clock + seconds, on, **content))
        self.clock += seconds
        if burst is not None:
            self.sent.append(burst)
        await _Yielded(None)

    async def _listen(self, on: Modulation, timeout: float) -> Burst:
        self._alive()
        burst: Burst | None = await _Yielded(_Listen(timeout))
        if burst is None:
            self._alive()
            raise NoCarrier
        if burst.on.bit_rate != on.bit_rate:
            self.clock = max(self.clock, burst.begins + 0.1)
            raise WrongCarrier
        self.heard.append(burst)
        self.clock = max(self.clock, burst.ends)
        return burst

    def _alive(self) -> None:
        if self.hung_up or (self.other and self.other.hung_up and self.clock >= self.other.clock):
            raise CallDropped

    def to_hear(self, until: float) -> Burst | None:
        """The next burst of the other end that we can still hear, if one begins in time."""
        assert self.other is not None
        for burst in self.other.sent:
            if burst not in self.heard and self.clock - LATE <= burst.begins <= until:
                return burst
        return None


@dataclass
class _Task:
    end: End
    work: Coroutine[Any, Any, CallReport]
    report: CallReport | None = None
    listening_until: float | None = None

    @property
    def due(self) -> float:
        """When this task can go on without the other one's help."""
        return self.end.clock if self.listening_until is None else self.listening_until

    def step(self, value: Burst | None) -> None:
        self.listening_until = None
        try:
            request = self.work.send(value)
        except StopIteration as stop:
            self.report = stop.value
            self.end.hung_up = True
            return
        if isinstance(request, _Listen):
            self.listening_until = self.end.clock + request.timeout


def join() -> tuple[End, End]:
    """Two ends of one call."""
    one, two = End(), End()
    one.other, two.other = two, one
    return one, two


def run(
    one: tuple[End, Coroutine[Any, Any, CallReport]],
    two: tuple[End, Coroutine[Any, Any, CallReport]],
) -> tuple[CallReport, CallReport]:
    """Drive both ends to their reports; an end hangs up when it has reported."""
    tasks = [_Task(*one), _Task(*two)]
    while any(task.report is None for task in tasks):
        _turn([task for task in tasks if task.report is None], tasks)
    first, second = (task.report for task in tasks)
    assert first is not None
    assert second is not None
    return first, second


def _turn(running: list[_Task], tasks: list[_Task]) -> None:
    """Let the task go on that can first, in line time."""
    for task in running:
        if task.listening_until is not None:
            burst = task.end.to_hear(task.listening_until)
            if burst is not None:
                return task.step(burst)
    task = min(running, key=lambda t: t.due)
    if task.listening_until is not None:
        dropped = next((t.end.clock for t in tasks if t is not task and t.report is not None), None)
        until = task.listening_until
        task.end.clock = until if dropped is None else max(task.end.clock, min(until, dropped))
    return task.step(None)
