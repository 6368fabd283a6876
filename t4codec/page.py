"""A fax page as a value: coded octets, how they are coded, and how large the paper is.

T.4 2 (dimensions): 1728 pels lie on 215 mm, standard resolution has 3.85 lines/mm. The figures in
dots per inch that TIFF and people use, 204 x 98, are those rounded; `Resolution.points` knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from t4codec.coding import Coding

POINTS_PER_INCH = 72
_MM_PER_INCH = 25.4
_EXACT = {  # nominal dots per inch of the metric resolutions, exactly (T.4 2, T.4 table 1)
    204: 1728 / 215 * _MM_PER_INCH,
    408: 3456 / 215 * _MM_PER_INCH,
    98: 3.85 * _MM_PER_INCH,
    196: 7.7 * _MM_PER_INCH,
    391: 15.4 * _MM_PER_INCH,
}


class Resolution(NamedTuple):
    """Pels per inch along a row and rows per inch, as TIFF-F writes them."""

    x_dpi: int
    y_dpi: int

    def points(self, width: int, height: int) -> tuple[float, float]:
        """The size on paper of `width` pels by `height` rows, in points of 1/72 inch."""
        x = _EXACT.get(self.x_dpi, self.x_dpi)
        y = _EXACT.get(self.y_dpi, self.y_dpi)
        return width / x * POINTS_PER_INCH, height / y * POINTS_PER_INCH


R8_STANDARD = Resolution(204, 98)
R8_FINE = Resolution(204, 196)
R8_SUPERFINE = Resolution(204, 391)
R16_SUPERFINE = Resolution(408, 391)
INCH_200X100 = Resolution(200, 100)
INCH_200X200 = Resolution(200, 200)
INCH_200X400 = Resolution(200, 400)
INCH_300X300 = Resolution(300, 300)
INCH_400X400 = Resolution(400, 400)


@dataclass(frozen=True, slots=True)
class CodedPage:
    """One page: `height` rows of `coding.width` pels."""

    data: bytes
    coding: Coding
    height: int
    resolution: Resolution = R8_FINE

    @property
    def points(self) -> tuple[float, float]:
        """Width and height on paper, in points."""
        return self.resolution.points(self.coding.width, self.height)
