"""A document's page lies on the fax page at its true size, whole, and where machines print."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.offramp.sheet import LONGEST, OVERLAP, WIDTH, Box, Placement, Sheet
from modems.session import VR

FINE = Sheet.of("A4", "fine")
SIZES = st.floats(5, 2000)


def scale_of(placement: Placement, width: float, height: float) -> tuple[float, float]:
    """How much wider and taller than life a page of so many mm came out."""
    if placement.turned:
        width, height = height, width
    x, y = FINE.pels_per_mm
    return placement.box.width / (width * x), placement.box.height / (height * y)


def test_a4_is_laid_on_as_it_is() -> None:
    """An A4 page keeps its size and lies in the middle of the scan line."""
    placement = FINE.place(210, 297)

    assert placement.rows == 2287
    assert placement.box == Box(20, 0, 1708, 2287)
    assert not placement.turned


@pytest.mark.parametrize(
    ("resolution", "vr", "rows"),
    [
        ("standard", VR.R8_STANDARD, 1143),
        ("fine", VR.R8_FINE, 2287),
        ("superfine", VR.R8_SUPERFINE, 4574),
    ],
)
def test_rows_follow_the_resolution(resolution: str, vr: VR, rows: int) -> None:
    """A4 has 3.85, 7.7 or 15.4 rows to the millimetre."""
    sheet = Sheet.of("A4", resolution)

    assert sheet.vr is vr
    assert sheet.rows == rows


def test_landscape_is_turned() -> None:
    """A page wider than the paper is turned, since that makes it larger."""
    placement = FINE.place(297, 210)

    assert placement.turned
    assert placement.box.height == 2287


def test_a_small_landscape_page_is_not_turned() -> None:
    """A page that fits upright stays upright."""
    assert not FINE.place(210, 148).turned


def test_a_short_page_stays_short() -> None:
    """A5 takes no more rows than it is long."""
    assert FINE.place(148, 210).rows == 1617


def test_letter_paper_makes_a4_smaller() -> None:
    """A page longer than the paper shrinks to fit, in both directions alike."""
    placement = Sheet.of("Letter", "fine").place(210, 297)

    assert placement.rows == 2151
    assert placement.box.width == round(210 * 279.4 / 297 * WIDTH / 215)


@settings(deadline=None)
@given(SIZES, SIZES)
def test_no_page_is_cut_enlarged_or_stretched(width: float, height: float) -> None:
    """Any page lies whole on the sheet, at most life size, equally scaled both ways."""
    placement = FINE.place(width, height)
    across, down = scale_of(placement, width, height)

    assert placement.box.left >= 0
    assert placement.box.right <= WIDTH
    assert placement.box.height == placement.rows <= round(LONGEST * 7.7)
    smallest = min(placement.box.width, placement.box.height)
    assert across == pytest.approx(down, rel=0.02 + 1 / smallest)
    assert across <= 1 + 1 / smallest


def test_the_safe_box_is_the_guaranteed_area() -> None:
    """T.4 Appendix I: 196.6 mm by 281.4 mm of A4 are sure to be printed."""
    safe = FINE.safe_box()

    assert safe.width / WIDTH * 215 == pytest.approx(196.6, abs=0.1)
    assert safe.height / 7.7 == pytest.approx(281.4, abs=0.1)


def test_ink_inside_needs_no_rescue() -> None:
    """A page with ordinary margins is left alone."""
    assert FINE.rescue(FINE.place(210, 297), FINE.safe_box()) is None


def test_ink_at_the_edge_is_moved_not_shrunk() -> None:
    """A page that only hangs to one side is moved."""
    placement = FINE.place(210, 297)
    rescued = FINE.rescue(placement, Box(25, 100, 1200, 2000))

    assert rescued is not None
    assert rescued.box.width == placement.box.width
    assert rescued.box.left == placement.box.left + FINE.safe_box().left - 25


@settings(deadline=None)
@given(st.integers(0, 1600), st.integers(0, 2200), st.integers(1, 1728), st.integers(1, 2287))
def test_rescued_ink_is_safe_and_unstretched(left: int, top: int, width: int, height: int) -> None:
    """Wherever the ink was, it ends up in the safe area with its proportions kept."""
    ink = Box(left, top, min(left + width, WIDTH), min(top + height, FINE.rows))
    placement = FINE.place(210, 297)
    rescued = FINE.rescue(placement, ink)
    if rescued is None:
        return

    scale = rescued.box.width / placement.box.width
    new_left = rescued.box.left + (ink.left - placement.box.left) * scale
    new_top = rescued.box.top + (ink.top - placement.box.top) * scale
    safe = FINE.safe_box()
    assert safe.left - 2 <= new_left
    assert safe.top - 2 <= new_top
    assert new_left + ink.width * scale <= safe.right + 2
    assert new_top + ink.height * scale <= safe.bottom + 2
    assert rescued.box.height / placement.box.height == pytest.approx(scale, abs=0.002)


def test_a_short_page_may_be_inked_to_its_end() -> None:
    """The end of a page shorter than the paper is not cut by any machine."""
    placement = FINE.place(148, 100)

    assert FINE.rescue(placement, Box(300, 80, 900, placement.rows)) is None


@pytest.mark.parametrize("resolution", ["standard", "fine", "superfine"])
def test_a_till_roll_is_a_long_page(resolution: str) -> None:
    """A roll of 80 by 900 mm keeps its true size, upright; it is not made illegible."""
    sheet = Sheet.of("A4", resolution)
    x, y = sheet.pels_per_mm
    placement = sheet.place(80, 900)

    assert not placement.turned
    assert placement.rows == placement.box.height == round(900 * y)
    assert placement.box.width == round(80 * x)
    assert sheet.place(900, 80).turned
    assert sheet.place(900, 80).rows == placement.rows


def test_a_long_page_has_an_end() -> None:
    """What is longer than any fax page may be is made smaller, unstretched."""
    sheet = Sheet.of("A4", "fine")
    (placement,) = sheet.pieces(100, 2000)

    assert placement.rows == round(LONGEST * 7.7)
    assert scale_of(placement, 100, 2000) == pytest.approx((0.75, 0.75), rel=0.01)


@given(st.floats(20, 1000), st.floats(2600, 5080))
def test_a_roll_is_cut_into_pages_that_overlap(width: float, length: float) -> None:
    """Nothing of it is left out or made too small, and what is cut through stands there twice."""
    sheet = Sheet.of("A4", "fine")
    pieces = sheet.pieces(width, length)
    across = sheet.pieces(length, width)
    overlap = round(OVERLAP * 7.7)

    assert all(piece.rows <= round(LONGEST * 7.7) for piece in pieces)
    assert pieces[0].box.top == 0
    for one, other in pairwise(pieces):
        assert one.rows - one.box.top == pytest.approx(overlap - other.box.top, abs=2)
    last = pieces[-1]
    assert len(pieces) == 1 or last.rows == pytest.approx(last.box.bottom, abs=2)
    assert min(scale_of(last, width, length)) > 0.99 * 0.6 * min(1, 215 / width)
    assert [piece.rows for piece in across] == [piece.rows for piece in pieces]
    assert all(piece.turned for piece in across)


def test_ink_near_the_end_of_a_long_page_is_safe() -> None:
    """The end of a long page is cut as that of any paper is; ink there is moved in."""
    sheet = Sheet.of("A4", "fine")
    placement = sheet.place(80, 900)
    moved = sheet.rescue(placement, Box(700, 100, 900, placement.rows))

    assert moved is not None
    assert moved.rows == placement.rows
    assert sheet.rescue(placement, Box(700, 100, 900, placement.rows - 100)) is None
