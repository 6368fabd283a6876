from __future__ import annotations

import pytest

from modems.results import DIALLED, Result, numbers, result
from modems.session import Dialled


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("OK", Result.OK),
        ("CONNECT", Result.CONNECT),
        ("CONNECT FAX", Result.CONNECT),
        ("+FCON", Result.FAX),
        ("RING", Result.RING),
        ("RING A", Result.RING),
        ("no carrier", Result.NO_CARRIER),
        ("NO DIAL TONE", Result.NO_DIALTONE),
        ("NO DIALTONE", Result.NO_DIALTONE),
        ("NO  ANSWER", Result.NO_ANSWER),
        ("+FCERROR", Result.FCERROR),
        ("+FRH:3", Result.FRH3),
        ("BLACKLISTED 00:10", Result.BLACKLISTED),
        ("DELAYED 00:01:30", Result.DELAYED),
        ("BLACKLISTED", Result.BLACKLISTED),
        ("NO ANSWER 30", Result.NO_ANSWER),
        ("RING/1234567", Result.RING),
        ("RING;2", Result.RING),
        ("COMMAND ERROR", Result.ERROR),
        ("VOICE", Result.VOICE),
        ("RRING", None),
        ("RINGING", None),
        ("0", None),
        ("3", None),
        ("OKAY", None),
        ("+FCLASS: 0,1", None),
        ("BUSYBODY", None),
        ("", None),
    ],
)
def test_the_words_of_modems(line: str, meaning: Result | None) -> None:
    """Every maker's word for a result is known; everything else is no result."""
    assert result(line) is meaning


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("0", Result.OK),
        ("1", Result.CONNECT),
        ("2", Result.RING),
        ("3", Result.NO_CARRIER),
        ("4", Result.ERROR),
        ("6", Result.NO_DIALTONE),
        ("7", Result.BUSY),
        ("8", Result.NO_ANSWER),
        ("15", Result.FAX),
        ("+F4", Result.FCERROR),
        ("OK", Result.OK),
        ("144", None),
    ],
)
def test_the_numbers_of_modems(line: str, meaning: Result | None) -> None:
    """A modem that speaks in numbers is understood, and one that does not is not misread."""
    assert result(line, numeric=True) is meaning


def test_every_end_of_a_dial_is_explained() -> None:
    """What a dial can come to is told the gateway; a modem that may not dial is not broken."""
    ends = set(Result) - {Result.CONNECT, Result.RING, Result.FCERROR, Result.FRH3, Result.FAX}

    assert set(DIALLED) == ends
    assert DIALLED[Result.BUSY][0] is Dialled.BUSY
    assert DIALLED[Result.BLACKLISTED][0] is Dialled.REFUSED


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        ("0,1,1.0", {"0", "1", "1.0"}),
        ("(0,1,2,2.0)", {"0", "1", "2", "2.0"}),
        ("+FCLASS: (0-2),8", {"0", "1", "2", "8"}),
        ("3,24,48,72-74", {"3", "24", "48", "72", "73", "74"}),
        ("", set()),
        ("ERROR", set()),
    ],
)
def test_lists_of_numbers(listed: str, known: set[str]) -> None:
    """+FCLASS=? and +FTM=? are read with ranges, brackets and echoes of the command."""
    assert numbers(listed) == known
