from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modems.dialler import IncomingCall
from modems.results import DIALLED, CallerId, Result, numbers, result
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
        ("OKAY", None),
        ("+FCLASS: 0,1", None),
        ("BUSYBODY", None),
        ("", None),
    ],
)
def test_the_words_of_modems(line: str, meaning: Result | None) -> None:
    """Every maker's word for a result is known; everything else is no result."""
    assert result(line) is meaning


def test_every_end_of_a_dial_is_explained() -> None:
    """What a dial can come to is told the gateway; a modem's refusal is our own fault."""
    ends = set(Result) - {Result.CONNECT, Result.RING, Result.FCERROR, Result.FRH3, Result.FAX}

    assert set(DIALLED) == ends
    assert DIALLED[Result.BUSY][0] is Dialled.BUSY
    assert DIALLED[Result.BLACKLISTED][0] is Dialled.LINE_FAULT


@pytest.mark.parametrize(
    ("lines", "call"),
    [
        (
            ["RING", "DATE = 1016", "TIME = 2140", "NMBR = 5551234", "NAME = Smith, J"],
            IncomingCall("", "5551234", "Smith, J"),
        ),
        (["RING", "NMBR=O", "NAME=P"], IncomingCall()),
        (["RING B", "NMBR=1"], IncomingCall("+482", "1")),
        (['+CLIP: "0221234567",129'], IncomingCall("", "0221234567")),
        (["NDID=5550000", "CALLER NUMBER: 123"], IncomingCall("5550000", "123")),
        (["MESG=0412", "rubbish"], IncomingCall()),
    ],
)
def test_caller_id(lines: list[str], call: IncomingCall) -> None:
    """What modems print between the rings says who calls, and which of our numbers."""
    caller = CallerId()
    for line in lines:
        caller.take(line)

    assert caller.call({"A": "+481", "B": "+482"}) == call


@given(st.lists(st.text(max_size=300), max_size=10))
def test_rubbish_between_the_rings(lines: list[str]) -> None:
    """Whatever a modem prints, a call is short printable text."""
    caller = CallerId()
    for line in lines:
        caller.take(line)
    call = caller.call()

    assert all(len(t) <= 64 and (t.isprintable() or not t) for t in (call.caller, call.caller_name))


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
