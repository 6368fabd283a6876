"""Drawn sheets whose words and places are known, as stored pages of any resolution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from gateway.store.records import StoredPage
from modems.session import VR
from t4codec import Coding, Compression, Resolution, encode
from tests.peer import need_program

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"  # fonts-dejavu-core, which we need anyway
DPI = 408  # of the drawing: twice the pels of a fax
POINT = DPI / 72
SIZE = 12  # points
A4 = (595, 842)  # points
LETTER = (
    "Szanowni Państwo",
    "informuję że zażalenie zostało",
    "rozpatrzone pozytywnie w październiku",
    "Proszę o wpłatę na rachunek łódzkiej",
    "spółki Ćwikła i świadczę usługi",
    "Z poważaniem główny księgowy",
)


@dataclass(frozen=True)
class Drawn:
    """A page, and where the words are that were drawn on it: points from the top left corner."""

    page: StoredPage
    words: dict[str, tuple[float, float]]  # left edge and baseline


@cache
def letter(vr: VR = VR.R8_FINE, turned: int = 0, header: str = "") -> Drawn:
    """A letter on A4; `turned` is by how much it must be turned clockwise to be read."""
    wide, high = A4 if turned in {0, 180} else A4[::-1]
    sheet = Image.new("L", (round(wide * POINT), round(high * POINT)), 255)
    words = dict(_drawn(sheet))
    sheet = sheet.rotate(turned, expand=True)
    if header:
        _write(sheet, header, 40, 24)
    return Drawn(stored(sheet, vr), words)


def _drawn(sheet: Image.Image) -> list[tuple[str, tuple[float, float]]]:
    found: list[tuple[str, tuple[float, float]]] = []
    for n, line in enumerate(LETTER):
        left = 70.0
        for word in line.split():
            baseline = 140 + n * 26
            length = _write(sheet, word, left, baseline)
            found.append((word, (left, baseline)))
            left += length + SIZE * 0.35
    return found


def _write(sheet: Image.Image, text: str, left: float, baseline: float) -> float:
    font = ImageFont.truetype(FONT, round(SIZE * POINT))
    at = (left * POINT, baseline * POINT)
    ImageDraw.Draw(sheet).text(at, text, font=font, fill=0, anchor="ls")
    return font.getlength(text) / POINT


def stored(sheet: Image.Image, vr: VR, number: int = 1) -> StoredPage:
    """A grey drawing of A4 as a page of 1728 pels; its left edge is the paper's."""
    exact = Resolution(*vr.dpi).points(100_000, 100_000)
    size = (round(A4[0] / exact[0] * 100_000), round(A4[1] / exact[1] * 100_000))
    small = sheet.resize(size, Image.Resampling.BOX).point(lambda v: 255 * (v > 150))
    paper = Image.new("L", (1728, size[1]), 255)
    paper.paste(small, (0, 0))
    mmr = encode(paper.convert("1").tobytes("raw", "1;I"), Coding(Compression.MMR, 1728))
    return StoredPage(number, 1728, size[1], vr, mmr)


def need_tesseract() -> None:
    """Tesseract and its Polish and English."""
    need_program("tesseract", "tesseract-ocr-pol")
