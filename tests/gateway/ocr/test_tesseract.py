"""Pages through the real tesseract: what is read, where it is, and which way up."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from gateway.ocr.tesseract import Reading, choose, read_page, squared
from gateway.ocr.text import PageText
from gateway.paper import coded
from modems.session import VR
from t4codec import CodedPage, Coding, Compression, Resolution, encode, tiff
from tests.gateway.ocr.sheets import A4, Drawn, letter, need_tesseract

pytestmark = pytest.mark.usefixtures("tesseract")
DATA = Path(__file__).parents[2] / "data" / "charts"
NEAR = 3.0  # points: a millimetre


@pytest.fixture(name="tesseract", scope="module")
def _tesseract() -> None:
    need_tesseract()


def read(drawn: Drawn, *, turn_it: bool = True) -> PageText:
    """The page as it is read."""
    return read_page(coded(drawn.page), ("pol",), turn_it=turn_it)


def places(text: PageText) -> dict[str, tuple[float, float]]:
    """Where each word was found."""
    return {word.text: (word.left, word.baseline) for line in text.lines for word in line.words}


def assert_in_place(text: PageText, drawn: Drawn, missing: int) -> None:
    """All words but so many were read right, and all of these lie where they were drawn."""
    found = places(text)
    right = {word: place for word, place in drawn.words.items() if word in found}

    assert len(right) >= len(drawn.words) - missing, set(drawn.words) - set(found)
    for word, (left, baseline) in right.items():
        assert found[word] == pytest.approx((left, baseline), abs=NEAR), word


@pytest.mark.parametrize("vr", [VR.R8_STANDARD, VR.R8_FINE, VR.R8_SUPERFINE])
def test_polish_words_are_read_where_they_stand(vr: VR) -> None:
    """At each resolution, square pels or not, the words and their places are the paper's."""
    drawn = letter(vr)
    text = read(drawn)

    assert text.turned == 0
    assert_in_place(text, drawn, missing=2)
    assert "zażalenie" in str(text)


@pytest.mark.parametrize("turned", [180, 270])
def test_a_turned_page_is_read_all_the_same(turned: int) -> None:
    """Places are those of the paper held the right way up."""
    drawn = letter(VR.R8_FINE, turned)
    text = read(drawn)
    found = places(text)

    assert text.turned == turned
    assert {"zażalenie", "księgowy", "świadczę"} <= set(found)
    wider = coded(drawn.page).points[0] - A4[0]  # 1728 pels are more than the paper, at its right
    right, down = {180: (wider, 0), 270: (0, wider)}[turned]
    there = {word: (x + right, y + down) for word, (x, y) in drawn.words.items()}
    assert_in_place(text, Drawn(drawn.page, there), missing=2)


def test_the_machines_header_line_does_not_hide_that_a_page_is_upside_down() -> None:
    """It is upright whichever way the sheet was fed."""
    drawn = letter(VR.R8_FINE, 180, "2026-11-24 18:46 Company Name Limited from 221000001 page 1")

    assert read(drawn).turned == 180
    assert read(drawn, turn_it=False).turned == 0


def test_a_page_counts_as_turned_only_where_that_reads_much_better() -> None:
    """A page that reads badly either way stays as it came."""
    as_it_came = Reading((), 0, 15, sure=False, aside=0)

    assert choose([as_it_came, Reading((), 180, 29, sure=True, aside=0)]).turned == 0
    assert choose([as_it_came, Reading((), 180, 31, sure=True, aside=0)]).turned == 180


def test_a_full_page_on_its_side_is_not_taken_for_a_level_one() -> None:
    """Tesseract also reads lines that run up a page; their words would lie in wrong places."""
    chart = tiff.read((DATA / "itu1.tif").read_bytes()).pages[0].page
    aside = (
        squared(chart).rotate(90, expand=True, fillcolor=255).convert("1", dither=Image.Dither.NONE)
    )
    coding = Coding(Compression.MMR, width=aside.width)
    page = CodedPage(
        encode(aside.tobytes("raw", "1;I"), coding), coding, aside.height, Resolution(204, 204)
    )
    text = read_page(page, ("eng",))

    assert text.turned == 90
    assert "facsimile" in str(text)
    assert all(line.words[0].right < page.points[1] for line in text.lines)


def test_turning_ends_with_the_time() -> None:
    """What was read until then is the text."""
    drawn = letter(VR.R8_FINE, 180)

    assert read_page(coded(drawn.page), ("pol",), seconds=0.001).turned == 0
