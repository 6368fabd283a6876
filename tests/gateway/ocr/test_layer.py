"""The invisible text of a PDF, judged by poppler."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from gateway.ocr.layer import with_text
from gateway.ocr.text import Line, PageText, Word
from gateway.paper import as_pdf, coded
from modems.session import VR
from tests.gateway.ocr.sheets import letter
from tests.peer import need_program

WHEN = datetime(2026, 11, 24, tzinfo=UTC)
WORDS = ("Zażółć", "gęślą", "jaźń", "ß€", "語", "𝛼")
TEXT = PageText(
    (Line(12, tuple(Word(w, 80 + 60 * n, 130 + 60 * n, 200) for n, w in enumerate(WORDS))),)
)
BOX = re.compile(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


def pdf_with(text: PageText, vr: VR = VR.R8_FINE) -> bytes:
    """A letter with a text that has nothing to do with it."""
    return with_text(as_pdf([letter(vr).page], "x", WHEN), [text])


def poppler(program: str, pdf: bytes, at: Path, *options: str) -> str:
    """What a program of poppler's says of a PDF."""
    path = at / "x.pdf"
    path.write_bytes(pdf)
    command = [need_program(program, "poppler-utils"), *options, str(path)]
    if program == "pdftotext":
        command.append("-")
    return subprocess.run(command, capture_output=True, check=True, text=True, cwd=at).stdout


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_words_lie_where_they_were_read(tmp_path: Path, turned: int) -> None:
    """On the page as it is shown, whichever way it came."""
    pdf = pdf_with(PageText(TEXT.lines, turned))
    found = BOX.findall(poppler("pdftotext", pdf, tmp_path, "-bbox"))

    assert [text for *_, text in found] == list(WORDS)
    for n, (left, top, right, bottom, _) in enumerate(found):
        assert (float(left), float(right)) == pytest.approx((80 + 60 * n, 130 + 60 * n), abs=0.3)
        assert float(top) < 200 - 6
        assert 200 < float(bottom) < 200 + 4
    assert poppler("pdftotext", pdf, tmp_path, "-layout").split() == list(WORDS)


@pytest.mark.parametrize("vr", [VR.R8_STANDARD, VR.R8_FINE, VR.R8_SUPERFINE])
def test_the_picture_stays_bit_for_bit(tmp_path: Path, vr: VR) -> None:
    """What `pdfimages` takes out is the MMR of the stored page."""
    (tmp_path / "x.pdf").write_bytes(pdf_with(TEXT, vr))
    program = need_program("pdfimages", "poppler-utils")
    subprocess.run([program, "-ccitt", "x.pdf", "i"], check=True, cwd=tmp_path)

    assert (tmp_path / "i-000.ccitt").read_bytes() == letter(vr).page.mmr


def test_nothing_of_the_text_is_seen(tmp_path: Path) -> None:
    """The page is drawn as it is without."""
    for name, pdf in (("a", as_pdf([letter().page], "x", WHEN)), ("b", pdf_with(TEXT))):
        (tmp_path / f"{name}.pdf").write_bytes(pdf)
        program = need_program("pdftoppm", "poppler-utils")
        subprocess.run(
            [program, "-r", "50", "-singlefile", f"{name}.pdf", name], check=True, cwd=tmp_path
        )

    assert (tmp_path / "a.ppm").read_bytes() == (tmp_path / "b.ppm").read_bytes()


def test_the_font_is_embedded_and_maps_to_unicode(tmp_path: Path) -> None:
    """One font of our own, with a ToUnicode map, and the file is sound."""
    font = poppler("pdffonts", pdf_with(TEXT), tmp_path).splitlines()[2]

    assert font.split()[:6] == ["Glyphless", "CID", "TrueType", "Identity-H", "yes", "no"]
    assert font.split()[6] == "yes"
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        assert pdf.check_pdf_syntax() == []


def test_a_turned_page_is_shown_upright_and_stored_as_it_came(tmp_path: Path) -> None:
    """The page gets /Rotate, its octets none."""
    pdf = pdf_with(PageText((), 180))
    (tmp_path / "x.pdf").write_bytes(pdf)

    with pikepdf.open(tmp_path / "x.pdf") as document:
        (page,) = document.pages
        assert page.obj["/Rotate"] == 180
        (image,) = page.get_images().values()
        assert image.read_raw_bytes() == coded(letter().page).data


def test_same_text_same_octets_and_none_leaves_the_pdf_alone() -> None:
    """A repeat after a crash is the same mail."""
    plain = as_pdf([letter().page], "x", WHEN)

    assert pdf_with(TEXT) == pdf_with(TEXT)
    assert with_text(plain, [PageText(problem="no")]) == plain
    assert with_text(plain, []) == plain
