"""Faults on demand: what each does to a call, and what both ends say of it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modems.session import DF, EC, Hangup
from modems.simulated import Exchange, Fault
from modems.simulated.faults import SPARED, CallFaults, FaultBook, noisy
from modems.t30.dis import Capabilities
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import Frame
from modems.terminal import PageVerdict
from tests.modems.documents import chart
from tests.modems.simulated.calls import Fax, fax
from tests.modems.test_pages import pels
from tests.virtual_time import run

PAGES = (chart(1, 300), chart(2, 300))
LONGEST_CALL = 400.0  # s; T1, and a bounded number of tries, for two pages
FOREVER = 99


def frames(*fcfs: FCF) -> list[Frame]:
    """A burst."""
    return build([Message(fcf) for fcf in fcfs], x=False)


def call_with(*faults: Fault) -> Fax:
    """Two short pages over a line with these faults."""
    return run(fax(Exchange(), PAGES, faults))


HARMLESS = [
    Fault("lose_frame", frame="DIS"),
    Fault("lose_frame", frame="CSI"),
    Fault("lose_frame", frame="DCS"),
    Fault("lose_frame", frame="CFR"),
    Fault("lose_frame", frame="MPS"),
    Fault("lose_frame", frame="MCF"),
    Fault("lose_frame", frame="MCF", nth=2),
    Fault("lose_frame", frame="EOP"),
    Fault("lose_frame", frame="DCN"),
    Fault("lose_frame", nth=3),
    Fault("fail_training", times=2),
    Fault("fail_training", times=FOREVER, above_rate=7200),
    Fault("damage_rows", rows=1),
    Fault("damage_rows", rows=60),
    Fault("damage_rows", page=2, rows=60, times=2),
    Fault("hang_up", frame="FTT"),
]


@pytest.mark.parametrize("fault", HARMLESS, ids=str)
def test_what_t30_can_repair_is_repaired(fault: Fault) -> None:
    """A passing fault costs time, never a page, and no page is kept twice as confirmed."""
    call = call_with(fault)

    assert call.sent.succeeded
    assert call.received.status is Hangup.NORMAL
    assert call.source.confirmed_pages == [0, 1]
    assert len(call.sink.confirmed) == 2


# A fault, and what the caller says, what the called end says, and how many pages were confirmed.
FATAL = [
    (Fault("lose_frame", times=FOREVER), "NO_ANSWER_T1", "PHASE_B_RECEIVE", 0),
    (Fault("lose_frame", frame="EOP", times=3), "EOP_NO_ANSWER", "COMREC_PHASE_D_RECEIVE", 1),
    (Fault("fail_training", times=FOREVER), "TRAINING_FAILED", "PHASE_B_RECEIVE", 0),
    (Fault("lose_frame", frame="MCF", times=FOREVER), "MPS_NO_ANSWER", "PHASE_D_RECEIVE", 0),
    (Fault("hang_up", frame="DIS", after=0), "PHASE_A", "PHASE_B_RECEIVE", 0),
    (Fault("hang_up", frame="TCF"), "PHASE_B_TRANSMIT", "PHASE_B_RECEIVE", 0),
    (Fault("hang_up", page=1, after=0.1), "PHASE_C_TRANSMIT", "PHASE_C_RECEIVE", 0),
    (Fault("hang_up", frame="MCF"), "PHASE_D_TRANSMIT", "PHASE_D_RECEIVE", 0),
    (Fault("hang_up", frame="MCF", after=1), "PHASE_C_TRANSMIT", "PHASE_C_RECEIVE", 1),
    (Fault("hang_up", page=2), "PHASE_C_TRANSMIT", "PHASE_C_RECEIVE", 1),
]


@pytest.mark.parametrize(("fault", "sent", "received", "confirmed"), FATAL, ids=str)
def test_what_cannot_be_repaired_is_named(
    fault: Fault, sent: str, received: str, confirmed: int
) -> None:
    """A lasting fault ends the call at both ends, with the phase in which it happened."""
    call = call_with(fault)

    assert (call.sent.status.name, call.received.status.name) == (sent, received)
    assert call.sent.cause
    assert call.received.cause
    assert call.source.confirmed_pages == list(range(confirmed))


def test_a_page_that_was_cut_off_is_kept_unconfirmed() -> None:
    """What had come of a page before the call was lost is kept, and not as confirmed."""
    call = call_with(Fault("hang_up", page=2, after=0.8))

    partial, verdict = call.sink.kept[-1]
    assert verdict is PageVerdict.NONE
    assert 0 < partial.height < PAGES[1].height
    assert PAGES[1].rows.startswith(pels(partial)[: (partial.height - 1) * 216])


def test_damage_is_the_same_every_time() -> None:
    """The same fault damages the same rows in every run."""
    first, second = (call_with(Fault("damage_rows", rows=40)) for _ in range(2))

    assert [page for page, _ in first.sink.kept] == [page for page, _ in second.sink.kept]
    assert first.sink.kept[0][0].quality.bad_rows >= 40


FCFS = st.sampled_from(["", *(f.label for f in FCF if f.name[:3] not in {"PRI", "FCD", "RCP"})])
FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(["lose_frame", "fail_training", "damage_rows", "hang_up"]),
    frame=FCFS | st.just("TCF"),
    nth=st.integers(1, 4),
    times=st.integers(1, 6),
    above_rate=st.sampled_from([0, 4800, 9600]),
    page=st.integers(1, 2),
    rows=st.integers(1, 200),
    after=st.floats(0, 1),
)


TERMINALS = st.sampled_from([Capabilities(), Capabilities(ec=EC.ECM_64, codings=frozenset(DF))])


@given(st.lists(FAULTS, max_size=4), st.sampled_from([0.0, 0.05, 0.27]), TERMINALS)
@settings(max_examples=80, deadline=None)
def test_no_fault_breaks_a_promise(
    faults: list[Fault], delay: float, terminal: Capabilities
) -> None:
    """Whatever happens on the line, both ends report in bounded time, and what the sender takes
    for confirmed the receiver has kept before.
    """
    call = run(fax(Exchange(delay=delay), PAGES, faults, calling=terminal, called=terminal))

    for report in (call.sent, call.received):
        assert report.cause
        assert report.seconds < LONGEST_CALL
    confirmed = call.source.confirmed_pages
    assert confirmed == sorted(set(confirmed))
    assert len(call.sink.confirmed) >= len(confirmed)
    assert len(call.sink.confirmed) <= len(PAGES)
    assert call.sent.succeeded <= (confirmed == [0, 1])


# The book of faults ---------------------------------------------------------------------------


def test_a_fault_strikes_from_the_nth_on_and_passes() -> None:
    """`nth` and `times` count the frames of that name, over the life of the line."""
    book = FaultBook([Fault("lose_frame", frame="MCF", nth=2, times=2)])
    lost = [CallFaults([book]).loses(frames(FCF.MCF)[0]) for _ in range(5)]

    assert lost == [False, True, True, False, False]


def test_other_frames_do_not_count() -> None:
    """Only the frames that a fault names bring it nearer."""
    faults = CallFaults([FaultBook([Fault("lose_frame", frame="MCF", nth=2)])])
    burst = frames(FCF.MCF, FCF.CFR, FCF.MCF)

    assert [faults.loses(frame) for frame in burst] == [False, False, True]


def test_a_nameless_frame_is_lost_by_a_fault_without_a_name() -> None:
    """Without a name, a fault counts every frame, also one that is none of T.30's."""
    faults = CallFaults([FaultBook([Fault("lose_frame", nth=2)])])

    assert [faults.loses(Frame(b"\xff")) for _ in range(2)] == [False, True]


def test_both_lines_have_their_faults() -> None:
    """A call suffers the faults of either line."""
    books = [FaultBook([Fault("lose_frame", frame=name)]) for name in ("CFR", "MCF")]
    faults = CallFaults(books)

    assert [faults.loses(frame) for frame in frames(FCF.CFR, FCF.MCF, FCF.EOP)] == [
        True,
        True,
        False,
    ]


def test_training_fails_above_a_rate() -> None:
    """`above_rate` spares the rates up to it, and they do not count."""
    faults = CallFaults([FaultBook([Fault("fail_training", above_rate=7200, times=2)])])

    assert [faults.spoils_training(rate) for rate in (14400, 7200, 9600, 14400)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_rejected_page_keeps_its_number() -> None:
    """A page that is sent again after RTN is still the same page; a repeated MCF is no new one."""
    faults = CallFaults([FaultBook([Fault("hang_up", page=2, times=FOREVER)])])
    cuts = []
    for answer in (FCF.RTN, FCF.MCF, FCF.MCF):
        cuts.append(faults.cut_in_page())
        faults.page_went_out()
        faults.follow(frames(answer))
        faults.follow(frames(answer))

    assert cuts == [None, None, 0.5]


def test_a_block_that_is_confirmed_is_no_page() -> None:
    """With error correction, MCF after PPS-NULL leaves the page where it is."""
    faults = CallFaults([FaultBook([Fault("damage_rows", page=2, rows=1)])])
    data = [Frame(bytes([0xFF, 0x03, 0x06, n, 1, 2, 3])) for n in range(3)]
    good = []
    for fcf2 in (b"\x00", b"\x4f", b"\x2f"):
        good.append(all(frame.ok for frame in faults.damaged_frames(data)))
        faults.page_went_out()
        faults.follow(build([Message(FCF.PPS, fcf2 + bytes(3))], x=True))
        faults.follow(frames(FCF.MCF))

    assert good == [True, True, False]


@given(st.binary(max_size=300), st.integers(1, 50))
def test_noise_spares_the_end(coded: bytes, errors: int) -> None:
    """Damage changes octets, not their number, and never the RTC."""
    result = noisy(coded, errors, random.Random(1))

    assert len(result) == len(coded)
    assert result[-SPARED:] == coded[-SPARED:]
    assert (result != coded) == (len(coded) >= SPARED + 2)
