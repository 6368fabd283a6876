"""Pages that are blank, or nearly so, are told from those that are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont

from gateway.onramp.content import content_of
from gateway.store.records import PageContent, StoredPage
from modems.session import VR
from t4codec import Coding, Compression, encode
from tests.gateway.ocr.sheets import FONT

MM = 204 / 25.4  # pels
Draw = Callable[[ImageDraw.ImageDraw], object]
RESOLUTIONS = [VR.R8_STANDARD, VR.R8_FINE, VR.R8_SUPERFINE]


def page(*drawn: Draw, vr: VR = VR.R8_FINE) -> StoredPage:
    """An A4 page, drawn on in square pels."""
    image = Image.new("L", (1728, round(297 * MM)), 255)
    for draw in drawn:
        draw(ImageDraw.Draw(image))
    x, y = vr.dpi
    small = image.resize((1728, round(image.height * y / x)), Image.Resampling.BOX)
    bilevel = small.point(lambda v: 255 * (v > 150), "1")
    mmr = encode(bilevel.tobytes("raw", "1;I"), Coding(Compression.MMR, 1728))
    return StoredPage(1, 1728, bilevel.height, vr, mmr)


def box(left: float, top: float, right: float, bottom: float) -> Draw:
    """A black box, in mm."""
    return lambda d: d.rectangle([left * MM, top * MM, right * MM, bottom * MM], fill=0)


def text(at: float, words: str, size: int = 32) -> Draw:
    """A line of text so many mm from the top."""
    font = ImageFont.truetype(FONT, size)
    return lambda d: d.text((20 * MM, at * MM), words, font=font, fill=0)


def specks(d: ImageDraw.ImageDraw) -> None:
    """Three hundred specks of 2 x 2 pels, none beside another."""
    for n in range(300):
        x, y = 40 + n % 20 * 80, 100 + n // 20 * 140
        d.rectangle([x, y, x + 1, y + 1], fill=0)


HEADER = text(3, "2026-11-24 18:46  COMPANY NAME  +48 22 100 00 01  > +48 22 200 00 02  2/4")


@pytest.mark.parametrize("vr", RESOLUTIONS)
@pytest.mark.parametrize(
    "drawn",
    [
        [],
        [specks],
        [box(100, 0, 100.6, 297)],
        [box(0, 0, 215, 1.5), box(0, 0, 1, 297), box(0, 295, 215, 297)],
    ],
    ids=["white", "specks", "dirt on the glass", "shadow of the edges"],
)
def test_a_blank_page_is_blank(drawn: list[Draw], vr: VR) -> None:
    """Specks, a streak of dirt and the shadow of the paper's edge are no content."""
    assert content_of(page(*drawn, vr=vr)) is PageContent.BLANK


@pytest.mark.parametrize("vr", RESOLUTIONS)
def test_a_page_with_only_the_senders_header_line(vr: VR) -> None:
    """One line at the top, and nothing below it but dirt."""
    assert content_of(page(HEADER, vr=vr)) is PageContent.HEADER_ONLY
    assert content_of(page(HEADER, specks, vr=vr)) is PageContent.HEADER_ONLY


@pytest.mark.parametrize("vr", RESOLUTIONS)
@pytest.mark.parametrize(
    "drawn",
    [
        [text(150, "OK")],
        [HEADER, text(280, "- 2 -")],
        [HEADER, text(18, "Re: order 12")],
        [text(3, "COMPANY"), text(12, "Street 1, City")],
        [box(20, 100, 190, 100.4)],
        [box(20, 50, 20.4, 250), box(190, 50, 190.4, 250), box(20, 50, 190, 50.4)],
    ],
    ids=["a word", "a page number", "below the header", "letterhead", "a line", "a frame"],
)
def test_little_is_not_nothing(drawn: list[Draw], vr: VR) -> None:
    """A page with anything that somebody put there has content."""
    assert content_of(page(*drawn, vr=vr)) is PageContent.INK


def test_a_page_of_one_row_has_an_answer_too() -> None:
    """As does one in the narrowest form."""
    mmr = encode(b"\xff" * 216, Coding(Compression.MMR, 1728))

    assert content_of(StoredPage(1, 1728, 1, VR.R8_FINE, mmr)) in PageContent
