"""Pictures come out at their own size, the right way up; fax pages untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gateway.offramp.convert import Unfaxable
from gateway.offramp.convert.picture import SCREEN_DPI, grey, plausible_dpi
from modems.session import VR
from tests.gateway.offramp import corpus, heifs
from tests.gateway.offramp.corpus import FONT, saved
from tests.gateway.offramp.sink import drawn, millimetres

HEIC = Path(__file__).parents[2] / "data" / "heic"


def framed(width: int, height: int, mode: str = "L") -> Image.Image:
    """A picture with a frame well inside, and a blot at its top left."""
    image = Image.new(mode, (width, height), "white")
    draw = ImageDraw.Draw(image)
    inset = width // 8
    draw.rectangle((inset, inset, width - inset, height - inset), outline="black", width=6)
    draw.rectangle((inset, inset, inset + width // 20, inset + width // 20), fill="black")
    return image


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "CMYK", "LA"])
def test_a_scan_has_its_true_size_in_every_mode(mode: str) -> None:
    """A frame of 300 dpi pels is as many millimetres on the fax, whatever the colours."""
    image = framed(2480, 3508).convert(mode)
    seen = drawn(saved(image, "TIFF" if mode in ("CMYK", "LA") else "PNG", dpi=(300, 300)))
    _, _, width, height = millimetres(seen.pages[0])

    assert width == pytest.approx((2480 - 620) / 300 * 25.4, abs=0.6)
    assert height == pytest.approx((3508 - 620) / 300 * 25.4, abs=0.6)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_every_format_is_one_page(format: str) -> None:  # noqa: A002 - Pillow's word
    """Each kind of picture is drawn."""
    assert drawn(saved(framed(900, 1200), format)).pages[0].any()


def test_exif_turns_the_picture() -> None:
    """A photo taken with the camera on its side stands upright."""
    exif = Image.Exif()
    exif[0x0112] = 6  # the right side of the scene is at the top of the picture
    image = framed(800, 600)
    upright = drawn(saved(image.rotate(-90, expand=True), "JPEG")).pages[0]
    turned = drawn(saved(image, "JPEG", exif=exif)).pages[0]

    assert (upright ^ turned).mean() < 0.01


def test_a_photo_of_a_telephone_is_drawn() -> None:
    """HEIC is drawn the right way up: the black corner of the frame is at the top left."""
    page = drawn((HEIC / "upright.heic").read_bytes()).pages[0]
    rows, pels = np.flatnonzero(page.any(axis=1)), np.flatnonzero(page.any(axis=0))
    y, x = int(rows.mean()), int(pels.mean())

    corners = [c.sum() for c in (page[:y, :x], page[:y, x:], page[y:, :x], page[y:, x:])]
    assert corners[0] > 1.5 * max(corners[1:])


@pytest.mark.parametrize("exif", [0, 6, 8])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_photo_of_a_telephone_held_sideways_is_turned_once(quarters: int, exif: int) -> None:
    """As its own property says; what EXIF says beside it is the same turn, and no second one."""
    seen = drawn(heifs.taken_sideways(quarters, exif=exif)).pages[0]
    upright = drawn((HEIC / "upright.heic").read_bytes()).pages[0]
    rows, pels = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    y, x = int(rows.mean()), int(pels.mean())
    around = [seen[:y, :x], seen[y:, :x], seen[y:, x:], seen[:y, x:]]  # anticlockwise
    corners = [int(corner.sum()) for corner in around]

    assert corners[quarters] > 1.5 * max(c for n, c in enumerate(corners) if n != quarters)
    assert seen.sum() == pytest.approx(upright.sum(), rel=0.1)


def test_a_damaged_photo_of_a_telephone_is_refused() -> None:
    """What the decoder cannot read to its end has a reason."""
    with pytest.raises(Unfaxable, match="damaged"):
        drawn((HEIC / "upright.heic").read_bytes()[:500])


def test_a_large_photo_is_fitted() -> None:
    """Twelve million pixels without a useful resolution fill the page and no more."""
    image = framed(4000, 3000).convert("RGB")
    _, _, width, height = millimetres(drawn(saved(image, "JPEG", dpi=(72, 72))).pages[0])

    assert 130 < width < 200  # turned
    assert height / width == pytest.approx((4000 - 1000) / (3000 - 1000), rel=0.02)


@pytest.mark.parametrize(
    ("dpi", "size", "expected"),
    [
        ((300, 300), (2480, 3508), (300, 300)),
        ((204, 98), (1728, 1143), (204, 98)),
        ((72, 72), (4000, 3000), (SCREEN_DPI, SCREEN_DPI)),
        ((100, 100), (8000, 6000), (SCREEN_DPI, SCREEN_DPI)),
        ((1, 1), (100, 100), (SCREEN_DPI, SCREEN_DPI)),
        ((300, 10), (100, 100), (SCREEN_DPI, SCREEN_DPI)),
        ("rubbish", (100, 100), (SCREEN_DPI, SCREEN_DPI)),
        (None, (100, 100), (SCREEN_DPI, SCREEN_DPI)),
    ],
)
def test_a_resolution_is_believed_where_it_can_be(
    dpi: object, size: tuple[int, int], expected: tuple[float, float]
) -> None:
    """A resolution that would make a sheet of paper is taken, another is not."""
    image = Image.new("1", size)
    if dpi is not None:
        image.info["dpi"] = dpi

    assert plausible_dpi(image) == pytest.approx(expected)


def test_transparency_is_paper() -> None:
    """What shows nothing is white, not black."""
    assert grey(Image.new("RGBA", (8, 8), (0, 0, 0, 0))).getextrema() == (255, 255)


def logo(*words: tuple[str, tuple[int, ...]], sheet: bool = False) -> bytes:
    """Words in their colours on a transparent picture, or on a white sheet with round corners."""
    image = Image.new("RGBA", (600, 120 * len(words)))
    draw = ImageDraw.Draw(image)
    if sheet:
        draw.rounded_rectangle((0, 0, 599, 120 * len(words) - 1), 30, fill="white")
    for row, (word, colour) in enumerate(words):
        draw.text((20, 20 + 120 * row), word, font=ImageFont.truetype(FONT, 70), fill=colour)
    return saved(image, "PNG")


def test_a_white_logo_is_drawn_in_black() -> None:
    """What was made for a dark page has the shape on paper that it has in black."""
    white = drawn(logo(("ACME", (255, 255, 255)))).pages[0]
    black = drawn(logo(("ACME", (0, 0, 0)))).pages[0]

    assert black.sum() > 1000
    assert (white ^ black).sum() < 0.2 * black.sum()


def test_white_words_beside_others_are_outlined() -> None:
    """The white line of a logo in two colours is seen, and the other is as it was."""
    both = drawn(logo(("ACME", (255, 255, 255)), ("Oferta", (0, 90, 200)))).pages[0]
    one = drawn(logo(("ACME", (255, 255, 255, 0)), ("Oferta", (0, 90, 200)))).pages[0]
    half = len(both) // 2

    assert both[:half].sum() > 500
    assert (both[half:] ^ one[half:]).mean() < 0.001


def test_a_white_sheet_with_round_corners_stays_white() -> None:
    """A screenshot is no logo, however little is written on it."""
    ink = drawn(logo(("x", (0, 0, 0)), ("", (0, 0, 0)), ("", (0, 0, 0)), sheet=True)).pages[0]

    assert 0 < ink.mean() < 0.05


@pytest.mark.parametrize(
    ("values", "mode"),
    [([0, 65535], "uint16"), ([0, 70000], "int32"), ([0.0, 1.0], "float32"), ([0, 255], "int32")],
)
def test_deep_greys_are_brought_into_range(values: list[float], mode: str) -> None:
    """16-bit, 32-bit and float greys keep black black and white white."""
    image = Image.fromarray(np.array([values], mode))

    assert grey(image).getextrema() == (0, 255)


def test_a_fax_page_goes_through_untouched() -> None:
    """A bilevel TIFF of 1728 pels is the same page pel by pel, at its own resolution."""
    page = corpus.text_image().resize((1728, 1140)).convert("1")
    content = saved(page, "TIFF", compression="group4", dpi=(204, 98))
    seen = drawn(content)

    assert np.array_equal(seen.pages[0], ~np.asarray(page))
    assert seen.coded[0].vr == VR.R8_STANDARD


@pytest.mark.parametrize(("rows", "vr"), [(1143, VR.R8_STANDARD), (2287, VR.R8_FINE)])
def test_a_fax_page_without_resolution_is_as_long_as_paper(rows: int, vr: VR) -> None:
    """Without a resolution the number of rows tells it."""
    page = corpus.text_image().resize((1728, rows)).convert("1")

    assert drawn(saved(page, "TIFF", compression="group3")).coded[0].vr == vr


def test_a_bilevel_page_of_another_density_is_scaled() -> None:
    """1728 pels at 150 dpi are no fax page."""
    page = corpus.text_image().resize((1728, 2444)).convert("1")
    (coded,) = drawn(saved(page, "TIFF", compression="group4", dpi=(150, 150))).coded

    assert coded.height <= 2287


def test_a_very_long_fax_page_stays_one() -> None:
    """A fax page of a metre and more is a long page, all of it where machines print."""
    page = Image.new("1", (1728, 11_000), 1)
    ImageDraw.Draw(page).rectangle((200, 200, 1500, 10_800), outline=0, width=9)

    coded = drawn(saved(page, "TIFF", compression="group4", dpi=(204, 196))).coded
    assert [10_900 < sheet.height <= 11_000 for sheet in coded] == [True]


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("1", {"compression": "group4"}),
        ("1", {"compression": "group3"}),
        ("L", {"compression": "tiff_lzw"}),
        ("RGB", {"compression": "jpeg"}),
        ("RGB", {"compression": "tiff_deflate"}),
        ("L", {}),
    ],
)
def test_every_tiff_is_as_many_pages_as_frames(mode: str, options: dict[str, str]) -> None:
    """Three frames of any compression are three pages."""
    image = framed(1240, 1754).convert(mode)
    content = saved(
        image, "TIFF", save_all=True, append_images=[image, image], dpi=(150, 150), **options
    )

    assert len(drawn(content).pages) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: saved(framed(900, 900), "JPEG")[:4000], "damaged"),
        (lambda: saved(corpus.photo(), "PNG")[:-5000], "damaged"),
        (
            lambda: saved(corpus.text_image().convert("1"), "TIFF", compression="group4")[:3000],
            "dam",
        ),
        (lambda: b"II*\0" + bytes(100), "damaged"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (corpus.png_bomb, "120 million pixels"),
    ],
)
def test_damaged_pictures_and_bombs_are_refused(content: object, words: str) -> None:
    """A picture that cannot be read to its end, or that is too large to be one, has a reason."""
    assert callable(content)
    with pytest.raises(Unfaxable, match=words):
        drawn(content())


def test_many_large_frames_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pixels of all frames together are bounded too."""
    monkeypatch.setattr("gateway.offramp.convert.tiff.TOTAL_PIXELS", 1_000_000)
    image = framed(800, 800)

    with pytest.raises(Unfaxable, match="in all"):
        drawn(saved(image, "TIFF", save_all=True, append_images=[image, image]))


def test_too_many_frames_are_refused() -> None:
    """A TIFF of more pages than may be sent is refused before it is drawn."""
    image = Image.new("1", (100, 100))
    content = saved(image, "TIFF", save_all=True, append_images=[image] * 20)

    with pytest.raises(Unfaxable, match="21 pages"):
        drawn(content, limit=20)
