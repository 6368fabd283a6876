"""What a telephone has photographed: a sheet on a desk keeps its letters, a code its squares."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from gateway.offramp.bilevel import Bits, Grey, to_bilevel
from gateway.offramp.screen import GRIDS
from modems.session import VR
from tests.gateway.offramp.corpus import FONT, photo

SIZE = (1200, 1600)
SHEET = (150, 120, 1050, 1480)


def written(size: tuple[int, int], box: tuple[int, int, int, int], paper: int, ink: int) -> Grey:
    """Lines of words in a box, on paper of one level."""
    image = Image.new("L", size, paper)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 30)
    for row in range(box[1] + 60, box[3] - 60, 50):
        draw.text((box[0] + 60, row), f"Zażółć gęślą jaźń, {row} zł", font=font, fill=ink)
    return np.asarray(image)


def photographed(grey: Grey, noise: float, fall: float = 0.2) -> Grey:
    """Blurred, grainy, in light that falls off to the right."""
    values = np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(1)), np.float64)
    values *= np.linspace(0.95, 0.95 - fall, grey.shape[1])[None, :]
    values += np.random.default_rng(5).normal(0, noise, grey.shape)
    seen = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    return np.asarray(seen.filter(ImageFilter.GaussianBlur(1)))


def decided(grey: Grey) -> Bits:
    """The page in black and white."""
    return to_bilevel(grey).drawn(GRIDS[VR.R8_FINE][0])


@pytest.mark.parametrize("noise", [3.0, 6.0, 12.0])
@pytest.mark.parametrize("desk", [45, 90])
def test_a_sheet_on_a_dark_desk_keeps_its_letters(noise: float, desk: int) -> None:
    """A letter photographed as it lies there is as sharp as a scanned one."""
    words = written(SIZE, SHEET, 245, 25)
    page = np.full_like(words, desk)
    inside = (slice(SHEET[1], SHEET[3]), slice(SHEET[0], SHEET[2]))
    page[inside] = words[inside]
    middle = (slice(SHEET[1] + 50, SHEET[3] - 50), slice(SHEET[0] + 50, SHEET[2] - 50))
    expected = words[middle] < 128
    found = decided(photographed(page, noise))[middle]

    assert (found & expected).sum() > 0.9 * expected.sum()
    assert (found & (words[middle] == 245)).mean() < 0.05


def test_a_text_in_uneven_light_is_no_picture() -> None:
    """Paper that a telephone has smoothed, light at one side and dark at the other, is paper."""
    words = written(SIZE, (0, 0, *SIZE), 230, 30)
    page = to_bilevel(photographed(words, 5, fall=0.35))

    assert page.screened < 0.02 * words.size
    assert (page.ink & (words < 128)).sum() > 0.9 * (words < 128).sum()


def test_a_photographed_code_is_black_and_white() -> None:
    """No square of it is screened: a reader must find every one."""
    modules = np.random.default_rng(3).random((37, 37)) < 0.5
    modules[:9, 20:30] = True  # a dark corner is no picture either
    square = np.kron(modules, np.ones((10, 10), np.bool_))
    words = written((1000, 1000), (0, 500, 1000, 1000), 225, 40).copy()
    words[60:430, 60:430] = np.where(square, 45, 225)
    found = decided(photographed(words, 5))[60:430, 60:430]

    assert (found[5::10, 5::10] == modules).mean() > 0.99


@pytest.mark.parametrize("noise", [1.0, 4.0, 8.0])
def test_a_photograph_is_a_picture_however_grainy(noise: float) -> None:
    """Many greys are no boxes of a form: dark and middling parts are screened, not black."""
    grey = np.asarray(photo(800, 1200).convert("L")).copy().astype(np.float64)
    grey[:400] = np.linspace(235, 215, 400)[:, None]
    grey += np.random.default_rng(2).normal(0, noise, grey.shape)
    seen = decided(np.clip(grey, 0, 255).astype(np.uint8))[400:, :800].reshape(20, 40, 20, 40)
    true = np.clip(grey[400:, :800], 0, 255).reshape(20, 40, 20, 40).mean(axis=(1, 3))

    assert np.corrcoef(1 - seen.mean(axis=(1, 3)).ravel(), true.ravel())[0, 1] > 0.95
