"""The pages that codecs are measured on: the ITU charts, two halftones of a photo, a blank page.

The photo is computed (the same on every machine): soft shapes, an edge and some grain, since no
halftone code depends on what a photo shows but on how its greys lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CHARTS = Path(__file__).parent.parent / "data" / "charts"
WIDTH, HEIGHT = 1728, 2376
SCREEN = 8  # pels of a halftone cell


@dataclass(frozen=True)
class Page:
    """Packed rows, 1 black."""

    name: str
    rows: bytes
    width: int
    height: int


def packed(image: Image.Image) -> bytes:
    """The rows of a bilevel image as t4codec wants them."""
    return image.convert("1").tobytes("raw", "1;I")


def charts() -> list[Page]:
    """ITU-T charts 1 to 8."""
    pages = []
    for number in range(1, 9):
        with Image.open(CHARTS / f"itu{number}.tif") as image:
            pages.append(Page(f"itu{number}", packed(image), *image.size))
    return pages


def photo() -> NDArray[np.float64]:
    """Grey levels from 0 (black) to 1, HEIGHT rows of WIDTH."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    grey = 0.55 + 0.35 * np.sin(x / 310 + np.cos(y / 420)) * np.cos(y / 370)
    for cx, cy, r, level in ((500, 700, 330, -0.4), (1200, 1500, 420, 0.3), (900, 400, 150, -0.3)):
        grey += level * np.exp(-(((x - cx) / r) ** 2 + ((y - cy) / r) ** 2))
    grey[y > 1900 + x / 6] *= 0.6
    grain = np.random.default_rng(1).normal(0, 0.03, (HEIGHT, WIDTH))
    levels: NDArray[np.float64] = np.clip(grey + grain, 0, 1)
    return levels


def dithered() -> Page:
    """The photo with its error diffused (Floyd and Steinberg): the worst case for T.4."""
    image = Image.fromarray((photo() * 255).astype(np.uint8)).convert("1")
    return Page("dithered", packed(image), WIDTH, HEIGHT)


def clustered() -> Page:
    """The photo in a clustered-dot screen, dots growing from the centre of their cell."""
    y, x = np.mgrid[0:SCREEN, 0:SCREEN]
    centre = (SCREEN - 1) / 2
    distance = np.hypot(x - centre, y - centre) + np.arctan2(y - centre, x - centre) / 100
    rank = distance.ravel().argsort().argsort().reshape(SCREEN, SCREEN)
    threshold = np.tile(1 - (rank + 0.5) / SCREEN**2, (HEIGHT // SCREEN, WIDTH // SCREEN))
    black = photo() < threshold
    return Page("clustered", np.packbits(black, axis=1).tobytes(), WIDTH, HEIGHT)


def blank() -> Page:
    """A white page."""
    return Page("blank", bytes(WIDTH // 8 * HEIGHT), WIDTH, HEIGHT)


def all_pages() -> list[Page]:
    """Every page, the charts first."""
    return [*charts(), dithered(), clustered(), blank()]
