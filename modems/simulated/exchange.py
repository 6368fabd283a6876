"""The exchange and its subscribers: numbers, ringing, answering, busy.

An `Exchange` connects lines by number; every line is a `SimulatedDialler`. A line is engaged while
it dials, rings or is in a call, until its own end has hung up. A ringing call stays until it is
answered, the caller gives up or T0 ends; nobody has to be waiting for it when it begins to ring.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from modems.dialler import DialFailed, IncomingCall
from modems.session import Dialled
from modems.simulated.call import Call, End
from modems.simulated.clock import LineClock
from modems.simulated.faults import Fault, FaultBook
from modems.simulated.line import SimulatedLine

SET_UP = 1.0  # s; dial tone, digits, and the exchange's work
T0 = 60.0  # s, +-5 s; from dialling to an answer (T.30, time-outs)
CADENCE = 5.0  # s; from one ring to the next (ETSI ES 201 970)


class Exchange:
    """Joins its subscribers' lines. `speed`: its clock runs so many times faster than life.

    `delay` is how long a signal travels one way, in seconds; `grace` see `LineClock`.
    """

    def __init__(
        self, *, speed: float = 1.0, delay: float = 0.0, grace: float | None = None
    ) -> None:
        self.clock = LineClock(speed, grace)
        self.delay = delay
        self._subscribers: dict[str, SimulatedDialler] = {}

    def connect(self, number: str, line: SimulatedDialler) -> None:
        """Give a line its number. Raises ValueError for a number that is taken."""
        if digits(number) in self._subscribers:
            raise ValueError(f"{number} is already connected to this exchange")
        self._subscribers[digits(number)] = line

    def subscriber(self, number: str) -> SimulatedDialler | None:
        """Whose number this is."""
        return self._subscribers.get(digits(number))


def digits(number: str) -> str:
    """A number without the spaces and hyphens that people write."""
    return "".join(c for c in number if c not in " -.()/")


@dataclass(slots=True)
class Ringing:
    """A call that rings at a line."""

    call: IncomingCall
    caller: SimulatedDialler
    since: float  # line time
    answered: asyncio.Future[SimulatedLine | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    rejected: bool = False

    def give_up(self) -> None:
        """Stop ringing, if nobody has answered."""
        if not self.answered.done():
            self.answered.set_result(None)


class SimulatedDialler:
    """One line of an exchange, under its own `number`; implements `Dialler`.

    `rings` says at which ring a call counts as one; `dtmf` are the digits that its calls key in.
    """

    def __init__(
        self,
        exchange: Exchange,
        number: str,
        *,
        faults: Iterable[Fault] = (),
        rings: Callable[[IncomingCall], int] = lambda _: 1,
        dtmf: str = "",
    ) -> None:
        self.number = number
        self._rings = rings
        self._dtmf = dtmf
        self._exchange = exchange
        self._faults = FaultBook(faults)
        self._off_hook = False
        self._ringing: Ringing | None = None
        self._rang = asyncio.Event()
        self._end: End | None = None  # of the call that lasts
        exchange.connect(number, self)

    @property
    def engaged(self) -> bool:
        """Whether the line dials, rings or is in a call: who calls it now finds it busy."""
        return self._off_hook or self._ringing is not None

    def now(self) -> float:
        """Seconds of line time, on the same clock as the lines that this gives."""
        return self._end.now() if self._end else self._exchange.clock.now()

    async def dial(self, number: str) -> SimulatedLine:
        """Connect to `number`. Raises DialFailed; takes at most SET_UP + T0 seconds."""
        if self.engaged:
            raise DialFailed(Dialled.NO_DIALTONE, f"the line {self.number} is engaged")
        self._off_hook = True
        try:
            await self._exchange.clock.sleep(SET_UP)
            called = self._exchange.subscriber(number)
            if called is None:
                raise DialFailed(Dialled.NOT_IN_SERVICE)
            return await called._ring_for(self, number)
        except BaseException:
            self._off_hook = False
            raise

    async def wait_for_call(self) -> IncomingCall:
        """Wait, without limit, until a call has rung often enough; it again until dealt with."""
        while True:
            ringing = self._ringing
            if ringing is None or ringing.rejected:
                self._rang.clear()
                await self._rang.wait()
                continue
            due = ringing.since + CADENCE * (self._rings(ringing.call) - 1)
            left = due - self._exchange.clock.now()
            if left <= 0:
                return ringing.call
            await self._exchange.clock.sleep(left)

    async def answer(self, call: IncomingCall) -> SimulatedLine:
        """Go off-hook and send CED; the line is ready to send DIS. Raises DialFailed."""
        ringing = self._ringing
        if ringing is None or ringing.call != call or ringing.answered.done():
            raise DialFailed(Dialled.NO_CARRIER, "the caller has hung up")
        ours = self._connect(ringing)
        try:
            await ours.play_answer_tone()
        except asyncio.CancelledError:
            await ours.hang_up()
            raise
        return ours

    async def reject(self, call: IncomingCall) -> None:
        """Leave the ringing call unanswered; it rings on until its caller gives up."""
        if self._ringing is not None and self._ringing.call == call:
            self._ringing.rejected = True

    async def _ring_for(self, caller: SimulatedDialler, number: str) -> SimulatedLine:
        """Ring here until answered; the caller's line. Raises DialFailed."""
        if self.engaged:
            raise DialFailed(Dialled.BUSY)
        clock = self._exchange.clock
        call = IncomingCall(called=number, caller=caller.number, dtmf=caller._dtmf)
        ringing = Ringing(call, caller, clock.now())
        self._ringing = ringing
        self._rang.set()
        alarm = clock.call_at(clock.now() + T0, ringing.give_up)
        try:
            line = await asyncio.shield(ringing.answered)
            if line is None:
                raise DialFailed(Dialled.NO_ANSWER)
            return line
        except asyncio.CancelledError:
            if ringing.answered.done() and (line := ringing.answered.result()):
                await line.hang_up()  # answered at the very last moment
            raise
        finally:
            alarm.cancel()
            ringing.give_up()
            if self._ringing is ringing:
                self._ringing = None

    def _connect(self, ringing: Ringing) -> SimulatedLine:
        """Join both lines; our end."""
        exchange = self._exchange
        books = (ringing.caller._faults, self._faults)
        call = Call(exchange.clock, delay=exchange.delay, faults=books)
        theirs, ours = call.ends
        ringing.answered.set_result(ringing.caller._take(call, theirs))
        self._ringing = None
        return self._take(call, ours)

    def _take(self, call: Call, end: End) -> SimulatedLine:
        self._off_hook = True
        self._end = end
        return SimulatedLine(call, end, self._hung_up)

    def _hung_up(self) -> None:
        self._off_hook, self._end = False, None
