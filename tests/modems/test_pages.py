from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from modems.pages import PageDecoder, ReceivedPage, code_page, converted, headed
from modems.session import DF, VR
from modems.terminal import PageForm
from t4codec import Coding, Compression, decode
from tests.modems.documents import Page, chart, page_of
from tests.virtual_time import run

A4_FINE = PageForm(1728, VR.R8_FINE, DF.MR)


async def coded(page: Page, form: PageForm) -> bytes:
    """A page as it goes over the line."""
    return await code_page(page.mmr, page.width, page.height, page.vr, form)


async def received(octets: bytes, form: PageForm, piece: int = 250) -> ReceivedPage:
    """A page as it is kept after it came in pieces."""
    decoder = PageDecoder(form)
    for at in range(0, len(octets), piece):
        decoder.feed(octets[at : at + piece])
    return await decoder.finished()


def pels(page: ReceivedPage) -> bytes:
    """What a kept page shows."""
    return decode(page.mmr, Coding(Compression.MMR, width=page.width)).rows


@pytest.mark.parametrize("df", DF)
@pytest.mark.parametrize("number", [1, 4, 7])
async def test_a_chart_comes_back_pel_for_pel(df: DF, number: int) -> None:
    """A page coded for the line and decoded in pieces is the page at rest, with no bad row."""
    page = chart(number)
    form = PageForm(page.width, page.vr, df, min_row_bits=0)
    kept = await received(await coded(page, form), form)

    assert pels(kept) == page.rows
    assert (kept.height, kept.quality.rows, kept.quality.bad_rows) == (page.height, page.height, 0)
    assert kept.mmr == page.mmr


@pytest.mark.parametrize("df", [DF.MH, DF.MR])
@pytest.mark.parametrize(("returns", "ended"), [(0, False), (1, False), (2, True), (4, True)])
async def test_rtc_of_fewer_eol(df: DF, returns: int, ended: bool) -> None:
    """Two EOL in a row end a page as RTC does, whatever zeros follow; a single one ends a row."""
    page = chart(1, 100)
    form = PageForm(page.width, page.vr, df, min_row_bits=0)
    whole = "".join(f"{octet:08b}"[::-1] for octet in await coded(page, form)).rstrip("0")
    eol = "000000000001" + "1" * (df is DF.MR)
    bits = whole.removesuffix(6 * eol) + returns * eol
    bits += "0" * (-len(bits) % 8 + 800)
    octets = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    decoder = PageDecoder(form)
    for at in range(0, len(octets), 7):
        decoder.feed(octets[at : at + 7])

    assert decoder.quality.ended is ended
    assert pels(await decoder.finished()) == page.rows
    assert decoder.quality.bad_rows == 0


async def test_sizes_are_those_of_the_line() -> None:
    """`bits` foretells the octets of a page in each coding, to the octet."""
    page = chart(1, 400)
    kept = await received(await coded(page, A4_FINE), A4_FINE)

    for df in DF:
        octets = len(await coded(page, PageForm(page.width, page.vr, df)))
        assert -(-kept.bits[df.name] // 8) == octets


async def test_rows_are_filled_to_the_scan_line_time() -> None:
    """No row of MH or MR takes less than the minimum scan-line time; MMR is never filled."""
    page = page_of(Image.new("1", (1728, 100), 1))

    for df in (DF.MH, DF.MR):
        form = PageForm(1728, VR.R8_FINE, df, min_row_bits=144)
        assert 8 * len(await coded(page, form)) >= 100 * 144
    form = PageForm(1728, VR.R8_FINE, DF.MMR, min_row_bits=144)
    assert len(await coded(page, form)) < 40


async def test_the_line_ends_with_rtc_in_the_lsb_view() -> None:
    """An MH page ends with six EOLs, first bit in bit 0."""
    octets = await coded(chart(1, 50), PageForm(1728, VR.R8_FINE, DF.MH))

    bits = "".join(f"{octet:08b}"[::-1] for octet in octets).rstrip("0")
    assert bits.endswith("000000000001" * 6)


async def test_a_fine_page_becomes_standard() -> None:
    """For a far end without fine, each pair of rows becomes one, and no line is lost."""
    image = Image.new("1", (1728, 40), 1)
    ImageDraw.Draw(image).line((100, 21, 800, 21), fill=0)
    form = PageForm(1728, VR.R8_STANDARD, DF.MH)
    kept = await received(await coded(page_of(image), form), form)

    assert kept.height == 20
    shown = Image.frombytes("1", (1728, 20), pels(kept), "raw", "1;I")
    assert [y for y in range(20) if not shown.getpixel((400, y))] == [10]


@pytest.mark.parametrize(
    ("vr", "size", "form", "rows"),
    [
        (VR.R16_SUPERFINE, (3456, 800), PageForm(1728, VR.R8_FINE, DF.MH), 401),
        (VR.R8_SUPERFINE, (1728, 800), PageForm(1728, VR.R8_STANDARD, DF.MH), 201),
        (VR.INCH_300X300, (2592, 600), PageForm(1728, VR.INCH_200X200, DF.MH), 400),
        (VR.INCH_400X400, (3456, 600), PageForm(1728, VR.INCH_200X100, DF.MH), 150),
        (VR.R8_FINE, (2432, 700), PageForm(1728, VR.R8_FINE, DF.MH), 497),
        (VR.R8_FINE, (1728, 300), PageForm(2048, VR.R8_FINE, DF.MH), 300),
        (VR.R8_FINE, (1728, 900), PageForm(1728, VR.R8_FINE, DF.MH, max_rows=600), 600),
        (VR.R8_FINE, (1728, 900), PageForm(1728, VR.R8_STANDARD, DF.MH, max_rows=300), 300),
        (VR.R8_FINE, (1728, 900), PageForm(1728, VR.R8_FINE, DF.MH, max_rows=900), 900),
    ],
)
async def test_pages_keep_their_shape_when_converted(
    vr: VR, size: tuple[int, int], form: PageForm, rows: int
) -> None:
    """Resolution and width become the form's; lengths in both directions shrink alike."""
    image = Image.new("1", size, 1)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=0)
    kept = await received(await coded(page_of(image, vr), form), form)

    assert (kept.width, kept.height) == (form.width, rows)
    shown = Image.frombytes("1", (kept.width, kept.height), pels(kept), "raw", "1;I")
    high = size[1] * form.vr.dpi[1] / vr.dpi[1]
    right = round(size[0] * form.vr.dpi[0] / vr.dpi[0] * min(1, rows / high))
    right = min(right, form.width) - 1
    for corner in [(0, 0), (right, 0), (0, rows - 1), (right, rows - 1)]:
        assert not shown.getpixel(corner)


@given(st.integers(1, 60), st.integers(1, 40), st.data())
@settings(max_examples=60)
def test_no_thin_line_is_lost(column: int, row: int, data: st.DataObject) -> None:
    """A line one pel wide is still there after any conversion to half the resolution or less."""
    vr, target = data.draw(
        st.sampled_from(
            [
                (VR.R16_SUPERFINE, VR.R8_SUPERFINE),
                (VR.INCH_400X400, VR.INCH_200X200),
                (VR.INCH_300X300, VR.INCH_200X200),
                (VR.R8_FINE, VR.R8_STANDARD),
            ]
        )
    )
    image = Image.new("1", (128, 96), 1)
    draw = ImageDraw.Draw(image)
    draw.line((column, 0, column, 95), fill=0)
    draw.line((0, row, 127, row), fill=0)
    width = 128 * target.dpi[0] // vr.dpi[0]
    rows = converted(image.tobytes("raw", "1;I"), 128, vr, PageForm(width, target, DF.MH))

    shown = Image.frombytes("1", (width, len(rows) // ((width + 7) // 8)), rows, "raw", "1;I")
    last_row, last_column = shown.height - 1, width - 1
    assert any(not shown.getpixel((x, last_row)) for x in range(width))
    assert any(not shown.getpixel((last_column, y)) for y in range(shown.height))


@given(st.binary(max_size=3000), st.sampled_from(DF), st.integers(1, 400))
@settings(max_examples=100)
def test_rubbish_becomes_a_page_and_counts(octets: bytes, df: DF, piece: int) -> None:
    """Whatever comes over the line, in whatever pieces, is decoded and counted, never raised."""
    form = PageForm(1728, VR.R8_STANDARD, df)
    kept = run(received(octets, form, piece))

    assert kept.height == kept.quality.rows
    assert kept.quality.longest_bad_run <= kept.quality.bad_rows <= kept.quality.rows
    assert len(pels(kept)) == kept.height * 216


async def test_a_page_is_finished_once() -> None:
    """Asking again for a finished page gives the same page."""
    decoder = PageDecoder(A4_FINE)
    decoder.feed(await coded(chart(1, 100), A4_FINE))

    assert await decoder.finished() == await decoder.finished()


@given(st.integers(0, 39), st.integers(1, 20))
@settings(max_examples=40)
def test_a_header_never_covers_the_page(margin: int, height: int) -> None:
    """All of a page's ink is below its header, in the page's margin or under a page that grew."""
    image = Image.new("1", (64, 40), 1)
    ImageDraw.Draw(image).rectangle((0, margin, 63, 39), outline=0)
    rows = image.tobytes("raw", "1;I")
    page = headed(b"\x55" * 8 * height, rows)

    assert page.startswith(b"\x55" * 8 * height)
    assert page.endswith(rows[8 * margin :])
    assert len(page) == len(rows) + (8 * height if margin < height else 0)


async def test_a_page_that_a_header_makes_too_long_shrinks() -> None:
    """Where the far end has no paper for the longer page, the page is made smaller, not cut."""
    image = Image.new("1", (1728, 400), 1)
    ImageDraw.Draw(image).rectangle((0, 0, 1727, 399), outline=0)
    page, form = page_of(image), PageForm(1728, VR.R8_FINE, DF.MR, max_rows=400)
    header = b"\x55" * 216 * 40
    octets = await code_page(page.mmr, page.width, page.height, page.vr, form, header)
    kept = await received(octets, form)

    shown = Image.frombytes("1", (1728, kept.height), pels(kept), "raw", "1;I")
    assert kept.height == 400
    assert pels(kept).startswith(header)
    assert not shown.getpixel((0, 399))
    assert not shown.getpixel((round(1728 * 0.9) - 1, 399))
