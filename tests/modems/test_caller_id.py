from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modems.caller_id import CallerId
from modems.dialler import IncomingCall

STAMP, NUMBER, NAME = b"11241545".hex(), b"5551234".hex(), b"Smith, J.".hex()
MULTIPLE = f"801E0108{STAMP}0207{NUMBER}0709{NAME}"
SINGLE = f"040F{STAMP}{NUMBER}"
RAW = st.builds("MESG={}".format, st.text("0123456789ABCDEF"))


def heard(lines: list[str]) -> CallerId:
    """What is known after these lines."""
    caller = CallerId()
    for line in lines:
        caller.take(line)
    return caller


@pytest.mark.parametrize(
    ("lines", "call"),
    [
        (
            ["RING", "DATE = 1016", "TIME = 2140", "NMBR = 5551234", "NAME = Smith, J"],
            IncomingCall("", "5551234", "Smith, J"),
        ),
        (["RING", "NMBR=5551234", "NAME=Smith"], IncomingCall("", "5551234", "Smith")),
        (["NMBR  =  5551234 ", " NAME:Smith"], IncomingCall("", "5551234", "Smith")),
        (["RING", "NMBR=O", "NAME=P"], IncomingCall()),
        (["NMBR = OUT OF AREA", "NAME = Private Name"], IncomingCall()),
        (["NMBR=ANONYMOUS", "NAME=UNAVAILABLE"], IncomingCall()),
        (["NMBR=", "NAME="], IncomingCall()),
        (["NAME=O'Hara"], IncomingCall("", "", "O'Hara")),
        (["RING B", "NMBR=1"], IncomingCall("+482", "1")),
        (["RING/123", "NMBR=1"], IncomingCall("+483", "1")),
        (["DROF=40", "DRON=11", "DROF=20", "DRON=11", "RING"], IncomingCall("+484")),
        (['+CLIP: "0221234567",129'], IncomingCall("", "0221234567")),
        (["NDID=5550000", "CALLER NUMBER: 123"], IncomingCall("5550000", "123")),
        (["DTMF = 12", "DTMF: 3#", "DTMF=x"], IncomingCall("", "", "", "123#")),
        (["DAD: 5550000", "CID: 123"], IncomingCall("5550000", "123")),
        ([f"MESG={MULTIPLE}"], IncomingCall("", "5551234", "Smith, J.")),
        ([f"MESG = {SINGLE}"], IncomingCall("", "5551234")),
        (["MESG=0412", "MESG=80FF02", "MESG=xyz", "rubbish"], IncomingCall()),
    ],
)
def test_caller_id(lines: list[str], call: IncomingCall) -> None:
    """What modems print between the rings says who calls, and which of our numbers."""
    numbers = {"A": "+481", "B": "+482", "123": "+483", "11-20-11": "+484"}

    assert heard(lines).call(numbers) == call


@given(st.lists(st.text(max_size=300) | RAW, max_size=10))
def test_rubbish_between_the_rings(lines: list[str]) -> None:
    """Whatever a modem prints, a call is short printable text."""
    call = heard(lines).call()

    assert all(
        len(t) <= 64 and (t.isprintable() or not t)
        for t in (call.caller, call.caller_name, call.dtmf)
    )
