"""Writing in coloured cells and bands stays readable, whatever colours stand beside each other."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gateway.offramp.bilevel import Bits, Grey, to_bilevel
from gateway.offramp.flat import flat
from gateway.offramp.screen import GRIDS
from modems.session import VR
from tests.gateway.offramp.corpus import FONT, photo

BAND, GAP, LEFT = 40, 11, 100  # pels
BANDS = ((226, 0), (41, 255), (204, 0), (128, 0), (128, 255), (76, 255), (76, 0), (110, 0))
WORD = "Śruba 0,12 zł"


def word_at(draw: ImageDraw.ImageDraw, band: int, ink: int) -> None:
    """Write the word in a band."""
    top = 50 + band * (BAND + GAP)
    draw.text((LEFT + 20, top + 4), WORD, font=ImageFont.truetype(FONT, 27), fill=ink)


def banded() -> Grey:
    """A page of coloured bands, each with a word, as forms and tables have them."""
    image = Image.new("L", (800, 560), 255)
    draw = ImageDraw.Draw(image)
    for band, (ground, ink) in enumerate(BANDS):
        top = 50 + band * (BAND + GAP)
        draw.rectangle((LEFT, top, 700, top + BAND - 1), fill=ground)
        word_at(draw, band, ink)
    return np.asarray(image)


def decided(grey: Grey) -> Bits:
    """The page in black and white."""
    return to_bilevel(grey).drawn(GRIDS[VR.R8_FINE][0])


@pytest.mark.parametrize("band", range(len(BANDS)))
def test_the_word_in_each_band_is_as_it_was_written(band: int) -> None:
    """Dark on light, light on dark, and both on what lies between: no word is screened."""
    image = Image.new("L", (800, 560), 255)
    word_at(ImageDraw.Draw(image), band, 0)
    top = 50 + band * (BAND + GAP)
    window = (slice(top + 2, top + BAND - 2), slice(LEFT + 4, 690))
    expected = np.asarray(image)[window] < 128
    found = decided(banded())[window]
    found = ~found if found.mean() > 0.5 else found  # white on black

    assert (found ^ expected).sum() < 0.3 * expected.sum()


def test_rules_between_tinted_cells_stay() -> None:
    """The black lines of a table are as long as they were."""
    grey = banded().copy()
    grey[50:91, 300:302] = 0
    grey[70:72, 100:700] = 0
    ink = decided(grey)

    assert ink[52:89, 300:302].all()
    assert ink[70:72, 102:698].all()


def test_bars_that_nobody_has_written_on_keep_their_grey() -> None:
    """The bars of a chart, with gaps between them, are not turned into their gaps."""
    image = Image.new("L", (800, 480), 255)
    draw = ImageDraw.Draw(image)
    for bar in range(6):
        draw.rectangle((100 + bar * 60, 400 - bar * 50, 139 + bar * 60, 420), fill=128)
    ink = decided(np.asarray(image))

    assert 0.2 < ink[300:400, 345:375].mean() < 0.8
    assert not ink[300:400, 385:395].any()


def test_a_photograph_is_no_table() -> None:
    """What has no plain levels is left to the screen."""
    grey = np.asarray(photo(640, 480).convert("L"))

    assert flat(grey, np.zeros(grey.shape, np.bool_), 237, 115) is None
