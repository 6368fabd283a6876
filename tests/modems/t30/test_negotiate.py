"""What to choose from two terminals' capabilities."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modems.session import BR, DF, EC, LN, ST, VR, WD, SessionParameters
from modems.t30.dis import Capabilities
from modems.t30.line import Modulation
from modems.t30.negotiate import FALL_BACK, fits, form, ladder, pels, settle
from modems.terminal import PageForm, PageShape
from tests.modems.t30.hostile import capabilities

ALL = Capabilities(codings=frozenset(DF), ec=EC.ECM_256)
FINE = PageShape(1728, 2287, VR.R8_FINE)
shapes = st.builds(
    PageShape,
    width=st.integers(1, 6000),
    height=st.integers(1, 20000),
    vr=st.sampled_from(VR),
    bits=st.dictionaries(st.sampled_from(DF), st.integers(0, 10**6)),
)


def _settled(page: PageShape, theirs: Capabilities, ours: Capabilities = ALL) -> SessionParameters:
    return settle([page], ours, theirs, Modulation.V17_14400).parameters


def test_the_ladder_never_rises() -> None:
    """Each rung is at most as fast as the one above."""
    rates = [m.bit_rate for m in FALL_BACK]

    assert rates == sorted(rates, reverse=True)


@given(capabilities, capabilities)
def test_a_ladder_holds_what_both_have(ours: Capabilities, theirs: Capabilities) -> None:
    """Every rung is a modulation of both ends, and there always is one."""
    rungs = ladder(ours, theirs)

    assert rungs
    assert set(rungs) <= (ours.modulations & theirs.modulations) | {Modulation.V27TER_2400}


@given(st.lists(shapes, min_size=1), capabilities, capabilities, st.sampled_from(FALL_BACK))
def test_the_far_end_can_take_what_is_settled(
    pages: list[PageShape], ours: Capabilities, theirs: Capabilities, modulation: Modulation
) -> None:
    """Nothing is settled that the far end's DIS does not offer, nor MMR without ECM."""
    agreed = settle(pages, ours, theirs, modulation)

    p = agreed.parameters
    assert p.vr in theirs.resolutions
    assert p.wd <= theirs.width
    assert p.ln <= theirs.length
    assert p.df in theirs.codings & ours.codings | {DF.MH}
    assert p.ec or p.df is not DF.MMR
    assert p.br.bit_rate == modulation.bit_rate
    assert p.st in {ST.MS_0, ST.MS_5, ST.MS_10, ST.MS_20, ST.MS_40}


@pytest.mark.parametrize(
    ("vr", "offered", "settled"),
    [
        (VR.R8_FINE, {VR.R8_STANDARD}, VR.R8_STANDARD),
        (VR.R8_SUPERFINE, {VR.R8_STANDARD, VR.R8_FINE}, VR.R8_FINE),
        (VR.R16_SUPERFINE, {VR.R8_STANDARD, VR.R8_FINE}, VR.R8_FINE),
        (VR.INCH_300X300, {VR.R8_STANDARD, VR.INCH_200X200}, VR.INCH_200X200),
        (VR.INCH_400X400, {VR.R8_STANDARD}, VR.R8_STANDARD),
    ],
)
def test_a_resolution_falls_to_the_next_that_is_offered(
    vr: VR, offered: set[VR], settled: VR
) -> None:
    """A page that is too fine for the far end goes out as the finest that it can take."""
    theirs = replace(ALL, resolutions=frozenset(offered))

    assert _settled(PageShape(1728, 2000, vr), theirs).vr is settled


@pytest.mark.parametrize(
    ("width", "theirs", "settled"),
    [
        *((1728, WD.A3, WD.A4), (1000, WD.A3, WD.A4), (2048, WD.A3, WD.B4), (2048, WD.A4, WD.A4)),
        *((2432, WD.A3, WD.A3), (9999, WD.A3, WD.A3)),
    ],
)
def test_the_width_is_the_smallest_that_holds_the_page(width: int, theirs: WD, settled: WD) -> None:
    """A page takes the narrowest paper that it fits on, and none that the far end lacks."""
    assert _settled(PageShape(width, 2000, VR.R8_FINE), replace(ALL, width=theirs)).wd is settled


@pytest.mark.parametrize(
    ("height", "settled"), [(2287, LN.A4), (2339, LN.A4), (2803, LN.B4), (3000, LN.UNLIMITED)]
)
def test_the_length_is_the_smallest_that_holds_the_page(height: int, settled: LN) -> None:
    """A4, B4 or unlimited, with room for the 2 % between metric and inch."""
    assert _settled(PageShape(1728, height, VR.R8_FINE), ALL).ln is settled


def test_the_smallest_coding_is_taken_when_known() -> None:
    """Where the sizes are known the smallest coding of both ends wins, over all pages alike."""
    dithered = replace(FINE, bits={DF.MH: 900, DF.MR: 1000, DF.MMR: 1200})
    text = replace(FINE, bits={DF.MH: 300, DF.MR: 150, DF.MMR: 100})

    assert _settled(dithered, ALL).df is DF.MH
    assert settle([text, dithered], ALL, ALL, Modulation.V29_9600).parameters.df is DF.MR
    assert _settled(text, ALL).df is DF.MMR


def test_a_coding_is_chosen_by_rule_of_thumb_when_sizes_are_not_known() -> None:
    """MMR under ECM, else MR, else MH."""
    without = replace(ALL, ec=EC.OFF)

    assert _settled(FINE, ALL).df is DF.MMR
    assert _settled(FINE, without).df is DF.MR
    assert _settled(FINE, replace(without, codings=frozenset({DF.MH}))).df is DF.MH


@pytest.mark.parametrize(
    ("offered", "half", "vr", "settled"),
    [
        (ST.MS_20_10, False, VR.R8_STANDARD, ST.MS_20),
        (ST.MS_20_10, False, VR.R8_FINE, ST.MS_10),
        (ST.MS_20_10, False, VR.R8_SUPERFINE, ST.MS_10),
        (ST.MS_20_10, True, VR.R8_SUPERFINE, ST.MS_5),
        (ST.MS_5, True, VR.R8_SUPERFINE, ST.MS_5),
        (ST.MS_0, True, VR.R8_SUPERFINE, ST.MS_0),
        (ST.MS_40_20, True, VR.R8_FINE, ST.MS_20),
    ],
)
def test_scan_time_follows_the_resolution(offered: ST, half: bool, vr: VR, settled: ST) -> None:
    """The DCS states the one time that the far end asks for at the page's resolution."""
    theirs = replace(ALL, st=offered, half_time=half, ec=EC.OFF)

    assert _settled(PageShape(1728, 2000, vr), theirs).st is settled


def test_error_correction_needs_both_and_no_fill() -> None:
    """ECM is settled where both have it, in the smaller frame, and makes scan time 0."""
    slow = replace(ALL, st=ST.MS_20)

    assert _settled(FINE, slow).ec is EC.ECM_256
    assert _settled(FINE, slow).st is ST.MS_0
    assert _settled(FINE, replace(slow, ec=EC.ECM_64)).ec is EC.ECM_64
    assert _settled(FINE, slow, replace(ALL, ec=EC.OFF)).ec is EC.OFF


@pytest.mark.parametrize(
    ("br", "time", "bits"),
    [(BR.BR_14400, ST.MS_20, 288), (BR.BR_9600, ST.MS_10, 96), (BR.BR_2400, ST.MS_5, 12)],
)
def test_fill_is_the_digests(br: BR, time: ST, bits: int) -> None:
    """Bits of a row are the rate times the minimum scan-line time (T.4)."""
    parameters = SessionParameters(vr=VR.R8_FINE, br=br, st=time)

    assert form(parameters) == PageForm(1728, VR.R8_FINE, DF.MH, bits, max_rows=2360)


@pytest.mark.parametrize(
    ("vr", "wd", "width"),
    [
        *((VR.R8_FINE, WD.B4, 2048), (VR.INCH_200X200, WD.A3, 2432)),
        *((VR.INCH_300X300, WD.A4, 2592), (VR.R16_SUPERFINE, WD.B4, 4096)),
        (VR.INCH_400X400, WD.A4, 3456),
    ],
)
def test_pels(vr: VR, wd: WD, width: int) -> None:
    """Pels of a line are T.4's for resolution and width."""
    assert pels(vr, wd) == width


def test_pages_of_one_form_may_follow_each_other() -> None:
    """MPS needs the same resolution and width, and a length that the DCS allows."""
    one = SessionParameters(vr=VR.R8_FINE, ln=LN.B4)

    assert fits(replace(one, ln=LN.A4, df=DF.MR), one)
    assert not fits(replace(one, ln=LN.UNLIMITED), one)
    assert not fits(replace(one, vr=VR.R8_STANDARD), one)
    assert not fits(replace(one, wd=WD.B4), one)
