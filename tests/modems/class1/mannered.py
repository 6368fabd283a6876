"""Modems in memory with manners of their own, all of which are found in the field.

Each is a `FakeModem` that does what T.31 asks and says it differently: louder, later, twice, in
numbers, or between words that mean nothing.
"""

from __future__ import annotations

import asyncio

from tests.modems.class1.fake_modem import FakeModem

NUMBERS = {"OK": "0", "CONNECT": "1", "NO CARRIER": "3", "ERROR": "4", "+FCERROR": "+F4"}
ACTIONS = ("AT+FT", "AT+FR", "ATD", "ATA")


class Echoing(FakeModem):
    """Echoes every command (E1), whatever it is told."""

    def _obey(self, line: str) -> None:
        self.port.say(f"{line}\r".encode())
        super()._obey(line)


class Numeric(FakeModem):
    """Speaks in numbers (V0), whatever it is told."""

    def _say(self, words: str) -> None:
        *lines, last = words.split("\r\n\r\n")
        for line in lines:
            self.port.say(f"\r\n{line}\r\n".encode())
        number = NUMBERS.get(last)
        self.port.say(f"{number}\r".encode() if number else f"\r\n{last}\r\n".encode())


class Stammering(FakeModem):
    """Says OK twice where it is only a setting."""

    def _obey(self, line: str) -> None:
        super()._obey(line)
        if not line.startswith((*ACTIONS, "ATH", "ATZ")):
            self._say("OK")


class Chattering(FakeModem):
    """Puts zeros, flow control and words of its own between its answers."""

    def _say(self, words: str) -> None:
        self.port.say(b"\0\r\n\x11\r\nRRING\r\n")
        super()._say(words)


class Shouting(FakeModem):
    """Adds words to its results, in letters of its own choice."""

    def _say(self, words: str) -> None:
        super()._say({"CONNECT": "Connect FAX", "OK": "ok"}.get(words, words))


class Slow(FakeModem):
    """Thinks for a while about every setting."""

    def _obey(self, line: str) -> None:
        if line.startswith(ACTIONS):
            super()._obey(line)
        else:
            asyncio.get_running_loop().call_later(0.8, super()._obey, line)


class Deaf(FakeModem):
    """Knows no +FRS."""

    def _obey(self, line: str) -> None:
        if line.startswith("AT+FRS"):
            self.said.append(line)
            self._say("ERROR")
        else:
            super()._obey(line)


class Leaving(FakeModem):
    """Says NO CARRIER by itself when a call is over, and before the OK to ATH."""

    def _obey(self, line: str) -> None:
        if line == "ATH0":
            self._say("NO CARRIER")
        super()._obey(line)


MANNERS = (Echoing, Numeric, Stammering, Chattering, Shouting, Slow, Deaf, Leaving)
