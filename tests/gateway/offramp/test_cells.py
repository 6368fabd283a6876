"""Maps of a page's cells are what going through it pel by pel gives."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.offramp.cells import below, mean_of_cells, spread, sum_of_cells

GREY = np.random.default_rng(5).integers(0, 256, (64, 96), np.uint8)


@pytest.mark.parametrize(("rows", "pels"), [(16, 16), (4, 16), (8, 8), (1, 2), (64, 1)])
def test_sums_of_cells_are_whole(rows: int, pels: int) -> None:
    """Every cell's sum is that of its pels, also of nothing but white ones."""
    for grey in (GREY, np.full_like(GREY, 255)):
        sums = sum_of_cells(grey, rows, pels)
        assert sums.shape == (64 // rows, 96 // pels)
        for (row, column), found in np.ndenumerate(sums):
            cell = grey[row * rows : (row + 1) * rows, column * pels : (column + 1) * pels]
            assert found == int(cell.astype(int).sum())


def test_means_are_rounded_down() -> None:
    """A cell's mean is a whole level, as that of its sum."""
    means = mean_of_cells(GREY, 8)

    assert means[2, 3] == int(GREY[16:24, 24:32].mean())
    assert means.max() <= 255


@pytest.mark.parametrize("size", [2, 16])
def test_a_level_for_each_cell_is_held_against_each_of_its_pels(size: int) -> None:
    """It is the same as spreading the levels over the page, without ever doing so."""
    levels = np.random.default_rng(6).integers(0, 256, (64 // size, 96 // size), np.uint8)

    assert np.array_equal(below(GREY, levels, size), spread(levels, size) > GREY)
