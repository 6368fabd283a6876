from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from modems.class1 import Answering, Class1Dialler, ModemSettings, SerialModem
from modems.dialler import DialFailed
from modems.line_terminal import LineTerminal
from modems.t30.dis import CORRECTING
from modems.t30.line import LineError
from modems.terminal import Identity
from tests.modems.class1.memory_port import MemoryPort
from tests.modems.conformance import VERBS
from tests.modems.t30.pages import Sink, Source
from tests.virtual_time import run

LONGEST_VERB = 130.0  # s, of any verb with the modem at its worst
LONGEST_CALL = 1200.0  # s, of a call with a modem that is out of its mind

WORDS = st.sampled_from(
    [
        *(b"OK", b"CONNECT", b"NO CARRIER", b"ERROR", b"+FCERROR", b"+FRH:3", b"RING", b"BUSY"),
        *(b"FAX", b"DATA", b"OK\r\n\r\nNO CARRIER", b"CONNECT\r\n\xff\x13\x80\x10\x03\r\nOK"),
    ]
)
SAYINGS = st.one_of(
    st.builds(lambda words: b"\r\n" + words + b"\r\n", WORDS),
    st.binary(max_size=60),
    st.just(b"\x10\x03"),
    st.just(b""),
)


@dataclass
class Madman:
    """Answers whatever is said to it with one saying after the other, each after some time."""

    sayings: list[tuple[bytes, float]]

    async def open(self) -> MemoryPort:
        """The setting up goes well; then it begins."""
        self.port = MemoryPort(self._hears)
        self._at = 0
        return self.port

    def _hears(self, octets: bytes) -> None:
        polite = (b"ATZ", b"ATE", b"AT\r", b"AT+FCLASS", b"AT+FM", b"AT+G", b"ATS", b"ATI", b"ATX")
        if octets.lstrip(b"\x10\x03\x18\r").startswith((*polite, b"AT&")):
            self.port.say(b"\r\nOK\r\n")
        elif self.sayings:
            saying, seconds = self.sayings[self._at % len(self.sayings)]
            self._at += 1
            asyncio.get_running_loop().call_later(seconds, self.port.say, saying)


MADMEN = st.builds(
    Madman, st.lists(st.tuples(SAYINGS, st.sampled_from([0.0, 0.02, 0.5, 3.0])), max_size=12)
)


@settings(max_examples=60, deadline=None)
@given(MADMEN, st.sampled_from(sorted(VERBS)))
def test_no_modem_holds_a_verb_for_ever(modem: Madman, verb: str) -> None:
    """Whatever a modem says, a verb ends in time, with a result or one of the three line errors."""

    async def attempt() -> None:
        serial = SerialModem(ModemSettings("/dev/modem", caller_id=False), modem.open)
        dialler = Class1Dialler(serial, answering=Answering(at_once=True))
        try:
            line = await dialler.dial("1")
        except DialFailed:
            return
        async with asyncio.timeout(LONGEST_VERB):
            with contextlib.suppress(LineError):
                await VERBS[verb](line)
        async with asyncio.timeout(LONGEST_VERB):
            await line.hang_up()

    run(attempt())


@settings(max_examples=40, deadline=None)
@given(MADMEN, st.booleans())
def test_no_modem_keeps_a_call_from_its_report(modem: Madman, sending: bool) -> None:
    """Whatever a modem says, a call ends in a report, in bounded time, and nothing raises."""

    async def attempt() -> None:
        serial = SerialModem(ModemSettings("/dev/modem", caller_id=False), modem.open)
        dialler = Class1Dialler(serial, answering=Answering(at_once=True))
        terminal = LineTerminal(dialler, CORRECTING, clock=dialler.now)
        async with asyncio.timeout(LONGEST_CALL):
            if sending:
                report = await terminal.send("1", Source(), Identity("+1"))
            else:
                call = await terminal.wait_for_call()
                report = await terminal.receive(call, Sink(), Identity("+1"))
        assert report.cause

    run(attempt())
