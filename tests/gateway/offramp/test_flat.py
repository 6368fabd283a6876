"""Writing in coloured cells and bands stays readable, whatever colours stand beside each other."""

from __future__ import annotations

from io import BytesIO

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
    found = flat(grey, np.ones(grey.shape, np.bool_), 255)

    assert found is None or found.known.mean() < 0.1
    assert to_bilevel(grey).screened == grey.size


def chart(*bars: tuple[int, tuple[int, int, int, int]]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A page with bars of a level, each in a box."""
    image = Image.new("L", (800, 560), 255)
    draw = ImageDraw.Draw(image)
    for level, box in bars:
        draw.rectangle(box, fill=level)
    return image, draw


def share(ink: Bits, left: int, top: int, right: int, bottom: int) -> float:
    """How black a part of the page is."""
    return float(ink[top:bottom, left:right].mean())


@pytest.mark.parametrize("level", [130, 170, 208, 220])
def test_a_bar_is_never_lost(level: int) -> None:
    """However pale a bar is, it has a grey of its own and a line around it."""
    image, _ = chart((level, (100, 100, 399, 139)))
    ink = decided(np.asarray(image))

    assert 0.02 < share(ink, 110, 106, 390, 134) < 0.7
    assert ink[100:140, 98:102].any(axis=1).all()
    assert ink[98:102, 100:400].any(axis=0).all()


def test_every_level_of_a_chart_is_seen() -> None:
    """Levels that are all but alike, and many of them: none comes out white."""
    boxes = [(100, 20 + 36 * n, 499, 47 + 36 * n) for n in range(14)]
    ink = decided(np.asarray(chart(*((206 - 2 * n, box) for n, box in enumerate(boxes)))[0]))

    assert all(share(ink, box[0], box[1], box[2], box[3]) > 0.03 for box in boxes)


@pytest.mark.parametrize(("one", "other"), [(60, 100), (150, 170), (120, 128)])
def test_a_line_parts_wedges_that_come_out_alike(one: int, other: int) -> None:
    """White between two black ones, black between two screened ones."""
    image, _ = chart((one, (100, 100, 299, 399)), (other, (300, 100, 499, 399)))
    ink = decided(np.asarray(image))
    line, beside = ink[110:390, 298:303], share(ink, 150, 110, 250, 390)

    assert (line == (beside < 0.9)).any(axis=1).all()
    assert beside > 0.2


def test_dark_words_on_a_dark_wedge_are_readable() -> None:
    """A black figure on a blue wedge does not drown in it, and the wedge keeps its outline."""
    image, draw = chart((99, (100, 100, 499, 399)))
    draw.text((280, 240), "30%", font=ImageFont.truetype(FONT, 27), fill=0)
    alone = Image.new("L", image.size, 255)
    draw = ImageDraw.Draw(alone)
    draw.text((280, 240), "30%", font=ImageFont.truetype(FONT, 27), fill=0)
    expected = np.asarray(alone)[230:280, 270:350] < 128
    ink = decided(np.asarray(image))

    assert (ink[230:280, 270:350] & expected).sum() > 0.8 * expected.sum()
    assert share(ink, 270, 230, 350, 280) < 2 * expected.mean() + 0.5
    assert ink[110:390, 97:103].any(axis=1).all()
    assert not ink[230:280, 270:350].all()


@pytest.mark.parametrize("level", [192, 224])
def test_a_watermark_vanishes_under_a_text(level: int) -> None:
    """Large pale letters leave neither blotches nor lines; the text on them is all there."""
    mark, text = Image.new("L", (800, 560), 255), Image.new("L", (800, 560), 255)
    ImageDraw.Draw(mark).text((60, 120), "DRAFT", font=ImageFont.truetype(FONT, 260), fill=level)
    for row in range(40, 520, 30):
        ImageDraw.Draw(text).text(
            (40, row), f"{WORD} {row} " * 3, font=ImageFont.truetype(FONT, 22), fill=0
        )
    ink = decided(np.minimum(np.asarray(mark), np.asarray(text)))
    expected = np.asarray(text) < 128

    assert (ink & expected).sum() > 0.9 * expected.sum()
    assert (ink & (np.asarray(text) == 255)).mean() < 0.004


def test_the_key_of_a_chart_has_its_greys() -> None:
    """A small square of a bar's level is screened as the bar is, and a headline is not."""
    image, draw = chart((150, (100, 100, 299, 399)), (150, (600, 100, 617, 117)))
    draw.text((400, 300), "Plan", font=ImageFont.truetype(FONT, 60), fill=140)
    ink = decided(np.asarray(image))

    assert 0.2 < share(ink, 603, 103, 615, 115) < 0.8
    assert share(ink, 400, 300, 560, 370) > 0.1


def test_a_dark_gradient_is_no_flat_area() -> None:
    """The dark end of a picture has few levels, and is as smooth as the rest."""
    rows = np.linspace(250, 55, 480)[:, None] + np.zeros((1, 640))
    page = np.full((560, 800), 255, np.uint8)
    page[40:520, 80:720] = rows.astype(np.uint8)
    seen = 1 - decided(page)[40:520, 80:720].reshape(10, 48, 640).mean(axis=(1, 2))

    assert (np.abs(seen * 255 - rows.reshape(10, 48, 640).mean(axis=(1, 2))) < 8).all()


def test_a_smooth_light_picture_keeps_its_light_half() -> None:
    """A sky has no edges and is no paper all the same."""
    rows = np.linspace(185, 250, 480)[:, None] + np.linspace(0, 4, 640)[None, :]
    page = np.full((560, 800), 255, np.uint8)
    page[40:520, 80:720] = rows.astype(np.uint8)
    ink = decided(page)
    seen = 1 - ink[40:520, 80:720].reshape(10, 48, 640).mean(axis=(1, 2))

    assert (np.abs(seen * 255 - rows.reshape(10, 48, 640).mean(axis=(1, 2))) < 8).all()


def test_a_chart_in_a_jpeg_is_a_chart() -> None:
    """The grain of a picture's coding hides neither the words on a wedge nor the wedge."""
    image, draw = chart((99, (100, 100, 299, 399)), (150, (300, 100, 499, 399)))
    for left in (160, 360):
        draw.text((left, 240), "30%", font=ImageFont.truetype(FONT, 27), fill=0)
    alone = Image.new("L", image.size, 255)
    ImageDraw.Draw(alone).text((160, 240), "30%", font=ImageFont.truetype(FONT, 27), fill=0)
    ImageDraw.Draw(alone).text((360, 240), "30%", font=ImageFont.truetype(FONT, 27), fill=0)
    file = BytesIO()
    image.save(file, "JPEG", quality=80)
    ink = decided(np.asarray(Image.open(file)))
    expected = np.asarray(alone) < 100

    assert (ink & expected).sum() > 0.85 * expected.sum()
    for left in (155, 355):  # white around the words
        assert share(ink, left, 235, left + 80, 280) < 0.6
    assert ink[110:390, 296:304].any(axis=1).all()


@pytest.mark.parametrize("level", [110, 150, 189, 220])
def test_white_words_in_a_box_on_a_dark_page_are_readable(level: int) -> None:
    """However light the box on a dark slide is, the words in it are not lost in it."""
    image, draw = Image.new("L", (800, 560), 40), Image.new("L", (800, 560), 255)
    ImageDraw.Draw(image).rectangle((100, 100, 399, 299), fill=level)
    for page, fill in ((image, 255), (draw, 0)):
        font = ImageFont.truetype(FONT, 40)
        ImageDraw.Draw(page).text((150, 180), "Blok 2", font=font, fill=fill)
    expected = np.asarray(draw)[170:240, 140:300] < 128
    found = decided(np.asarray(image))[170:240, 140:300]
    found = ~found if found.mean() > 0.5 else found

    assert (found ^ expected).sum() < 0.3 * expected.sum()


def test_pale_fields_of_a_map_keep_their_borders() -> None:
    """A number in a large pale field leaves the line where the next field begins."""
    image, draw = chart((206, (100, 100, 349, 399)), (216, (350, 100, 599, 399)))
    for left in (200, 450):
        draw.text((left, 240), "26", font=ImageFont.truetype(FONT, 16), fill=40)
    ink = decided(np.asarray(image))

    assert ink[110:390, 346:354].any(axis=1).all()
    assert share(ink, 360, 110, 440, 390) == 0


def test_dark_words_on_a_gradient_do_not_drown() -> None:
    """White words and dark ones on one gradient can both be read."""
    page = np.full((560, 800), 255, np.uint8)
    page[100:300, 100:700] = np.linspace(120, 225, 600)[None, :].astype(np.uint8)
    image = Image.fromarray(page)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 40)
    draw.text((120, 130), "Punkt 1", font=font, fill=255)
    draw.text((380, 130), "opis", font=font, fill=30)
    ink = decided(np.asarray(image))

    assert share(ink, 380, 140, 460, 180) < 0.8
    assert share(ink, 480, 110, 690, 290) < 0.4


@pytest.mark.parametrize("level", [226, 236, 242])
def test_a_faint_bar_has_a_line_around_it(level: int) -> None:
    """The palest bar beside an axis is seen, and a faint band with writing leaves nothing."""
    image, draw = chart((level, (100, 100, 499, 149)), (level, (100, 300, 699, 339)))
    draw.rectangle((98, 60, 99, 250), fill=0)
    draw.text((110, 304), f"{WORD} {WORD} {WORD}", font=ImageFont.truetype(FONT, 27), fill=0)
    draw.rectangle((600, 60, 699, 200), fill=150)
    ink = decided(np.asarray(image))

    assert ink[104:146, 496:503].any(axis=1).all()
    assert share(ink, 110, 106, 490, 144) == 0
    assert not ink[296:302, 100:700].any()
    assert not ink[337:343, 560:700].any()


def test_the_pale_rest_of_a_row_of_squares_is_seen() -> None:
    """Seven of ten: the three that are left have their outline, close to a dark one as they are."""
    squares = [(60 if n < 7 else 226, (60 + 64 * n, 100, 115 + 64 * n, 153)) for n in range(10)]
    ink = decided(np.asarray(chart(*squares)[0]))

    for _, (left, top, right, bottom) in squares[7:]:
        assert ink[top : bottom + 1, right - 2 : right + 3].any(axis=1).mean() > 0.9
        assert share(ink, left + 6, top + 6, right - 6, bottom - 6) == 0
