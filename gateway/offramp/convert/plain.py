"""Plain text made up into pages without a program for web pages: lines on paper, no more.

A text whose every letter is in one font, as nearly all mails are, is what CSS would make of it, in
a tenth of the time: each line of the text a paragraph, wrapped where it must be, in lines of one
height, with two lines of a paragraph at least on either side of a new page. Whatever else a text
holds is for `typeset`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.convert.base import Grey
from gateway.offramp.convert.glyphs import Pels
from gateway.offramp.convert.onefont import OneFont
from gateway.offramp.convert.pango import Layout, Line
from gateway.offramp.sheet import WIDTH, Placement

POINT: Final = 25.4 / 72  # mm
TOP, SIDE = 15.0, 16.0  # mm; margins, the foot's is the head's
TOGETHER: Final = 2  # lines of a paragraph that are never alone on a page
SLACK: Final = 0.01  # points


class Look(NamedTuple):
    """How text is set: families as CSS lists them, letters in points, lines in ems.

    A line of the text is `least` ems high at least, also an empty one.
    """

    families: str
    points: float
    line: float
    least: float


class Paragraph(NamedTuple):
    """One line of the text; it begins on the right if it is read from there."""

    text: str
    on_the_right: bool


class Set(NamedTuple):
    """A line where it stands on its page: points from the left and upper edges to its start."""

    line: Line
    x: float
    y: float


@dataclass
class PlainPage:
    """One page of lines."""

    font: OneFont
    points: float
    paper: tuple[float, float]  # mm
    lines: list[Set] = field(default_factory=list)

    @property
    def size(self) -> tuple[float, float]:
        """The paper's, in millimetres."""
        return self.paper

    def draw(self, placement: Placement) -> Grey:
        """Draw black letters on white, at the size of the placement."""
        grey = np.full((placement.rows, WIDTH), 255, np.uint8)
        glyphs, rows, pels = self._placed(placement)
        if not glyphs.size:
            return grey
        box = placement.box
        em = self.points * POINT
        size = em * box.width / self.paper[0], em * box.height / self.paper[1]
        inks = {int(glyph): self.font.drawn.ink(int(glyph), size) for glyph in np.unique(glyphs)}
        drawn = [inks[glyph] for glyph in glyphs.tolist()]
        counts = [len(ink.rows) for ink in drawn]
        black_rows = np.repeat(rows, counts) + np.concatenate([ink.rows for ink in drawn])
        black_pels = np.repeat(pels, counts) + np.concatenate([ink.pels for ink in drawn])
        inside = (black_rows >= 0) & (black_rows < placement.rows)
        inside &= (black_pels >= 0) & (black_pels < WIDTH)
        grey[black_rows[inside], black_pels[inside]] = 0
        return grey

    def _placed(self, placement: Placement) -> tuple[NDArray[np.int64], Pels, Pels]:
        """Every glyph of the page, with the row and the pel at which it stands."""
        box = placement.box
        along, across = box.width / self.paper[0] * POINT, box.height / self.paper[1] * POINT
        none = np.zeros(0, np.float64)
        glyphs = np.concatenate([none, *(set_.line.glyphs for set_ in self.lines)])
        x = np.concatenate([none, *(set_.x + set_.line.x for set_ in self.lines)])
        y = np.concatenate([none, *(set_.y + set_.line.y for set_ in self.lines)])
        rows = np.floor(box.top + y * across + 0.5).astype(np.int32)
        pels = np.floor(box.left + x * along + 0.5).astype(np.int32)
        return glyphs.astype(np.int64), rows, pels


def made_up(
    sections: Sequence[Sequence[Paragraph]], look: Look, font: OneFont, paper: tuple[float, float]
) -> list[PlainPage] | None:
    """The pages of a text, each section on a new one; None if a sign of it is not in the font."""
    pages: list[PlainPage] = []
    width = (paper[0] - 2 * SIDE) / POINT
    with Layout(font.family, look.points, width, font.config) as layout:
        for section in sections:
            making = _Making(look, font, paper, pages)
            making.begin_page()
            for paragraph in section:
                lines = layout.lines(paragraph.text) if paragraph.text else []
                if not all(line.is_known for line in lines):
                    return None
                making.add(lines, width if paragraph.on_the_right else None)
    return pages


class _Making:
    """Fills pages with paragraphs."""

    def __init__(
        self, look: Look, font: OneFont, paper: tuple[float, float], pages: list[PlainPage]
    ) -> None:
        self._look, self._font, self._paper, self._pages = look, font, paper, pages
        self._pitch = look.points * look.line
        self._end = (paper[1] - TOP) / POINT + SLACK
        self._at = 0.0

    def begin_page(self) -> None:
        """Go on at the head of a new page."""
        self._pages.append(PlainPage(self._font, self._look.points, self._paper))
        self._at = TOP / POINT

    def add(self, lines: Sequence[Line], right: float | None) -> None:
        """Set a paragraph, up to the measure `right` where it begins there."""
        while self._at + self._height(lines) > self._end:
            fit = self._fitting(len(lines))
            self._set(lines[:fit], right)
            lines = lines[fit:]
            self.begin_page()
        self._set(lines, right)
        self._at += self._height(lines)

    def _fitting(self, lines: int) -> int:
        """How many of these lines, which are too many, go onto this page."""
        fit = min(int((self._end - self._at) / self._pitch), lines - TOGETHER)
        return fit if fit >= TOGETHER else 0

    def _height(self, lines: Sequence[Line]) -> float:
        return max(len(lines) * self._pitch, self._look.points * self._look.least)

    def _set(self, lines: Sequence[Line], right: float | None) -> None:
        for number, line in enumerate(lines):
            x = SIDE / POINT + (right - line.width if right is not None else 0.0)
            leading = (self._pitch - line.ascent - line.descent) / 2
            baseline = self._at + number * self._pitch + leading + line.ascent
            self._pages[-1].lines.append(Set(line, x, baseline))
