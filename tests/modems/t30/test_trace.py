"""The trace: its wording and its bound."""

from __future__ import annotations

import pytest

from modems.session import DF, EC, SessionParameters
from modems.t30 import trace as tracing
from modems.t30.dis import Agreement, Capabilities, write_dcs, write_dis
from modems.t30.fcf import FCF
from modems.t30.frames import Message, characters
from modems.t30.line import Modulation
from modems.t30.trace import Trace, describe
from modems.terminal import TraceEntry


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (Message(FCF.MCF), "MCF"),
        (Message(FCF.TSI, characters("+48 22 1")), "TSI +48 22 1"),
        (Message(FCF.PPS, b"\x2f\x00\x01\x05"), "PPS EOP, page 1, block 2, 6 frames"),
        (Message(FCF.PPS, b"\x00\x02\x00\xff"), "PPS NULL, page 3, block 1, 256 frames"),
        (Message(FCF.PPS, b"\x00"), "PPS NULL"),
        (Message(FCF.PPS), "PPS unknown"),
        (Message(FCF.EOR, b"\x5e"), "EOR MPS"),
        (Message(FCF.PPR, b"\x07"), "PPR 3 frames"),
        (Message(FCF.CTC, b"\x00\x06"), "CTC V.29 9600"),
        (Message(FCF.CTC), "CTC V.27ter 2400"),
        (Message(FCF.PWD, characters("1234")), "PWD (not shown)"),
        (Message(FCF.NSF, bytes(range(12))), "NSF 00 01 02 03 04 05 06 07"),
        (
            Message(FCF.DIS, write_dis(Capabilities(ec=EC.ECM_256, codings=frozenset(DF)))),
            "DIS V.17 14400, MH/MMR/MR, to 400 rows/inch, A3, 0 ms, ECM",
        ),
        (
            Message(FCF.DIS, b"\x00\x01\x30"),
            "DIS V.27ter 2400, MH, to 100 rows/inch, A4, 20/10 ms, cannot receive, has a document",
        ),
        (
            Message(FCF.DCS, write_dcs(Agreement(SessionParameters(), Modulation.V29_9600))),
            "DCS V.29 9600, MH, 204x98 dpi, A4, 0 ms",
        ),
        (Message(FCF.DCS, b"\x00\x12\x00"), "DCS unknown modulation"),
        (
            Message(FCF.DCS, b"\x00\x22\x80\x84\x80\x80\x80\x80\x08"),
            "DCS V.17 14400, MH, 204x98 dpi, A4, 20 ms, ECM, unknown bits [68]",
        ),
    ],
)
def test_frames_are_told_with_their_meaning(message: Message, words: str) -> None:
    """A line of the trace says what a frame means, in stable words; passwords stay out of it."""
    assert describe(message) == words


def test_entries_carry_the_time_and_reach_the_observer() -> None:
    """Each entry goes to the observer as it happens, with the seconds since the call began."""
    seen: list[TraceEntry] = []
    now = iter([0.0, 1.5, 2.0004])
    trace = Trace(lambda: next(now), seen.append)

    trace.note("connected")
    trace.received(Message(FCF.DIS))
    trace.sent(Message(FCF.DCN))

    assert [str(entry).split(maxsplit=2)[:2] for entry in seen] == [
        ["0.000", "-"],
        ["1.500", "<"],
        ["2.000", ">"],
    ]
    assert trace.entries == tuple(seen)


def test_an_endless_call_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound entries are counted, not kept."""
    monkeypatch.setattr(tracing, "LONGEST", 3)
    trace = Trace(lambda: 0.0)
    for _ in range(5):
        trace.note("again")

    assert [entry.text for entry in trace.entries] == ["again"] * 3 + ["2 entries left out"]
