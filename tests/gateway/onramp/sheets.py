"""Sheets of paper that look like letters, for tests of what is the same and what is not."""

from __future__ import annotations

from functools import cache
from random import Random

from PIL import Image, ImageDraw

from gateway.store.records import StoredPage
from gateway.store.sheet import Sheet
from modems.session import VR
from modems.terminal import PageQuality, PageVerdict
from tests.modems.documents import page_of

WIDTH, HEIGHT = 1728, 2200


@cache
def letter(seed: int, lines: int = 24, *, header: str = "", head: int = 0) -> Image.Image:
    """A page of text; the first `head` lines are those of the letterhead that all have."""
    image = Image.new("1", (WIDTH, HEIGHT), 1)
    draw = ImageDraw.Draw(image)
    for n in range(lines):
        random = Random(f"head {n}" if n < head else f"{seed} {n}")
        text = "".join(random.choices("abcdefghijklmnop rstuvw", k=60))
        draw.text((100, 150 + 80 * n), text, font_size=32)
    if header:
        draw.text((40, 8), header, font_size=32)
    return image


def sheet(
    number: int,
    image: Image.Image,
    *,
    fax: int = 1,
    rows: int = HEIGHT,
    bad: int = 0,
    verdict: PageVerdict = PageVerdict.MCF,
) -> Sheet:
    """A page that came in; its first `rows`, of which `bad` repeat one above."""
    if bad:
        image = image.copy()
        for y in range(300, 300 + bad):
            image.paste(image.crop((0, 299, WIDTH, 300)), (0, y))
    at_rest = page_of(image.crop((0, 0, WIDTH, rows)))
    stored = StoredPage(number, at_rest.width, at_rest.height, VR.R8_FINE, at_rest.mmr)
    return Sheet(fax, stored, PageQuality(rows, bad, bad), verdict)


CUT = PageVerdict.NONE
