from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pydantic import ValidationError

from gateway.config.pages import Header
from gateway.events import Events
from gateway.offramp.header import MARGIN, STRIP, Sending, draw, typical_bits
from gateway.offramp.rendering import predicted_seconds
from gateway.offramp.source import StorePages
from gateway.store import Store
from gateway.store.records import Claim, PageInfo, StoredPage
from modems.pages import PageDecoder
from modems.session import DF, VR
from modems.terminal import PageForm
from t4codec import Coding, Compression, decode
from tests.modems.documents import chart

AT = datetime(2026, 12, 24, 20, 26, tzinfo=UTC)
SENDING = Sending(Header(), "Zażółć", "+48221234567", "+48222000002", ZoneInfo("Europe/Warsaw"))
WIDTHS = [
    (VR.R8_STANDARD, 1728),
    (VR.R8_FINE, 2048),
    (VR.R8_SUPERFINE, 2432),
    (VR.INCH_300X300, 2592),
    (VR.INCH_400X400, 3456),
]


def picture(rows: bytes, width: int) -> Image.Image:
    """Packed rows as a picture, ink white."""
    return Image.frombytes("1", (width, len(rows) // ((width + 7) // 8)), rows)


def test_what_the_law_asks_for_is_said() -> None:
    """Date and time of the place, who sends, from which number, where to, and which page."""
    said = SENDING.parts(AT, 2, 14)

    assert said == ["2026-12-24 21:26", "Zażółć +48 22 123 45 67", "> +48 22 200 00 02", "2/14"]


def test_what_is_not_known_leaves_no_hole() -> None:
    """A line without a sender's name says its number; a part of nothing is no part."""
    settings = Header(text="{name}|{name} {number}")

    assert Sending(settings, "", "+48221234567", "").parts(AT, 1, 1) == ["+48 22 123 45 67"]


@pytest.mark.parametrize(
    ("settings", "pages"),
    [
        (Header(), [3, 4, 5]),
        (Header(pages="first"), [3]),
        (Header(on=False), []),
    ],
)
def test_which_pages_have_it(settings: Header, pages: list[int]) -> None:
    """Every page, the first of each call, or none."""
    sending = Sending(settings, "", "", "")

    assert [page for page in (3, 4, 5) if sending.wanted(page, first=3)] == pages


@pytest.mark.parametrize("text", ["{sender}", "{date", "{date!r}", "{page:03}", "{0}", "{}"])
def test_a_field_that_is_none_is_an_error_of_the_configuration(text: str) -> None:
    """What could not be filled in at call time is refused when the file is read."""
    with pytest.raises(ValidationError):
        Header(text=text)


@pytest.mark.parametrize(("vr", "width"), WIDTHS)
def test_it_has_the_same_size_on_paper_in_every_form(vr: VR, width: int) -> None:
    """Five millimetres high, with letters of about two, and white at both edges."""
    shown = picture(draw(SENDING.parts(AT, 1, 1), width, vr), width)
    box = shown.getbbox()

    assert shown.height == round(STRIP / 25.4 * vr.dpi[1])
    assert box is not None
    left, top, right, bottom = box
    margin = MARGIN / 25.4 * vr.dpi[0]
    assert left == pytest.approx(margin, abs=margin / 10)
    assert width - right == pytest.approx(margin, abs=margin / 10)
    assert 2.5 < (bottom - top) / vr.dpi[1] * 25.4 < 4.2


@pytest.mark.parametrize("letters", ["ąćęłńóśźż", "ĄĆĘŁŃÓŚŹŻ", "äöüß", "αβγδ", "бгдж"])
@pytest.mark.parametrize("vr", [VR.R8_STANDARD, VR.R8_FINE])
def test_letters_can_be_told_apart(letters: str, vr: VR) -> None:
    """Every letter looks different from the others and from the box of one that is missing."""
    shapes = {draw([letter], 1728, vr) for letter in letters + "\U0010fffd"}

    assert len(shapes) == len(letters) + 1


@pytest.mark.parametrize("name", ["Przedsiębiorstwo Wielobranżowe i Wspólnicy Sp. k.", "W" * 60])
def test_what_is_too_long_stays_between_the_margins(name: str) -> None:
    """A long name is set smaller, and then cut; the number and the page are still there."""
    width = 1728
    sending = Sending(
        Header(text="{date}|{name}|{number}|{page}/{pages}"), name, "+48221234567", ""
    )
    shown = picture(draw(sending.parts(AT, 112, 114), width, VR.R8_FINE), width)
    box = shown.getbbox()

    assert box is not None
    assert box[0] > MARGIN / 25.4 * 204 * 0.9
    assert box[2] < width - MARGIN / 25.4 * 204 * 0.9
    assert shown.crop((box[2] - 60, 0, box[2], shown.height)).getbbox() is not None


async def test_a_page_goes_out_under_its_header() -> None:
    """The line tells the minute of the call and the page's number in the document; then the page.

    A call that begins with the second page, since the first was confirmed, says 2/2.
    """
    page = chart(1, 400)
    stored = StoredPage(2, page.width, page.height, page.vr, page.mmr)
    info = PageInfo(2, page.width, page.height, page.vr, {"MMR": 8 * len(page.mmr)}, 0)
    source = StorePages(
        cast(Store, SimpleNamespace(page=_giving(stored))),
        cast(Claim, SimpleNamespace(job=1, pages_confirmed=1)),
        [info, info],
        Events(),
        lambda: AT,
        SENDING,
    )
    form = PageForm(page.width, page.vr, DF.MMR)
    decoder = PageDecoder(form)
    decoder.feed(await source.coded(0, form))
    received = await decoder.finished()
    rows = decode(received.mmr, Coding(Compression.MMR, width=page.width)).rows
    header = draw(SENDING.parts(AT, 2, 2), page.width, page.vr)

    assert rows.startswith(header)
    assert rows.endswith(page.rows[len(header) :])
    assert source.shapes[0].bits[DF.MMR] > 8 * len(page.mmr)


def _giving(page: StoredPage) -> object:
    async def page_of(job: int, number: int) -> StoredPage:
        assert (job, number) == (1, page.number)
        return page

    return page_of


def test_its_time_on_the_line_is_counted() -> None:
    """What is predicted for a call grows by the line's bits, on every page or on the first."""
    bits = {"MH": 90_000, "MR": 80_000, "MMR": 70_000}
    pages = [PageInfo(n, 1728, 2287, VR.R8_FINE, bits, 0) for n in (1, 2, 3)]
    plain, first, every = (
        predicted_seconds(pages, header)
        for header in (Header(on=False), Header(pages="first"), Header())
    )

    added = typical_bits(Header(), VR.R8_FINE, 1728)[DF.MMR] * 1.05 / 14_400
    assert first - plain == pytest.approx(added, rel=0.1)
    assert every - plain == pytest.approx(3 * added, rel=0.1)
