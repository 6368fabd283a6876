"""The time on the line is known from the bits, as T.30 will spend it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.offramp.linetime import call_seconds, page_seconds


def test_a_page_lasts_as_long_as_its_bits() -> None:
    """288,000 bits at 14,400 bit/s are 20 seconds."""
    assert page_seconds(288_000, 14_400) == 20


def test_the_minimum_row_time_is_a_floor() -> None:
    """A blank page at 20 ms for each of 1143 rows takes 22.86 s, however few its bits."""
    assert page_seconds(20_000, 14_400, rows=1143, min_row_seconds=0.02) == pytest.approx(22.86)


def test_error_correction_costs_frames_and_saves_fill() -> None:
    """With ECM the heads of the frames are added and no row has a minimum."""
    seconds = page_seconds(288_000, 14_400, rows=1143, min_row_seconds=0.02, ecm=True)

    assert 20.5 < seconds < 21.5


@settings(deadline=None)
@given(st.lists(st.floats(0, 500), max_size=20))
def test_a_call_lasts_longer_than_its_pages(pages: list[float]) -> None:
    """Every page adds its own time and some three seconds of T.30; an empty call takes some."""
    seconds = call_seconds(pages)

    assert 10 < call_seconds([]) < 20
    assert seconds - sum(pages) - call_seconds([]) == pytest.approx(2.85 * len(pages), rel=0.05)
