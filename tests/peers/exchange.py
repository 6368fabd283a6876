"""An exchange for soft modems and fax machines: ringing, answering, and the sound between them.

Everything moves in steps of 20 ms of line time; `run` takes them `speed` times as fast as life.
Numbers that nobody has do not answer; "busy" and "dead" as the last digits of a number do as they
say: 7777 is busy, 0000 has no dial tone, 8888 answers and is silent for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.peers.channel import Channel, Impairment
from tests.peers.spandsp import BLOCK, RATE, SILENCE, Event

BUSY, NO_DIALTONE, SILENT = "7777", "0000", "8888"
RING_EVERY = 3.0  # s
FIRST_RING = 0.5  # s after the last digit
CLEARING = 0.6  # s of silence before the other end's modem is told that the call has gone
UNANSWERED = 3.0  # s until an unknown number is given up
LATE = 0.1  # s of real time; a machine that is later slips, since sound cannot be caught up


class Subscriber:
    """Something with a number."""

    number = ""
    off_hook = False
    exchange: Exchange
    call: Call | None = None

    def ring(self) -> None:
        """The telephone rings once."""

    def connected(self) -> None:
        """Our call was answered."""

    def failed(self, why: Event) -> None:
        """Our call was not."""

    def cleared(self) -> None:
        """The other end has hung up."""

    def speak(self) -> bytes:
        """The next block of sound from here."""
        return SILENCE

    def hear(self, block: bytes) -> None:
        """The next block of sound to here."""

    def step(self) -> None:
        """Twenty milliseconds have passed."""


@dataclass(eq=False)
class Call:
    """A call from `caller` to `called`; `up` once it is answered."""

    caller: Subscriber
    called: Subscriber
    there: Channel
    back: Channel
    next_ring: float
    up: bool = False
    began: float = 0.0
    left: Subscriber | None = None  # who has hung up already
    clear_at: float = 0.0

    def other(self, one: Subscriber) -> Subscriber:
        """The other end."""
        return self.called if one is self.caller else self.caller


@dataclass
class Exchange:
    """Joins subscribers. `tell` is told of every step of a call."""

    speed: float = 1.0
    impairment: Impairment = field(default_factory=Impairment)
    tell: Callable[..., None] = lambda *_: None
    now: float = 0.0  # s of line time
    slips: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        self._subscribers: dict[str, Subscriber] = {}
        self._calls: list[Call] = []
        self._later: list[tuple[float, Callable[[], None]]] = []

    def add(self, subscriber: Subscriber) -> None:
        """Give a subscriber its number."""
        self._subscribers[subscriber.number] = subscriber
        subscriber.exchange = self

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something so much later."""
        self._later.append((self.now + seconds, action))

    # What subscribers do ------------------------------------------------------------------------

    def dial(self, caller: Subscriber, number: str) -> None:
        """Ring the number's owner, or fail for one of the reasons."""
        self.tell("dial", caller.number, number)
        caller.off_hook = True
        called = self._subscribers.get(number)
        if number.endswith(NO_DIALTONE):
            self.after(0.5, lambda: self._fail(caller, Event.NO_DIALTONE))
        elif number.endswith(SILENT):
            call = self._new_call(caller, Subscriber())
            self.after(1.0, lambda: self._answered(call))
        elif number.endswith(BUSY) or (called and (called.call or called.off_hook)):
            self.after(1.0, lambda: self._fail(caller, Event.BUSY))
        elif called is None:
            self.after(UNANSWERED, lambda: self._fail(caller, Event.NO_ANSWER))
        else:
            called.call = self._new_call(caller, called)

    def answer(self, subscriber: Subscriber) -> bool:
        """Take the call that rings; whether there is one."""
        call = subscriber.call
        if call is None or call.up or call.called is not subscriber:
            return False
        subscriber.off_hook = True
        self._answered(call)
        return True

    def hang_up(self, subscriber: Subscriber) -> None:
        """End the subscriber's call, or give up dialling; whoever is on hook goes on ringing."""
        call, subscriber.off_hook = subscriber.call, False
        if call is None or (not call.up and call.called is subscriber):
            return
        subscriber.call = None
        self.tell("hang up", subscriber.number)
        if not call.up:
            call.other(subscriber).call = None
            self._calls.remove(call)
        elif call.left is None:
            call.left, call.clear_at = subscriber, self.now + CLEARING

    def _new_call(self, caller: Subscriber, called: Subscriber) -> Call:
        there, back = Channel(self.impairment, seed=1), Channel(self.impairment, seed=2)
        call = Call(caller, called, there, back, self.now + FIRST_RING)
        caller.call = call
        self._calls.append(call)
        return call

    def _answered(self, call: Call) -> None:
        if call in self._calls:
            call.up, call.began = True, self.now
            self.tell("answered", call.called.number)
            call.caller.connected()

    def _fail(self, caller: Subscriber, why: Event) -> None:
        if caller.off_hook and caller.call is None:
            caller.off_hook = False
            caller.failed(why)

    # Time ---------------------------------------------------------------------------------------

    def run(self, each_step: Callable[[], None]) -> None:
        """Step until stopped."""
        due = time.monotonic()
        while not self.stopped:
            self.step()
            each_step()
            due += BLOCK / RATE / self.speed
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            elif wait < -LATE:
                self.slips += 1
                due = time.monotonic()

    def step(self) -> None:
        """Twenty milliseconds."""
        self.now += BLOCK / RATE
        for entry in [e for e in self._later if e[0] <= self.now]:
            self._later.remove(entry)
            entry[1]()
        for call in list(self._calls):
            self._progress(call)
        for subscriber in self._subscribers.values():
            subscriber.step()
        self._carry()

    def _progress(self, call: Call) -> None:
        breaks = self.impairment.hang_up_at
        if not call.up:
            if self.now >= call.next_ring:
                call.next_ring = self.now + RING_EVERY
                call.called.ring()
        elif call.left is not None and self.now >= call.clear_at:
            self._calls.remove(call)
            self._clear(call.other(call.left), call)
        elif breaks and self.now >= call.began + breaks:
            self.tell("line breaks")
            self._calls.remove(call)
            self._clear(call.caller, call)
            self._clear(call.called, call)

    def _clear(self, end: Subscriber, call: Call) -> None:
        if end.call is call:
            end.call = None
            end.cleared()

    def _carry(self) -> None:
        said = {s: s.speak() for s in self._subscribers.values() if s.off_hook}
        heard = dict.fromkeys(said, SILENCE)
        for call in (c for c in self._calls if c.up):
            for source, sink, way in (
                (call.caller, call.called, call.there),
                (call.called, call.caller, call.back),
            ):
                gone = source is call.left or source not in said
                block = way.carry(SILENCE if gone else said[source])
                if sink in heard and sink is not call.left:
                    heard[sink] = block
        for subscriber, block in heard.items():
            subscriber.hear(block)
