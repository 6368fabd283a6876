"""Our own engine at both ends of a line: what one says, the other understands, faults included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modems.session import BR, DF, EC, ST, VR, Hangup
from modems.t30.call import Call
from modems.t30.dis import Capabilities
from modems.t30.line import Modulation
from modems.t30.quality import CopyQuality
from modems.t30.receive import Receiver
from modems.t30.send import Sender
from modems.t30.trace import Trace
from modems.terminal import CallReport, Identity, PageShape
from tests.modems.t30.pages import A4_FINE, Sink, Source
from tests.modems.t30.pair import Burst, End, join, run

A4_STANDARD = PageShape(1728, 1143, VR.R8_STANDARD)
PLAIN = Capabilities()
CORRECTED = Capabilities(codings=frozenset(DF), ec=EC.ECM_256)
SMALL = replace(CORRECTED, ec=EC.ECM_64)


class Spoiled:
    """Spoils the bursts of an end: one letter for each, and after the last letter none.

    `.` as it is; `x` lost; `d` damaged: FCS fail (in ECM of every third frame), TCF is bad; `c` cut
    off at its beginning: a carrier is heard and goes, while its sender goes on.
    """

    def __init__(self, plan: str) -> None:
        self._plan = iter(plan)

    def __call__(self, burst: Burst) -> Burst | None:
        what = next(self._plan, ".")
        if what == "x":
            return None
        if what == "c":
            return replace(burst, ends=burst.begins + 0.5, frames=(), octets=b"", training=False)
        return self._damaged(burst) if what == "d" else burst

    def _damaged(self, burst: Burst) -> Burst:
        if burst.on is Modulation.V21:
            frames = tuple(replace(frame, ok=False) for frame in burst.frames)
        else:
            frames = tuple(replace(f, ok=n % 3 != 1) for n, f in enumerate(burst.frames))
        return replace(burst, frames=frames, training=False)


def hold(
    source: Source,
    sink: Sink,
    *,
    ours: Capabilities = PLAIN,
    theirs: Capabilities = PLAIN,
    spoil_ours: str = "",
    spoil_theirs: str = "",
) -> tuple[CallReport, CallReport]:
    """Hold one call; `spoil_…` is what happens to the bursts of the sender and of the receiver."""
    us, them = join()
    us.spoil, them.spoil = Spoiled(spoil_ours), Spoiled(spoil_theirs)
    sending = _call(us, ours, sending=True)
    receiving = _call(them, theirs, sending=False)
    return run(
        (us, sending.carry_out(Sender(sending, source).procedure)),
        (them, receiving.carry_out(Receiver(receiving, sink, CopyQuality()).procedure)),
    )


def _call(line: End, can: Capabilities, *, sending: bool) -> Call:
    me = Identity("+48221000001" if sending else "+48222000002")
    return Call(line, Trace(line.now), can, me, calling=sending, sending=sending)


def _lines(*reports: CallReport) -> str:
    return "\n".join(str(entry) for report in reports for entry in (*report.trace, ""))


def _whole(sink: Sink) -> list[bytes]:
    """The confirmed pages without the fill of their last frame."""
    return [page.rstrip(b"\0") for page in sink.confirmed]


@pytest.mark.parametrize("theirs", [PLAIN, CORRECTED, SMALL], ids=["plain", "ECM 256", "ECM 64"])
@pytest.mark.parametrize("octets", [1, 256, 900, 70_000])
def test_pages_arrive_as_they_were_sent(theirs: Capabilities, octets: int) -> None:
    """Three pages go out and come in, octet by octet, and both ends report the same."""
    source, sink = Source([A4_FINE] * 3, octets), Sink()

    sent, received = hold(source, sink, ours=CORRECTED, theirs=theirs)

    assert sent.succeeded, _lines(sent, received)
    assert received.succeeded, _lines(sent, received)
    assert _whole(sink) == [bytes([n]) * octets for n in (1, 2, 3)]
    assert sent.parameters == received.parameters
    assert sent.parameters is not None
    assert sent.parameters.ec is theirs.ec
    assert (sent.remote_identity, received.remote_identity) == ("+48222000002", "+48221000001")
    if theirs.ec:  # without it this line hands a page over at once
        seconds = [page.seconds for page in sent.pages]
        assert [page.seconds for page in received.pages] == pytest.approx(seconds, abs=3.0)
    assert [p.form for p in sent.pages] == [p.form for p in received.pages] == source.forms


def test_a_source_is_told_in_order() -> None:
    """For each page: coded, confirming before the command, and its answer before anything else."""
    source = Source([A4_FINE, A4_STANDARD])

    hold(source, Sink())

    assert source.calls == ["coded 0", "confirming 0", "MCF 0", "coded 1", "confirming 1", "MCF 1"]


def test_a_source_is_told_once_per_attempt_under_error_correction() -> None:
    """However often frames are asked for again, a page is at risk once and confirmed once."""
    source = Source([A4_FINE], 70_000)

    sent, received = hold(source, Sink(), ours=CORRECTED, theirs=CORRECTED, spoil_ours="...d.d.d.d")

    assert sent.succeeded, _lines(sent, received)
    assert source.calls == ["coded 0", "confirming 0", "MCF 0"]


def test_the_fourth_ppr_lowers_the_rate() -> None:
    """CTC goes on with the same block, slower, and the report says at which rate the page ended."""
    source, sink = Source([A4_FINE] * 2, 2000), Sink()
    plan = ".." + "d." + "x." * 3 + ".d."  # DCS, TCF; frames and PPS in turn; CTC; frames and PPS

    sent, received = hold(source, sink, ours=CORRECTED, theirs=CORRECTED, spoil_ours=plan)

    assert sent.succeeded, _lines(sent, received)
    assert "continuing at 12000 bit/s" in [entry.text for entry in sent.trace]
    assert [page.bit_rate for page in sent.pages] == [12000, 12000]
    assert sent.parameters == received.parameters
    assert sent.parameters is not None
    assert sent.parameters.br is BR.BR_12000
    assert _whole(sink) == [b"\1" * 2000, b"\2" * 2000]


def test_a_line_that_lost_a_command_gets_short_blocks() -> None:
    """After trouble no burst lasts longer than a receiver that lost the carrier would wait."""
    source, sink = Source([A4_FINE], 20_000), Sink()

    sent, received = hold(source, sink, ours=CORRECTED, theirs=CORRECTED, spoil_ours="x")

    assert sent.succeeded, _lines(sent, received)
    bursts = [e.text for e in sent.trace if "frames of page" in e.text]
    assert bursts == ["30 frames of page 1 sent"] * 2 + ["19 frames of page 1 sent"]
    assert _whole(sink) == [b"\1" * 20_000]


@pytest.mark.parametrize("theirs", [PLAIN, CORRECTED], ids=["plain", "ECM"])
def test_a_page_that_is_cut_off_is_waited_for_to_its_end(theirs: Capabilities) -> None:
    """A carrier that went with all of a page is no silence: its command comes when it is due."""
    source, sink = Source([A4_FINE], 20_000), Sink()

    sent, received = hold(source, sink, ours=CORRECTED, theirs=theirs, spoil_ours="..c")

    assert sent.succeeded, _lines(sent, received)
    assert received.succeeded, _lines(sent, received)
    assert _whole(sink) == [b"\1" * 20_000]


def test_correction_ends_when_there_is_no_lower_rate() -> None:
    """A block that never gets whole ends the call; a page with holes is never confirmed."""
    source, sink = Source([A4_FINE], 2000), Sink()
    slow = replace(CORRECTED, modulations=frozenset({Modulation.V27TER_2400}))
    plan = ".." + ("x." * 4 + ".") * 3

    sent, received = hold(source, sink, ours=CORRECTED, theirs=slow, spoil_ours=plan)

    assert sent.status is Hangup.TRAINING_FAILED, _lines(sent, received)
    assert not source.reports
    assert not sink.confirmed
    assert received.status is not Hangup.NORMAL


@pytest.mark.parametrize("theirs", [PLAIN, CORRECTED], ids=["plain", "ECM"])
def test_documents_are_parted(theirs: Capabilities) -> None:
    """Between two documents of one form goes EOM, and the call goes on with the second."""
    pages = [A4_FINE, A4_FINE, replace(A4_FINE, begins_document=True)]
    source, sink = Source(pages), Sink()

    sent, received = hold(source, sink, ours=CORRECTED, theirs=theirs)

    assert received.succeeded, _lines(sent, received)
    commands = [e.text.replace("PPS ", "").split(",")[0] for e in sent.trace if e.kind.value == ">"]
    assert [c for c in commands if c in {"MPS", "EOM", "EOP"}] == ["MPS", "EOM", "EOP"]


def test_scan_time_reaches_the_source() -> None:
    """The fill that the far end asks for is asked of the source at the agreed rate."""
    source = Source()

    hold(source, Sink(), theirs=replace(PLAIN, st=ST.MS_10))

    assert [form.min_row_bits for form in source.forms] == [144]


plans = st.text(st.sampled_from("......xd"), max_size=40)


@settings(deadline=None)
@given(
    plans,
    plans,
    st.sampled_from([PLAIN, CORRECTED, SMALL]),
    st.lists(st.sampled_from([A4_FINE, A4_STANDARD]), min_size=1, max_size=3),
    st.sampled_from([300, 20_000]),
)
def test_whatever_is_lost_nothing_is_lost_silently(
    spoil_ours: str,
    spoil_theirs: str,
    theirs: Capabilities,
    pages: Sequence[PageShape],
    octets: int,
) -> None:
    """Bursts may be lost or damaged anywhere: what the sender counts as confirmed was stored."""
    source, sink = Source(pages, octets), Sink()

    sent, received = hold(
        source,
        sink,
        ours=CORRECTED,
        theirs=theirs,
        spoil_ours=spoil_ours,
        spoil_theirs=spoil_theirs,
    )

    confirmed = [r.number for r in source.reports if r.verdict.confirmed]
    stored = {page[0] for page in sink.confirmed}
    assert stored.issuperset(confirmed), _lines(sent, received)
    if theirs.ec or len(pages) == 1:  # else a late MPS counts as new: better twice than never
        assert len(sink.confirmed) == len(stored), _lines(sent, received)
    if theirs.ec:
        assert set(_whole(sink)) <= {bytes([n]) * octets for n in (1, 2, 3)}
    assert sent.seconds < 1000
    assert received.seconds < 1000
