"""Grey to black and white, for a line on which every changing element costs time.

Ink is what is thinner than a stroke of some 3 mm and darker than the ground behind it; the ground
is found by a grey-level closing, so grey paper, shadows and tinted boxes are ground, and light text
stays on them. Ground that is itself dark becomes black, ground of a middling grey is screened, the
rest is white. Regions whose ground changes are pictures and are screened as a whole. Nothing is
dithered by error diffusion: it multiplies the time on the line and looks worse after a fax machine.

Arrays are numpy: grey (rows, pels) of uint8, 255 white; bilevel of bool, True black. "Half" arrays
have one value for two by two pels, cells one for CELL by CELL.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.cells import (
    CELL,
    below,
    close,
    extreme_of_cells,
    mean_of_cells,
    pool,
    slide,
    spread,
    sum_of_cells,
)
from gateway.offramp.flat import DARK
from gateway.offramp.screen import Grid, screen
from gateway.offramp.shades import (
    EVEN,
    LIGHT_SCAN,
    SAME,
    TINT,
    Ground,
    Shade,
    find_shades,
)
from gateway.rendition import PHOTO, TEXT

Grey = NDArray[np.uint8]
Bits = NDArray[np.bool_]
Levels = NDArray[np.int16]

PAPER = 240  # level from which a drawn page is white
BLACK = 64  # and below which it is black
MIDDLE = 144  # the edge between them
STROKE = 13  # half pels: what is wider is ground
CLEAN_INK = 0.72  # a pel is ink below this fraction of the way from the local ink to the ground
NOISY_INK = 0.58  # the same on scanned paper
LIGHTEST = 95  # percentile of the cells that is the paper of the page
DARKEST = 150  # level of paper
GRAIN = 5.0  # the spread of 256 noisy pels is so many times their mean difference
BLANK = 0.02  # of the cells at least are blank paper, if there is any
GRAINIEST = 45.0  # in grey levels; what has more is no paper
NOISY = 8.0  # noise from which paper is called noisy
LEAST_CONTRAST = 20  # grey levels by which light text must stand out
LEAST_CONTRAST_SCAN = 24  # the same on a scan
NOISE_FACTOR = 1.7  # and so many times the spread of flat cells
LETTER = 9  # half pels: the thickest stroke of a light letter
EDGE = 5  # half pels: as wide as the edge of a ground may be blurred
SQUARE = 32  # pels, in which the grey behind light letters is sought
SAMPLES = 8  # of its pels each way that are looked at
MOSTLY = 0.4  # of a square has the grey behind its letters
ALIKE = 3  # of the eight squares around a plain one have its grey
NEAR = 9  # cells in whose lightest one paper is sought
ONE_LEVEL = 0.1  # of a drawn page has one level
MOSTLY_LIGHT = 0.62  # of a photographed sheet is nearly as light as what is around
WRITTEN = 0.5  # of the darkest paper, by which letters stand out
PROSE = (0.05, 0.7)  # share of cells with letters
SHADOW = 0.62  # paper is nowhere darker than this part of the page's lightest parts


@dataclass(frozen=True, slots=True)
class Bilevel:
    """A page in black and white, up to the fineness of its screen."""

    ink: Bits
    shades: tuple[Shade, ...]
    was_clean: bool = False  # nothing but black on white: there was nothing to decide

    @property
    def screened(self) -> int:
        """Pels on which the screen may show."""
        return sum(shade.size for shade in self.shades)

    def drawn(self, grid: Grid) -> Bits:
        """Give the page with a screen of this fineness."""
        if not self.shades:
            return self.ink
        ink = self.ink.copy()
        for shade in self.shades:
            lines = screen(shade.grey, shade.paper, grid)
            if shade.where is not None and shade.ink is not None:
                lines = (lines & shade.where) | shade.ink
            ink[shade.window] = lines[: ink[shade.window].shape[0], : ink[shade.window].shape[1]]
        return ink


def to_bilevel(grey: Grey, style: str = "") -> Bilevel:
    """Decide for each pel whether it is black, white or screened.

    In the style PHOTO everything is screened, as a picture; in that of TEXT nothing is.
    """
    rows, pels = grey.shape
    if style == PHOTO:
        whole = Shade((slice(None), slice(None)), grey, 255, None, None)
        return Bilevel(np.zeros(grey.shape, np.bool_), (whole,))
    plain = clean(grey)
    if plain is not None:
        return plain
    padded = np.pad(grey, ((0, -rows % CELL), (0, -pels % CELL)), mode="edge")
    ground = _ground(padded)
    ink = below(padded, _thresholds(padded, ground), 2)
    ink |= below(padded, (DARK * ground.paper).astype(np.uint8), CELL)
    shades = tuple(find_shades(padded, ground, ink))  # which also puts the ink right
    return Bilevel(ink[:rows, :pels], () if style == TEXT else shades)


def clean(grey: Grey) -> Bilevel | None:
    """A page with nothing but black ink on white paper, with smooth edges at most; else None.

    Every cell has white in it, and near whatever is not white there is black: a light letter, a
    tint or a picture has cells without. Such a page needs no search for its ground, and the middle
    is where the edges are that cost the fewest bits. It is a whole number of cells wide; its last
    rows are looked at in cells of their own.
    """
    rows, pels = grey.shape
    if rows < CELL or pels % CELL:
        return None
    whole, last = grey[: rows - rows % CELL], grey[-CELL:]
    if any(extreme_of_cells(part, CELL, "lightest").min() < PAPER for part in (whole, last)):
        return None
    darkest = np.concatenate([extreme_of_cells(part, CELL, "darkest") for part in (whole, last)])
    near = slide(darkest, 3, "darkest")
    black = bool((near[darkest < PAPER] < BLACK).all())
    return Bilevel(grey < MIDDLE, (), was_clean=True) if black else None


def _ground(grey: Grey) -> Ground:
    """Close over the strokes, and measure the paper."""
    half = close(pool(grey, "lightest"), STROKE)
    cells = mean_of_cells(half, CELL // 2)
    page = max(int(np.percentile(cells, LIGHTEST)), DARKEST)
    texture = extreme_of_cells(grey, CELL, "lightest") - extreme_of_cells(grey, CELL, "darkest")
    grain = _grain(grey)
    blank = grain[(cells > TINT * page) & (grain < GRAINIEST)]
    if blank.size < BLANK * grain.size:  # of a dark page, such as a slide
        blank = grain[grain < GRAINIEST]
    noise = float(np.percentile(blank, 30)) if blank.size else 0.0
    if noise <= EVEN and _is_photographed(grey, cells, texture, int(SHADOW * page)):
        noise = EVEN + 0.1
    if noise <= EVEN and np.median(cells) < TINT * page:  # what is lightest there is no paper
        page = 255
    squares, flat = _flat_squares(grey, TINT * page, SAME + noise)
    levels: Levels = np.where(flat, squares.astype(np.int16), np.int16(-1))
    levels = spread(levels, SQUARE // CELL)[: cells.shape[0], : cells.shape[1]]
    plain = flat & (squares > DARK * page)
    if plain.any():
        half = _behind_letters(grey, half, squares, plain, SAME + noise)
        cells = mean_of_cells(half, CELL // 2)
    paper = np.full(cells.shape, page, np.int16)
    if noise > EVEN:  # a scan: the light falls unevenly
        paper = _local_paper(cells, int(SHADOW * page))
    return Ground(half, paper, texture, levels, noise)


def _local_paper(cells: Levels, darkest: int) -> Levels:
    """The lightest level near each cell."""
    return np.clip(slide(cells, NEAR, "lightest"), darkest, 255).astype(np.int16)


def _is_photographed(grey: Grey, cells: Levels, texture: Levels, darkest: int) -> bool:
    """Whether this is a text in uneven light, although its grain was smoothed away."""
    if np.bincount(grey[::4, ::4].ravel()).max() > ONE_LEVEL * grey.size / 16:
        return False  # what was drawn has paper of one level
    light = cells > LIGHT_SCAN * _local_paper(cells, darkest)
    written = texture[light] > WRITTEN * darkest
    return bool(light.mean() > MOSTLY_LIGHT and PROSE[0] < written.mean() < PROSE[1])


def _flat_squares(grey: Grey, lightest: float, same: float) -> tuple[Grey, Bits]:
    """Give the middle level of each square, and whether most of it has that level and is tinted."""
    step = SQUARE // SAMPLES
    rows, pels = -(-grey.shape[0] // SQUARE), -(-grey.shape[1] // SQUARE)
    sample = grey[::step, ::step]
    missing = (rows * SAMPLES - sample.shape[0], pels * SAMPLES - sample.shape[1])
    sample = np.pad(sample, ((0, missing[0]), (0, missing[1])), mode="edge")
    squares = sample.reshape(rows, SAMPLES, pels, SAMPLES).swapaxes(1, 2).reshape(rows, pels, -1)
    middle: Grey = np.partition(squares, SAMPLES * SAMPLES // 2, axis=2)[:, :, SAMPLES**2 // 2]
    alike = np.abs(squares.astype(np.int16) - middle[:, :, None]) <= same
    flat = (alike.mean(axis=2) > MOSTLY) & (middle < lightest)
    return middle, flat & (_alike_around(middle, same - SAME + 1) >= ALIKE)


def _alike_around(squares: Grey, same: float) -> NDArray[np.int64]:
    """Count the squares around each that have its level: in a picture few have."""
    wide = np.pad(squares.astype(np.int16), 1, constant_values=-999)
    rows, pels = squares.shape
    shifts = [(row, pel) for row in range(3) for pel in range(3) if (row, pel) != (1, 1)]
    around = np.array([wide[row : row + rows, pel : pel + pels] for row, pel in shifts])
    count: NDArray[np.int64] = (np.abs(around - squares.astype(np.int16)) <= same).sum(axis=0)
    return count


def _behind_letters(grey: Grey, half: Grey, squares: Grey, plain: Bits, same: float) -> Grey:
    """Put right the ground behind light letters, whose gaps closing took for light ground too.

    `squares` that are `plain` have the level of a middling grey. It reaches as far into the squares
    around as the grey itself does; where two greys are near, either may be the one.
    """
    lightest = pool(grey, "lightest").astype(np.int16)
    dark = slide(np.where(plain, squares, 255).astype(np.uint8), 3, "darkest")
    light = slide(np.where(plain, squares, 0).astype(np.uint8), 3, "lightest")
    for around in (light, dark) if (light > dark + same).any() else (dark,):
        wide = spread(around, SQUARE // 2)[: half.shape[0], : half.shape[1]]
        near = np.abs(lightest - wide) <= same
        behind = close(near & (wide < 255) & (wide > 0), LETTER)
        half = np.where(behind, np.minimum(half, wide), half)
    return half


def _grain(grey: Grey) -> NDArray[np.float64]:
    """Spread of each cell that grain alone would give, by the differences of neighbouring pels."""
    rows = grey[::4]
    left, right = rows[:, :-1], rows[:, 1:]
    steps = np.zeros(rows.shape, np.uint8)
    np.subtract(np.maximum(left, right), np.minimum(left, right), out=steps[:, 1:])
    grain: NDArray[np.float64] = sum_of_cells(steps, CELL // 4, CELL) / (CELL // 4 * CELL) * GRAIN
    return grain


def _thresholds(grey: Grey, ground: Ground) -> Grey:
    """Level below which a pel is ink, in halves."""
    darkest = pool(pool(grey, "darkest"), "darkest")  # of two by two halves
    dark = spread(slide(darkest, 3, "darkest"), 2)
    lift = int(ground.noise / 2)  # the closing follows the lightest pels of noisy paper
    part = np.uint16(256 * (NOISY_INK if ground.noise > NOISY else CLEAN_INK))
    # Beside an edge of two grounds the darker one counts: the edge itself is no ink.
    contrast = slide(ground.half, EDGE, "darkest").astype(np.int16) - dark - lift
    least = LEAST_CONTRAST if ground.noise <= EVEN else LEAST_CONTRAST_SCAN
    enough = contrast >= ceil(max(least, NOISE_FACTOR * ground.noise))
    above = (contrast.astype(np.uint16) * part >> 8).astype(np.uint8)  # where it is enough
    thresholds: Grey = (dark + above) * enough
    return thresholds
