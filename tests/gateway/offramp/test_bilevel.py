"""Ink is told from ground: grey paper and tints vanish, light text and thin lines stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from gateway.offramp.bilevel import MIDDLE, Bits, Grey, to_bilevel
from gateway.offramp.screen import GRIDS
from modems.session import VR
from tests.gateway.offramp.corpus import FONT, grey_scan, photo, text_image

SIZE = (800, 480)  # pels, rows


def page(paper: int = 255) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A piece of paper to draw on."""
    image = Image.new("L", SIZE, paper)
    return image, ImageDraw.Draw(image)


def decided(image: Image.Image) -> Bits:
    """The page in black and white."""
    return to_bilevel(np.asarray(image)).drawn(GRIDS[VR.R8_FINE][0])


def written(image: Image.Image, at: tuple[int, int], ink: int, size: int = 32) -> None:
    """Write a word."""
    ImageDraw.Draw(image).text(at, "zażółć", font=ImageFont.truetype(FONT, size), fill=ink)


def test_black_on_white_is_kept_pel_by_pel() -> None:
    """A page that is black and white already does not change."""
    image, _ = page()
    written(image, (50, 50), 0)
    crisp = image.point(lambda v: 255 * (v > 127))

    assert np.array_equal(decided(crisp), np.asarray(crisp) == 0)


@pytest.mark.parametrize("paper", [255, 235, 215, 190, 160])
def test_paper_of_any_grey_is_white(paper: int) -> None:
    """Blank paper has no ink, whatever its colour."""
    image, _ = page(paper)

    assert not decided(image).any()


@pytest.mark.parametrize(
    ("paper", "ink"), [(255, 0), (255, 130), (255, 190), (200, 60), (190, 130)]
)
def test_text_survives_on_its_paper(paper: int, ink: int) -> None:
    """Dark and light text alike keep the shape that black text on white has."""
    image, _ = page(paper)
    written(image, (50, 50), ink)
    reference, _ = page()
    written(reference, (50, 50), 0)
    expected = np.asarray(reference) < 127

    differing = (decided(image) ^ expected).sum() / expected.sum()

    assert differing < 0.35
    assert (decided(image) & expected).sum() > 0.9 * expected.sum()


def test_light_text_beside_black_text_survives() -> None:
    """Grey words between black ones keep most of their ink."""
    image, _ = page()
    written(image, (50, 50), 0)
    written(image, (50, 95), 165)
    alone, _ = page()
    written(alone, (50, 95), 0)
    expected = np.asarray(alone) < 100

    assert (decided(image) & expected).sum() > 0.85 * expected.sum()


def test_a_tinted_box_with_text_becomes_white() -> None:
    """The background of a text is not ink; its text is."""
    image, draw = page()
    draw.rectangle((100, 100, 700, 300), fill=215)
    written(image, (150, 150), 0)
    ink = decided(image)

    assert ink[150:200, 150:300].any()
    assert not ink[220:290, 120:680].any()


def test_white_text_on_black_stays_white_on_black() -> None:
    """Reversed text is kept."""
    image, draw = page()
    draw.rectangle((100, 100, 700, 300), fill=30)
    written(image, (150, 150), 255)
    ink = decided(image)

    assert ink[220:290, 120:680].all()
    assert not ink[150:200, 150:280].all()


@pytest.mark.parametrize("level", [128, 160])
def test_white_text_on_middle_grey_is_white_on_black(level: int) -> None:
    """Its ground turns black without a gap, and the letters are as they were drawn."""
    image, draw = page()
    draw.rectangle((96, 96, 703, 303), fill=level)
    written(image, (150, 150), 255)
    alone, _ = page()
    written(alone, (150, 150), 0)
    letters = np.asarray(alone) < 100
    ink = decided(image)[104:296, 104:696]
    letters = letters[104:296, 104:696]

    assert not (ink & letters).sum() > 0.1 * letters.sum()
    assert ink[~letters].mean() > 0.95


def scanned(image: Image.Image, noise: float = 6.0) -> Image.Image:
    """The page as a scanner at 150 dpi gives it: blurred, grainy, darker towards one side."""
    values = np.asarray(image.filter(ImageFilter.GaussianBlur(1.1)), np.float32)
    values *= np.linspace(0.94, 0.86, values.shape[1])[None, :]
    grain = np.random.default_rng(1).normal(0, noise, (values.shape[0] * 3 // 4, 600))
    coarse = Image.fromarray(grain.astype(np.float32)).resize(image.size)
    return Image.fromarray(np.clip(values + np.asarray(coarse), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("level", "ink"), [(110, 255), (130, 255), (150, 255), (170, 40), (185, 40)]
)
def test_letters_on_a_grey_box_survive_a_poor_scan(level: int, ink: int) -> None:
    """Light ones are white on black and dark ones black on white, nothing screened or lost."""
    image, draw = page()
    draw.rectangle((96, 120, 703, 219), fill=level)
    draw.line((96, 206, 703, 206), fill=ink, width=3)
    written(image, (150, 150), ink)
    alone, mark = page()
    written(alone, (150, 150), 0)
    mark.line((96, 206, 703, 206), fill=0, width=3)
    letters = np.asarray(alone)[126:214, 104:696] < 128
    found = decided(scanned(image))[126:214, 104:696]
    if ink > level:
        found = ~found

    assert (found & letters).sum() > 0.85 * letters.sum()
    assert (found & ~letters).mean() < 0.02


def test_a_grey_box_above_another_leaves_no_patches_between_them() -> None:
    """Where two greys meet a strip of paper, each keeps its own edge."""
    image, draw = page()
    draw.rectangle((96, 60, 703, 180), fill=110)
    draw.rectangle((96, 206, 703, 340), fill=170)
    written(image, (120, 214), 255)
    ink = decided(scanned(image))

    assert ink[186:200, 110:690].mean() < 0.01
    assert ink[209:213, 110:690].mean() > 0.97


@pytest.mark.parametrize("level", [205, 225, 240])
def test_the_edges_of_a_dropped_tint_leave_no_lines(level: int) -> None:
    """A tinted box with text leaves its text only, whether its edges are sharp or blurred."""
    image, draw = page()
    draw.rectangle((100, 100, 703, 303), fill=level)
    written(image, (150, 150), 0, 46)
    for blur in (0, 1):
        ink = decided(image.filter(ImageFilter.GaussianBlur(blur)))
        ink[140:220, 140:690] = False

        assert not ink.any()


def test_a_plain_grey_area_is_screened() -> None:
    """A bar of a chart is told from white and from black."""
    image, draw = page()
    draw.rectangle((200, 100, 500, 400), fill=140)
    share = decided(image)[120:380, 220:480].mean()

    assert 0.2 < share < 0.8


@pytest.mark.parametrize("dpi", [200, 300])
def test_hairlines_survive_scaling(dpi: int) -> None:
    """A line one pel thin at 300 dpi is unbroken on the fax page, in both directions."""
    wide = Image.new("L", (SIZE[0] * dpi // 200, SIZE[1] * dpi // 200), 255)
    draw = ImageDraw.Draw(wide)
    draw.line((0, 301, wide.width, 301), fill=0)
    draw.line((401, 0, 401, wide.height), fill=0)
    ink = decided(wide.resize(SIZE, Image.Resampling.HAMMING))

    assert ink.any(axis=0).all()
    assert ink.any(axis=1).all()


def test_a_grey_scan_keeps_text_and_drops_paper() -> None:
    """Shadow, grain and grey of scanned paper cost nothing; its text is all there."""
    scan = grey_scan().resize((1688, 2287), Image.Resampling.HAMMING)
    clean = text_image().resize((1688, 2287), Image.Resampling.HAMMING)
    expected = np.asarray(clean) < 128
    ink = decided(scan)

    assert (ink & expected).sum() > 0.93 * expected.sum()
    blank = np.asarray(clean) == 255
    assert (ink & blank).sum() < 0.002 * blank.sum()


def test_a_picture_keeps_its_greys() -> None:
    """Seen from afar, a screened picture has the tones of the original."""
    original: Grey = np.asarray(photo())
    blocks = (50, 24, 66, 24)  # 3 mm by 3 mm
    seen = 1 - decided(photo())[:, : 66 * 24].reshape(blocks).mean(axis=(1, 3))
    true = original[:, : 66 * 24].reshape(blocks).mean(axis=(1, 3))

    assert np.corrcoef(seen.ravel(), true.ravel())[0, 1] > 0.97


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_any_page_is_decided(rows: int, pels: int, seed: int) -> None:
    """Whatever the size and the greys, every pel is decided."""
    grey = np.random.default_rng(seed).integers(0, 256, (rows, pels), dtype=np.uint8)

    assert to_bilevel(grey).ink.shape == (rows, pels)


def test_a_sender_may_say_what_grey_is() -> None:
    """In the style of text nothing is screened; in that of a photo everything is, text too."""
    grey = np.asarray(photo().convert("L"))
    letters, _ = page()
    written(letters, (50, 50), 0)

    assert to_bilevel(grey).shades
    assert not to_bilevel(grey, "text").shades
    whole = to_bilevel(np.asarray(letters), "photo")
    assert whole.screened == letters.width * letters.height
    assert not whole.ink.any()


def lines_of(text: Sequence[tuple[str, int, int]]) -> Grey:
    """A white page with words of a level of grey, each at a row."""
    page = Image.new("L", (1728, 600), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 34)
    for word, level, row in text:
        draw.text((200, row), word, fill=level, font=font)
    return np.asarray(page)


def test_black_on_white_is_cut_in_its_middle() -> None:
    """A plain page needs no search for its ground: its smooth edges are cut where they are."""
    grey = lines_of([("Zażółć gęślą jaźń", 0, 100)])

    ink = to_bilevel(grey).ink

    assert np.array_equal(ink, grey < MIDDLE)


@pytest.mark.parametrize("level", [120, 160, 200])
def test_a_light_word_on_a_page_of_black_text_is_kept(level: int) -> None:
    """One grey word anywhere sends the page the long way, and is ink there."""
    lines = [("Zażółć gęślą jaźń", 0, 100), ("Zażółć gęślą jaźń", level, 400)]
    ink = to_bilevel(lines_of(lines)).ink
    alone = to_bilevel(lines_of([lines[0], (lines[1][0], 0, 400)])).ink

    assert ink[400:500].sum() > 0.8 * alone[400:500].sum()
