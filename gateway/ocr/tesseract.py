"""One page through tesseract: squared, turned until it can be read, its words put into places.

The pels of a fax are not square (204 x 98, 204 x 196, 204 x 391 to the inch), so the picture that
tesseract gets is stretched to as many rows as columns to the inch; what it finds is put back onto
the paper by the true size of the page. A page on which too little can be read as it came is tried
upside down, then on its sides; it counts as turned only where that reads much better. The line that
a sending machine prints at the top is upright whichever way the sheet was fed, and says nothing.

Runs in a process that is kept in (see `worker`): tesseract and what it says are not trusted.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from PIL import Image

from gateway.ocr.program import PROGRAM
from gateway.ocr.text import LONGEST_WORD, MOST_WORDS, Line, PageText, Word
from gateway.ocr.turn import turned
from gateway.offramp.limits import die_with_parent
from t4codec import CodedPage, decode

FINEST = 300  # dots per inch; more costs time and reads no better
UPSIDE_DOWN_FIRST, SIDEWAYS_FIRST = (180, 90, 270), (90, 270, 180)
LINES = ("ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat")  # classes of hOCR
SURE = 70  # of 100: a word of which tesseract says so much is most likely right
KEPT = 30  # below it a word is most likely none
ENOUGH = 20  # letters and digits in sure words: what a page must have to be read as it lies
HEADER_ENDS = 45.0  # points from the top
TELLING = 3  # characters of a line whose box tells which way it runs
ROOM = 2  # times what a turn takes on the average must be left for another
BETTER = 2.0  # so many times as much must be read on a page that is turned
_NUMBERS = r"(-?[0-9.]+)"
_BOX = re.compile(r"\bbbox (-?\d+) (-?\d+) (-?\d+) (-?\d+)")
_SURENESS = re.compile(rf"\bx_wconf {_NUMBERS}")
_BASELINE = re.compile(rf"\bbaseline {_NUMBERS} {_NUMBERS}")
_ANGLE = re.compile(rf"\btextangle {_NUMBERS}")
_SIZE = re.compile(rf"\bx_size {_NUMBERS}")


class NotRead(Exception):  # noqa: N818 - a state of affairs
    """Tesseract made nothing of the picture; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read at one turn. `score` counts letters and digits in sure words."""

    lines: tuple[Line, ...]
    turned: int
    score: int
    sure: bool  # most of what was found is sure
    aside: int  # letters and digits in lines that run up or down the page

    @property
    def settled(self) -> bool:
        """Whether this is how the page lies."""
        return self.score >= ENOUGH and self.sure and self.aside <= self.score


def read_page(
    page: CodedPage, languages: Sequence[str], *, turn_it: bool = True, seconds: float = math.inf
) -> PageText:
    """The text of a page, as it came or also turned. Raises `NotRead`.

    Where `seconds` of wall clock leave no room for another turn, what was read so far is the text.
    """
    began = time.monotonic()
    picture = squared(page)
    readings = [_read(picture, page, 0, languages)]
    for turn in SIDEWAYS_FIRST if readings[0].aside >= ENOUGH else UPSIDE_DOWN_FIRST:
        each = (time.monotonic() - began) / len(readings)
        if readings[-1].settled or not turn_it or each * (len(readings) + ROOM) > seconds:
            break
        readings.append(_read(picture, page, turn, languages))
    chosen = choose(readings)
    return PageText(chosen.lines, chosen.turned)


def choose(readings: Sequence[Reading]) -> Reading:
    """The first, which is the page as it came, unless another is much better."""
    best = max(readings, key=lambda reading: reading.score)
    enough = max(ENOUGH, BETTER * readings[0].score)
    return best if best.score >= enough else readings[0]


def squared(page: CodedPage) -> Image.Image:
    """The page in grey, with as many rows to the inch as columns."""
    height = page.height
    rows = decode(page.data, page.coding, height).rows
    image = Image.frombytes("1", (page.coding.width, height), _whole(rows, page), "raw", "1;I")
    wide, high = (edge / 72 for edge in page.points)  # inches
    dpi = min(page.coding.width / wide, FINEST)
    size = (max(1, round(wide * dpi)), max(1, round(high * dpi)))
    return image.convert("L").resize(size, Image.Resampling.BICUBIC)


def _whole(rows: bytes, page: CodedPage) -> bytes:
    size = page.coding.stride * page.height
    return rows[:size].ljust(size, b"\0")


def _read(picture: Image.Image, page: CodedPage, turn: int, languages: Sequence[str]) -> Reading:
    upright = turned(picture, turn)
    wide, high = page.points if turn in {0, 180} else page.points[::-1]
    scale = (wide / upright.width, high / upright.height)
    found = _found(_hocr(upright, languages), scale)
    lines = [line for line, level, _ in found if level]
    telling = [(line, sure) for line, level, sure in found if level and _tells(line, turn)]
    score = sum(sure for _, sure in telling)
    every = sum(_letters(str(line)) for line, _ in telling)
    aside = sum(_letters(str(line)) for line, level, _ in found if not level)
    return Reading(tuple(lines), turn, score, 2 * score >= every, aside)


def _tells(line: Line, turn: int) -> bool:
    """Whether a line may tell how the page lies."""
    return turn != 0 or line.words[0].baseline > HEADER_ENDS


def _hocr(picture: Image.Image, languages: Sequence[str]) -> Element:
    """What tesseract says, as hOCR."""
    with tempfile.TemporaryDirectory(prefix="ocr-") as directory:
        before = Path(directory) / "page.pgm"
        picture.save(before)
        command = [PROGRAM, str(before), "page", "-l", "+".join(languages), "--psm", "3", "hocr"]
        process = subprocess.run(
            command,
            cwd=directory,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},  # a second thread costs more than it brings
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=die_with_parent,  # there is one thread here
            check=False,
        )
        made = before.with_suffix(".hocr")
        if process.returncode or not made.exists():
            raise NotRead(process.stderr[-300:].decode("utf-8", "replace").strip())
        return _parsed(made.read_bytes())


def _parsed(hocr: bytes) -> Element:
    try:
        return fromstring(hocr)
    except ParseError as error:
        raise NotRead(f"tesseract's answer is damaged: {error}") from error


def _found(hocr: Element, scale: tuple[float, float]) -> list[tuple[Line, bool, int]]:
    """Each line, whether it is level, and how many letters and digits of it are in sure words."""
    lines = []
    left = MOST_WORDS
    for element in hocr.iter():
        if element.get("class") not in LINES:
            continue
        line, sure = _line(element, scale)
        left -= len(line.words)
        if line.words and left >= 0:
            lines.append((line, _is_level(element.get("title", ""), str(line)), sure))
    return lines


def _is_level(title: str, text: str) -> bool:
    """Whether a line runs along the page: one that runs up or down has no baseline, or is tall."""
    left, top, right, bottom = _box(title)
    tall = len(text) >= TELLING and bottom - top > right - left
    return bool(_BASELINE.search(title)) and not _number(_ANGLE.search(title)) and not tall


def _line(element: Element, scale: tuple[float, float]) -> tuple[Line, int]:
    title = element.get("title", "")
    box = _box(title)
    slope, offset = _pair(_BASELINE.search(title))
    size = _number(_SIZE.search(title)) or (box[3] - box[1])
    words, count = [], 0
    for each in element.iter():
        text = "".join(each.itertext()).strip()[:LONGEST_WORD]
        sureness = _number(_SURENESS.search(each.get("title", "")))
        if each.get("class") != "ocrx_word" or not text or sureness < KEPT:
            continue
        left, _, right, _ = _box(each.get("title", ""))
        baseline = box[3] + offset + slope * ((left + right) / 2 - box[0])
        words.append(Word(text, left * scale[0], right * scale[0], baseline * scale[1]))
        count += _letters(text) if sureness >= SURE else 0
    return Line(size * scale[1], tuple(words)), count


def _letters(text: str) -> int:
    return sum(c.isalnum() for c in text)


def _box(title: str) -> tuple[int, int, int, int]:
    found = _BOX.search(title)
    if found is None:
        return (0, 0, 0, 0)
    left, top, right, bottom = map(int, found.groups())
    return left, top, right, bottom


def _pair(found: re.Match[str] | None) -> tuple[float, float]:
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def _number(found: re.Match[str] | None) -> float:
    return float(found[1]) if found else 0.0
