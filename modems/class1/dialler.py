"""Calls on a Class 1 modem: dialling, waiting for RING, answering.

Implements `modems.dialler.Dialler`. What the network answers becomes a `DialFailed`, what the modem
itself cannot do a `DialFailed` with LINE_FAULT; only `wait_for_call` raises the modem's own
failures, so that whoever manages lines puts this one aside. A cancelled dial hangs up.

T.31 8.2 (ATD, ATA), V.250 6.3, V.253 (caller ID).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from modems.at import Dialogue, ModemFailure, ModemSilent, Reply
from modems.caller_id import CallerId
from modems.class1.actions import Actions, Mode
from modems.class1.line import Class1Line
from modems.dialler import DialFailed, IncomingCall
from modems.results import DIALLED, Result, result
from modems.serial_modem import SerialModem
from modems.session import Dialled

# Seconds.
T0: Final = 65.0  # 60 +-5 s; from the last digit to an answer (T.30, time-outs)
PER_DIGIT: Final = 0.2  # tone and gap
PER_PULSED: Final = 1.8  # the ten pulses of a zero, and the gap after them
WAITS: Final = {",": 2.0, "W": 30.0, "@": 30.0}  # S8; a second dial tone; five seconds of silence
ANSWERING: Final = 30.0  # ATA: silence, CED, and flags take under 8 s
RINGING: Final = 8.0  # after the last RING, the call has gone
LEFT: Final = 20.0  # between two looks at a call that was left ringing
CHECK: Final = 300.0  # an idle modem is asked for a sign of life so often

DIALLABLE: Final = frozenset("0123456789*#ABCD,W@!T P".replace(" ", ""))
MOST_RESULTS: Final = 4  # FAX and the like before CONNECT
RESET_AFTER: Final = frozenset((Dialled.LINE_FAULT, Dialled.REFUSED))  # ATZ ends a black list
REFUSES: Final = "Our own modem refused to call this number again so soon: {}."
CALLER_GONE: Final = (Dialled.NO_CARRIER, "the caller has hung up")
ANSWERED: Final = {  # what called, where it was no fax machine
    Result.DATA: (Dialled.NO_CARRIER, "a data modem called", "A data modem called, not a fax."),
    Result.VOICE: (Dialled.VOICE, "the modem heard a voice", "A person called, not a fax machine."),
}
NOT_HUNG_UP: Final = "the modem did not say that it had hung up"
ADAPTIVE: Final = ("+FAE=1", "+FAA=1")  # the first that it takes


@dataclass(frozen=True, slots=True)
class Numbering:
    """How an international number is dialled here: the first prefix that fits is replaced."""

    rewrite: tuple[tuple[str, str], ...] = (("+", "00"),)
    pulse: bool = False

    def dialled(self, number: str) -> str:
        """What goes after ATD; empty where there is nothing to dial."""
        for prefix, instead in self.rewrite:
            if number.startswith(prefix):
                number = instead + number.removeprefix(prefix)
                break
        digits = "".join(c for c in number.upper() if c in DIALLABLE)
        return digits and ("P" if self.pulse else "T") + digits


@dataclass(slots=True)
class Answering:
    """How calls are answered."""

    rings: int = 1  # so many before a call counts as one; caller ID comes after the first
    at_once: bool = False  # without waiting for RING: two modems on one pair of wires
    adaptive: bool = False  # +FAE=1: let the modem tell data calls from fax calls
    numbers: dict[str, str] = field(default_factory=dict)  # our number by distinctive ring
    rings_of: Callable[[IncomingCall], int] | None = None  # instead of `rings`, call by call

    def wanted(self, call: IncomingCall) -> int:
        """At which ring a call is answered."""
        return self.rings_of(call) if self.rings_of else self.rings


class Class1Dialler:
    """One modem's calls."""

    def __init__(
        self,
        modem: SerialModem,
        numbering: Numbering | None = None,
        answering: Answering | None = None,
    ) -> None:
        self.modem = modem
        self._numbering = numbering or Numbering()
        self._answering = answering or Answering()
        self._ringing: tuple[IncomingCall, float] | None = None  # and since when
        self._left: tuple[IncomingCall, float] | None = None  # a call that nobody answered

    def now(self) -> float:
        """Seconds on the clock of the lines that this gives."""
        return asyncio.get_running_loop().time()

    # Calling -----------------------------------------------------------------------------------

    async def dial(self, number: str) -> Class1Line:
        """Connect to `number`. Raises DialFailed; bounded by T0."""
        digits = self._numbering.dialled(number)
        if not digits:
            raise DialFailed(Dialled.NOT_IN_SERVICE, f"there is nothing to dial in {number!r}")
        dialogue = await self._prepared()
        per_digit = PER_PULSED if "P" in digits else PER_DIGIT
        limit = T0 + sum(WAITS.get(digit, per_digit) for digit in digits)
        reply = await self._connected(dialogue, f"D{digits}", limit, Dialled.NO_ANSWER)
        if reply.result is Result.CONNECT:
            return self._line(dialogue, Mode.HEARING)
        dialled, why = DIALLED.get(reply.result, (Dialled.NO_CARRIER, reply.words))
        await self._give_up()
        if dialled in RESET_AFTER:
            self.modem.fits = False
        cause = REFUSES.format(why) if dialled is Dialled.REFUSED else ""
        raise DialFailed(dialled, why, cause)

    async def _prepared(self) -> Dialogue:
        """The modem, ready for a fax call. Raises DialFailed."""
        try:
            dialogue = await self.modem.ready()
            await self.modem.set_class(dialogue)
        except ModemFailure as failure:
            self.modem.fits = False
            raise DialFailed(Dialled.LINE_FAULT, str(failure)) from failure
        return dialogue

    async def _connected(
        self, dialogue: Dialogue, command: str, limit: float, silent: Dialled
    ) -> Reply:
        """ATD or ATA up to its last result. Raises DialFailed; a cancelled one hangs up."""
        try:
            # CONNECT begins data: the 13 of a final frame is not XOFF (T.31 8.2.3).
            dialogue.port.software_flow(False)
            dialogue.say(command)
            async with asyncio.timeout(limit):
                for _ in range(MOST_RESULTS):
                    reply = await dialogue.reply(limit)
                    if reply.result is not Result.FAX:
                        break
            return reply
        except (ModemSilent, TimeoutError):
            await self._abort(dialogue)
            raise DialFailed(silent, f"nothing came of AT{command[0]} in {limit:.0f} s") from None
        except ModemFailure as failure:
            await self.modem.close()
            raise DialFailed(Dialled.LINE_FAULT, str(failure)) from failure
        except asyncio.CancelledError:
            await self._abort(dialogue)
            raise

    async def _abort(self, dialogue: Dialogue) -> None:
        """Any character ends a dial or an answer (V.250 5.6.1); then on-hook."""
        try:
            await dialogue.cancelled(1.0)
        except ModemFailure:
            self.modem.fits = False
        await self._give_up()

    async def _give_up(self) -> None:
        """On-hook. Raises DialFailed where nobody knows whether it is."""
        if not await self.modem.hang_up():
            raise DialFailed(Dialled.LINE_FAULT, NOT_HUNG_UP)

    # Being called ------------------------------------------------------------------------------

    async def wait_for_call(self) -> IncomingCall:
        """Wait, without limit, until it has rung often enough. Raises ModemFailure."""
        if self._answering.at_once:
            return IncomingCall()
        while True:
            dialogue = await self.modem.ready()
            await self.modem.set_class(dialogue)
            call = await self._rung(dialogue)
            if call is not None:
                self._ringing = self._left = call, self.now()
                return call

    async def _rung(self, dialogue: Dialogue) -> IncomingCall | None:
        """A call that has rung often enough; None when it stopped before, or none came.

        Who calls is told once: a call that was left ringing is still that caller's, until the rings
        stop or another caller is told.
        """
        caller, rings, left = CallerId(), 0, self._still_left()
        while True:
            call = left or caller.call(self._answering.numbers)
            if rings and rings >= self._answering.wanted(call):
                return call
            try:
                async with asyncio.timeout(RINGING if rings or left else CHECK):
                    line = await dialogue.line()
            except TimeoutError:
                self._left = None
                return None
            told, rang = caller.take(line), result(line) is Result.RING
            left = left if rang or not told else None
            rings += rang

    def _still_left(self) -> IncomingCall | None:
        """A call that was left ringing a moment ago."""
        left = self._left
        return left[0] if left is not None and self.now() - left[1] < LEFT else None

    async def answer(self, call: IncomingCall) -> Class1Line:
        """Go off-hook and send CED; the line is ready to send DIS. Raises DialFailed."""
        if not self._answering.at_once and not self._rings(call):
            raise DialFailed(Dialled.NO_CARRIER, "the line does not ring any more")
        dialogue = await self._prepared()
        if self._answering.adaptive:
            await self._adapt(dialogue)
        reply = await self._connected(dialogue, "A", ANSWERING, Dialled.LINE_FAULT)
        if reply.result is Result.CONNECT:
            return self._line(dialogue, Mode.SENDING)
        await self._give_up()
        if reply.result is Result.ERROR:
            raise DialFailed(Dialled.LINE_FAULT, "the modem refused to answer")
        raise DialFailed(*ANSWERED.get(reply.result, CALLER_GONE))

    async def _adapt(self, dialogue: Dialogue) -> None:
        try:
            for command in ADAPTIVE:
                if (await dialogue.command(command, 2.0)).ok:
                    return
        except ModemFailure as failure:
            raise DialFailed(Dialled.LINE_FAULT, str(failure)) from failure

    def _rings(self, call: IncomingCall) -> bool:
        """Whether this call rang a moment ago."""
        ringing, self._ringing, self._left = self._ringing, None, None
        return ringing is not None and ringing[0] == call and self.now() - ringing[1] < RINGING

    async def reject(self, call: IncomingCall) -> None:
        """Leave the ringing call unanswered; it rings on until its caller gives up."""
        if self._ringing is not None and self._ringing[0] == call:
            self._ringing = None

    def _line(self, dialogue: Dialogue, mode: Mode) -> Class1Line:
        return Class1Line(self.modem, Actions(dialogue, mode))
