"""What a modem says: result codes, and the lines that come with a ringing call.

Pure. `result` knows the words of V.250, T.31 and the makers' own (Conexant, USRobotics, Lucent), in
any case; a line that is no result is None and belongs to the answer of a query. `DIALLED` says what
the results of a dial mean. `CallerId` gathers what V.253 and its ancestors print between the rings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from modems.dialler import IncomingCall
from modems.session import Dialled


class Result(Enum):
    """The result codes; each ends a command, but RING."""

    OK = "OK"
    CONNECT = "CONNECT"
    RING = "RING"
    NO_CARRIER = "NO CARRIER"
    ERROR = "ERROR"
    NO_DIALTONE = "NO DIALTONE"
    BUSY = "BUSY"
    NO_ANSWER = "NO ANSWER"
    FCERROR = "+FCERROR"
    FRH3 = "+FRH:3"
    DELAYED = "DELAYED"
    BLACKLISTED = "BLACKLISTED"
    VOICE = "VOICE"
    DATA = "DATA"
    FAX = "FAX"


_WORDS: Final = {
    **{result.value: result for result in Result},
    "NO DIAL TONE": Result.NO_DIALTONE,
    "NODIALTONE": Result.NO_DIALTONE,
    "NO LINE": Result.NO_DIALTONE,
    "LINE IN USE": Result.NO_DIALTONE,
    "NOCARRIER": Result.NO_CARRIER,
    "NO ANSWERBACK": Result.NO_ANSWER,
    "+FCON": Result.FAX,
    "+F4": Result.FCERROR,  # Rockwell's early firmware
}
_PREFIXES: Final = (  # the words that more words may follow
    ("CONNECT", Result.CONNECT),
    ("RING", Result.RING),
    ("BLACKLISTED", Result.BLACKLISTED),
    ("BLACK LISTED", Result.BLACKLISTED),
    ("DELAYED", Result.DELAYED),
    ("+CME ERROR", Result.ERROR),
    ("NO CARRIER", Result.NO_CARRIER),
    ("BUSY", Result.BUSY),
)

# What a dial came to, and the sentence for the call's trace.
DIALLED: Final = {
    Result.BUSY: (Dialled.BUSY, "the modem heard a busy tone"),
    Result.NO_ANSWER: (Dialled.NO_ANSWER, "the modem heard nobody answer"),
    Result.NO_DIALTONE: (Dialled.NO_DIALTONE, "the modem heard no dial tone"),
    Result.NO_CARRIER: (Dialled.NO_CARRIER, "the modem heard no fax machine"),
    Result.OK: (Dialled.NO_CARRIER, "the modem gave up the call"),
    Result.VOICE: (Dialled.NO_CARRIER, "the modem heard a voice"),
    Result.DATA: (Dialled.NO_CARRIER, "the modem heard a data modem"),
    Result.ERROR: (Dialled.LINE_FAULT, "the modem refused to dial"),
    Result.BLACKLISTED: (Dialled.LINE_FAULT, "the modem has black-listed the number"),
    Result.DELAYED: (Dialled.LINE_FAULT, "the modem delays calls to this number"),
}


def result(line: str) -> Result | None:
    """The result code in a line, None where it is none."""
    words = " ".join(line.split()).upper()
    if words in _WORDS:
        return _WORDS[words]
    for prefix, meaning in _PREFIXES:
        if words.startswith((prefix + " ", prefix + ":")):
            return meaning
    return None


_FIELD: Final = re.compile(
    r"\s*(NMBR|NBR|CALLER'?S? NUMBER|ANID|\+CLIP|NAME|CALLER'?S? NAME|NDID|DDN_NMBR)\s*[:=]\s*(.*)",
    re.IGNORECASE,
)
_CALLED: Final = frozenset(("NDID", "DDN_NMBR"))
_WITHHELD: Final = frozenset(("O", "P", "OUT OF AREA", "PRIVATE", "UNKNOWN"))
LONGEST: Final = 64  # characters of a number or name that are kept


@dataclass(slots=True)
class CallerId:
    """What is known of the call that rings."""

    called: str = ""
    caller: str = ""
    name: str = ""
    distinction: str = ""  # which of our numbers rings, in the modem's own words: RING A

    def take(self, line: str) -> bool:
        """Read one line; whether it said anything."""
        if result(line) is Result.RING:
            self.distinction = " ".join(line.split()[1:])[:LONGEST] or self.distinction
            return True
        found = _FIELD.match(line)
        if found is None:
            return False
        field, value = found[1].upper(), _value(found[2])
        if field in _CALLED:
            self.called = value
        elif field.endswith("NAME"):
            self.name = value
        else:
            self.caller = value
        return True

    def call(self, numbers: dict[str, str] | None = None) -> IncomingCall:
        """The call; `numbers` says which number each distinctive ring stands for."""
        called = self.called or (numbers or {}).get(self.distinction, "")
        return IncomingCall(called, self.caller, self.name)


def _value(text: str) -> str:
    """A field's value; empty where the caller or the network withholds it."""
    value = "".join(c for c in text.strip().strip('"') if c.isprintable())[:LONGEST]
    value = value.split('"')[0].strip()
    return "" if value.upper() in _WITHHELD else value


def numbers(listed: str) -> frozenset[str]:
    """What `+FCLASS=?` or `+FTM=?` lists: (0,1,1.0), 0-2, 3,24,48 and the makers' brackets."""
    found: set[str] = set()
    for item in re.split(r"[\s,()]+", listed.split(":", 1)[-1]):
        if item.replace(".", "", 1).isdigit():
            found.add(item)
        elif (ends := re.fullmatch(r"(\d{1,3})-(\d{1,3})", item)) is not None:
            found.update(str(n) for n in range(int(ends[1]), int(ends[2]) + 1))
    return frozenset(found)
