"""The screen for pictures: all greys, and cheap to code."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.offramp.screen import HOLD, PERIOD, screen
from t4codec import Coding, Compression, coded_bits


def test_white_and_black_have_no_lines() -> None:
    """Paper stays blank, black stays solid."""
    grey = np.repeat(np.array([[255], [0]], np.uint8), 64, axis=1).repeat(9, axis=0)
    lines = screen(grey, 255)

    assert not lines[:9].any()
    assert lines[9:].all()


@pytest.mark.parametrize("level", range(10, 250, 12))
def test_every_grey_has_its_share_of_black(level: int) -> None:
    """The black share of an even area follows its grey within a step of the screen."""
    area = np.full((72, 240), level, np.uint8)

    assert screen(area, 255).mean() == pytest.approx(1 - level / 255, abs=0.06)


def test_paper_that_is_grey_counts_as_white() -> None:
    """A picture on grey paper is stretched to white."""
    assert not screen(np.full((30, 64), 200, np.uint8), 200).any()


def test_lines_keep_their_width_for_some_rows() -> None:
    """Rows come in threes: two of three are coded by one bit per changing element."""
    grey = np.random.default_rng(1).integers(0, 256, (31, 64), dtype=np.uint8)
    lines = screen(grey, 255)

    assert (lines[0:30:HOLD] == lines[1:30:HOLD]).all()
    assert (lines[0:30:HOLD] == lines[2:30:HOLD]).all()


def test_an_even_grey_page_codes_small() -> None:
    """A page of even grey costs MMR less than 2.5 bits per changing element."""
    area = np.full((900, 1728), 128, np.uint8)
    rows = np.packbits(screen(area, 255), axis=1).tobytes()
    elements = 2 * 1728 / PERIOD * 900

    assert coded_bits(rows, Coding(Compression.MMR)) < 2.5 * elements
