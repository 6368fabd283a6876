"""The screen for pictures: all greys, and cheap to code."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.offramp.screen import GRIDS, Grid, screen
from modems.session import VR
from t4codec import Coding, Compression, coded_bits, halve

FINEST = GRIDS[VR.R8_FINE][0]


def test_white_and_black_have_no_lines() -> None:
    """Paper stays blank, black stays solid."""
    grey = np.repeat(np.array([[255], [0]], np.uint8), 64, axis=1).repeat(8, axis=0)
    lines = screen(grey, 255, FINEST)

    assert not lines[:8].any()
    assert lines[8:].all()


@pytest.mark.parametrize("grid", [*GRIDS[VR.R8_FINE], *GRIDS[VR.R8_STANDARD]])
@pytest.mark.parametrize("level", range(10, 250, 24))
def test_every_grey_has_its_share_of_black(level: int, grid: Grid) -> None:
    """The black share of an even area is its grey."""
    area = np.full((96, 240), level, np.uint8)

    assert screen(area, 255, grid).mean() == pytest.approx(1 - level / 255, abs=0.02)


def test_paper_that_is_grey_counts_as_white() -> None:
    """A picture on grey paper is stretched to white."""
    assert not screen(np.full((30, 64), 200, np.uint8), 200, FINEST).any()


@pytest.mark.parametrize("rows", [1, 3, 31])
@pytest.mark.parametrize("pels", [1, 3, 65])
def test_any_size_is_screened(rows: int, pels: int) -> None:
    """A picture need not be a whole number of cells."""
    assert screen(np.zeros((rows, pels), np.uint8), 255, FINEST).all()
    assert screen(np.zeros((rows, pels), np.uint8), 255, FINEST).shape == (rows, pels)


@pytest.mark.parametrize("level", [64, 128, 192])
def test_grey_stays_grey_in_half_the_rows(level: int) -> None:
    """A far end with standard resolution only gets the same greys within a quarter or so."""
    area = np.full((96, 240), level, np.uint8)
    rows = np.packbits(screen(area, 255, FINEST), axis=1).tobytes()
    half = np.unpackbits(np.frombuffer(halve(rows, 30), np.uint8))

    assert half.mean() == pytest.approx(1 - level / 255, abs=0.27)


@pytest.mark.parametrize(
    ("grid", "level", "most"),
    [(Grid(4, 4), 128, 60), (Grid(4, 4), 96, 420), (FINEST, 128, 90), (FINEST, 96, 700)],
)
def test_an_even_grey_page_codes_small(grid: Grid, level: int, most: int) -> None:
    """Whole rows cost next to nothing in MH; the costliest grey between them does not cost much."""
    area = np.full((900, 1728), level, np.uint8)
    rows = np.packbits(screen(area, 255, grid), axis=1).tobytes()

    assert coded_bits(rows, Coding(Compression.MH)) < most * 900


def test_coarser_grids_code_smaller() -> None:
    """Each grid of a resolution costs less than the one before, on a picture with detail."""
    rows, pels = np.mgrid[0:480, 0:1728]
    wave = 127 + 60 * np.sin(rows / 23 + pels / 31) + 50 * np.sin(pels / 7) * np.sin(rows / 5)
    for grids in GRIDS.values():
        inks = [np.packbits(screen(wave.astype(np.uint8), 255, grid), axis=1) for grid in grids]
        bits = [coded_bits(ink.tobytes(), Coding(Compression.MH)) for ink in inks]

        assert bits == sorted(bits, reverse=True)
