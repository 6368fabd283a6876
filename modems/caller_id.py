"""Who calls, and whom: what a modem prints between the rings.

Pure. `CallerId` gathers the lines of V.253 and its ancestors (Rockwell, USRobotics, Lucent,
Motorola, Eicon, ISDN adapters): DATE, TIME, NMBR, NAME and their like with = or : and any space
around it; the raw message that `MESG` brings in hexadecimal digits (GR-30-CORE); and which of our
numbers rings, where the ring itself tells (RING A, or the cadence in DRON and DROF, V.253 9.2.3);
and the digits that a caller has keyed in (DTMF), where a modem or adapter names them so.

A number that its owner or the network withholds is no number. Whatever a modem prints, what is kept
is short and printable.
"""

from __future__ import annotations

import contextlib
import re
from typing import Final

from modems.dialler import IncomingCall
from modems.results import Result, result

LONGEST: Final = 64  # characters of a number or name that are kept
MOST_CADENCE: Final = 8  # parts of a distinctive ring

_FIELD: Final = re.compile(
    r"\s*(?P<field>NMBR|NBR|NUMBER|CALLER'?S? NUMBER|ANID|CID|\+CLIP|NAME|CALLER'?S? NAME|NDID"
    r"|DDN_NMBR|DAD|MESG|DRON|DROF|DTMF)\s*[:=]\s*(?P<value>.*)",
    re.IGNORECASE,
)
_CALLED: Final = frozenset(("NDID", "DDN_NMBR", "DAD"))
_NO_TONE: Final = re.compile(r"[^0-9A-D*#]")
_CADENCE: Final = frozenset(("DRON", "DROF"))
_WITHHELD: Final = re.compile(
    r"[OP]|OUT[ _-]?OF[ _-]?AREA|PRIVATE.*|UNKNOWN.*|UNAVAILABLE|ANONYMOUS|WITHHELD|BLOCKED"
    r"|NO NUMBER.*|NO NAME.*|NOT AVAILABLE",
    re.IGNORECASE,
)

# GR-30-CORE: kinds of message, and of the parameters of one.
SINGLE, MULTIPLE = 0x04, 0x80
STAMP: Final = 8  # octets of month, day, hour and minute before the number of a single message
CALLER, CALLED, NAME = 0x02, 0x03, 0x07


class CallerId:
    """What is known of the call that rings."""

    def __init__(self) -> None:
        self.called = ""
        self.caller = ""
        self.name = ""
        self.dtmf = ""
        self._word = ""  # what the modem adds to RING
        self._cadence: list[str] = []

    @property
    def distinction(self) -> str:
        """Which of our numbers rings, in the modem's own words: A for RING A, 20-40 for a cadence.

        The first pause is left out: it began before the modem listened.
        """
        return self._word or "-".join(self._cadence)

    def take(self, line: str) -> bool:
        """Read one line; whether it said anything."""
        if result(line) is Result.RING:
            self._word = re.sub(r"(?i)^\s*RING[\s:/;,]*", "", line).strip()[:LONGEST] or self._word
            return True
        found = _FIELD.match(line)
        if found is None:
            return False
        self._note(found["field"].upper(), found["value"])
        return True

    def _note(self, field: str, value: str) -> None:
        if field == "MESG":
            self._decode(value)
        elif field == "DTMF":  # all at once, or one by one
            self.dtmf = (self.dtmf + _NO_TONE.sub("", value.upper()))[:LONGEST]
        elif field in _CADENCE:
            first_pause = field == "DROF" and not self._cadence
            if not first_pause and len(self._cadence) < MOST_CADENCE:
                self._cadence.append(_value(value))
        elif field in _CALLED:
            self.called = _value(value)
        elif field.endswith("NAME"):
            self.name = _value(value)
        else:
            self.caller = _value(value)

    def _decode(self, digits: str) -> None:
        """The raw message: kind, length, and either a stamp and a number or parameters."""
        octets = b""
        with contextlib.suppress(ValueError):
            octets = bytes.fromhex(digits)
        kind, content = octets[:1], octets[2:]
        if kind == bytes((SINGLE,)):
            self.caller = _value(content[STAMP : octets[1]].decode("latin-1"))
        while kind == bytes((MULTIPLE,)) and len(content) > 1:
            parameter, length = content[0], content[1]
            text = _value(content[2 : 2 + length].decode("latin-1"))
            if parameter == CALLER:
                self.caller = text
            elif parameter == CALLED:
                self.called = text
            elif parameter == NAME:
                self.name = text
            content = content[2 + length :]

    def call(self, numbers: dict[str, str] | None = None) -> IncomingCall:
        """The call; `numbers` says which number each distinctive ring stands for."""
        called = self.called or (numbers or {}).get(self.distinction, "")
        return IncomingCall(called, self.caller, self.name, self.dtmf)


def _value(text: str) -> str:
    """A field's value; empty where the caller or the network withholds it."""
    quoted = re.match(r'\s*"([^"]*)"', text)
    text = quoted[1] if quoted else text.split('"')[0]
    value = "".join(c for c in text if c.isprintable())[:LONGEST].strip()
    return "" if _WITHHELD.fullmatch(value) else value
