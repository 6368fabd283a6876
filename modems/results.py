"""What a modem says: result codes, in words or numbers, and what those of a dial mean.

Pure. `result` knows the words of V.250, T.31 and the makers' own (Conexant, USRobotics, Lucent), in
any case, and the numbers of a modem that will not speak in words (V.250 table 1); a line that is no
result is None and belongs to the answer of a query. `DIALLED` says what the results of a dial mean.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

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
    "NO-CARRIER": Result.NO_CARRIER,
    "NO DIAL TONE": Result.NO_DIALTONE,
    "NODIALTONE": Result.NO_DIALTONE,
    "NO LINE": Result.NO_DIALTONE,
    "LINE IN USE": Result.NO_DIALTONE,
    "NOCARRIER": Result.NO_CARRIER,
    "NOANSWER": Result.NO_ANSWER,
    "NO RINGBACK": Result.NO_ANSWER,
    "RING NO ANSWER": Result.NO_ANSWER,
    "NO FAX ANSWER": Result.NO_CARRIER,
    "COMMAND ERROR": Result.ERROR,
    "NO ANSWERBACK": Result.NO_ANSWER,
    "+FCON": Result.FAX,
    "VCON": Result.VOICE,
    "+F4": Result.FCERROR,  # Rockwell's early firmware
}
_PREFIXES: Final = (  # the words that more words may follow
    ("CONNECT", Result.CONNECT),
    ("RING", Result.RING),
    ("BLACKLISTED", Result.BLACKLISTED),
    ("BLACK LISTED", Result.BLACKLISTED),
    ("BLACKLIST", Result.BLACKLISTED),
    ("DELAYED", Result.DELAYED),
    ("+CME ERROR", Result.ERROR),
    ("+FCERROR", Result.FCERROR),
    ("ERROR", Result.ERROR),
    ("NO CARRIER", Result.NO_CARRIER),
    ("NO DIALTONE", Result.NO_DIALTONE),
    ("NO DIAL TONE", Result.NO_DIALTONE),
    ("NO ANSWER", Result.NO_ANSWER),
    ("BUSY", Result.BUSY),
    ("VOICE", Result.VOICE),
)
_PARTING: Final = (" ", ":", "/", ";", ",")  # between such a word and what follows it

# V.250 table 1, and 13 and 15 of Conexant's +FAE.
_NUMBERS: Final = {
    "0": Result.OK,
    "1": Result.CONNECT,
    "2": Result.RING,
    "3": Result.NO_CARRIER,
    "4": Result.ERROR,
    "6": Result.NO_DIALTONE,
    "7": Result.BUSY,
    "8": Result.NO_ANSWER,
    "13": Result.DATA,
    "15": Result.FAX,
}

# What a dial came to, and the sentence for the call's trace.
DIALLED: Final = {
    Result.BUSY: (Dialled.BUSY, "the modem heard a busy tone"),
    Result.NO_ANSWER: (Dialled.NO_ANSWER, "the modem heard nobody answer"),
    Result.NO_DIALTONE: (Dialled.NO_DIALTONE, "the modem heard no dial tone"),
    Result.NO_CARRIER: (Dialled.NO_CARRIER, "the modem heard no fax machine"),
    Result.OK: (Dialled.NO_CARRIER, "the modem gave up the call"),
    Result.VOICE: (Dialled.VOICE, "the modem heard a voice"),
    Result.DATA: (Dialled.NO_CARRIER, "the modem heard a data modem"),
    Result.ERROR: (Dialled.LINE_FAULT, "the modem refused to dial"),
    Result.BLACKLISTED: (Dialled.REFUSED, "the modem has black-listed the number"),
    Result.DELAYED: (Dialled.REFUSED, "the modem delays calls to this number"),
}


def result(line: str, *, numeric: bool = False) -> Result | None:
    """The result code in a line, None where it is none; `numeric`: the modem may say a number."""
    words = " ".join(line.replace("\0", " ").split()).upper()
    if words in _WORDS:
        return _WORDS[words]
    if numeric and words in _NUMBERS:
        return _NUMBERS[words]
    for prefix, meaning in _PREFIXES:
        if words.startswith(prefix) and words[len(prefix) :].startswith(_PARTING):
            return meaning
    return None


def numbers(listed: str) -> frozenset[str]:
    """What `+FCLASS=?` or `+FTM=?` lists: (0,1,1.0), 0-2, 3,24,48 and the makers' brackets."""
    found: set[str] = set()
    for item in re.split(r"[\s,()]+", listed.split(":", 1)[-1]):
        if item.replace(".", "", 1).isdigit():
            found.add(item)
        elif (ends := re.fullmatch(r"(\d{1,3})-(\d{1,3})", item)) is not None:
            found.update(str(n) for n in range(int(ends[1]), int(ends[2]) + 1))
    return frozenset(found)
