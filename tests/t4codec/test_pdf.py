"""Fax pages in a PDF, judged by pypdf and pdfium."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone

import pypdf
import pypdfium2
import pytest

from t4codec import CodedPage, Coding, Compression, Resolution, encode, page, pdf
from tests.bench.pages import charts

CREATED = datetime(2026, 11, 23, 6, 7, 54, tzinfo=timezone(timedelta(hours=1)))
CHART = charts()[0]
MMR = Coding(Compression.MMR, width=CHART.width)


def chart(resolution: Resolution = page.R8_FINE, coding: Coding = MMR) -> CodedPage:
    """A chart as a fax page."""
    return CodedPage(encode(CHART.rows, coding), coding, CHART.height, resolution)


def pels(document: bytes, number: int) -> bytes:
    """The rows that pdfium sees on a page."""
    with pypdfium2.PdfDocument(document) as opened:
        (image,) = opened[number].get_objects()
        seen = image.get_bitmap().to_pil().convert("1")
        return bytes(seen.tobytes("raw", "1;I"))


def test_mmr_goes_in_as_it_is() -> None:
    """The octets of an MMR page stand in the file unchanged, and show the same pels."""
    document = pdf.wrap([chart()], title="Fax", created=CREATED)

    assert chart().data in document
    assert len(document) < len(chart().data) + 1500
    assert pels(document, 0) == CHART.rows


@pytest.mark.parametrize(
    "coding",
    [
        Coding(Compression.MH, width=CHART.width),
        Coding(Compression.MR, width=CHART.width, lsb_first=True),
        Coding(Compression.MMR, width=CHART.width, lsb_first=True),
        Coding(Compression.MMR, width=CHART.width, row_aligned=True),
    ],
    ids=["MH", "MR", "MMR LSB first", "MMR aligned"],
)
def test_other_codings_are_transcoded(coding: Coding) -> None:
    """A page in any other form shows the same pels."""
    document = pdf.wrap([chart(), chart(coding=coding)], title="Fax", created=CREATED)

    assert pels(document, 1) == CHART.rows


@pytest.mark.parametrize(
    ("resolution", "millimetres"),
    [
        (page.R8_STANDARD, (215.0, 2376 / 3.85)),
        (page.R8_FINE, (215.0, 2376 / 7.7)),
        (page.R8_SUPERFINE, (215.0, 2376 / 15.4)),
        (page.R16_SUPERFINE, (107.5, 2376 / 15.4)),
        (page.INCH_300X300, (1728 / 300 * 25.4, 2376 / 300 * 25.4)),
        (page.INCH_400X400, (1728 / 400 * 25.4, 2376 / 400 * 25.4)),
    ],
)
def test_a_page_has_its_true_size(resolution: Resolution, millimetres: tuple[float, float]) -> None:
    """The page is as large as the paper was: 1728 pels of R8 are 215 mm."""
    document = pdf.wrap([chart(resolution)], title="Fax", created=CREATED)
    box = pypdf.PdfReader(io.BytesIO(document)).pages[0].mediabox

    assert [float(side) / 72 * 25.4 for side in (box.width, box.height)] == pytest.approx(
        millimetres, abs=0.01
    )


def test_the_document_says_what_it_is() -> None:
    """Title, author and creation date are there in any script; nothing in them can break out."""
    title = "Fax von (Müller) <Łódź> \\ Αθήνα"
    document = pdf.wrap([chart()], title=title, created=CREATED, author="+48 22 100 00 01")
    information = pypdf.PdfReader(io.BytesIO(document), strict=True).metadata

    assert information is not None
    assert (information.title, information.author) == (title, "+48 22 100 00 01")
    assert information.creation_date == CREATED


@pytest.mark.parametrize("pages", [1, 7])
def test_pages_are_in_order(pages: int) -> None:
    """Every page is there, each with its own size."""
    document = pdf.wrap(
        [chart(Resolution(204, 100 * (i + 1))) for i in range(pages)],
        title="Fax",
        created=CREATED.astimezone(UTC),
    )
    reader = pypdf.PdfReader(io.BytesIO(document), strict=True)

    heights = [float(p.mediabox.height) for p in reader.pages]
    assert len(heights) == pages
    assert heights == sorted(heights, reverse=True)
