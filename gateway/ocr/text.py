"""What was read on a page: a value that travels with the page, and how it is kept.

Places are in points (1/72 inch) from the top left corner of the paper as a person holds it to read:
a page that came upside down is turned first, and `turned` says by how much.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TURNS = (0, 90, 180, 270)
MOST_WORDS = 20_000  # of one page
LONGEST_WORD = 200  # characters
LARGEST = 4_000_000  # octets of a page's text, unpacked


@dataclass(frozen=True, slots=True)
class Word:
    """A word: where it begins and ends along its line, and the height of its baseline."""

    text: str
    left: float
    right: float
    baseline: float  # from the top


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one line; `size` is from the top of its tallest to the foot of its lowest."""

    size: float
    words: tuple[Word, ...]

    def __str__(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class PageText:
    """The lines of a page in reading order.

    `turned` is by how many degrees, clockwise, the stored page must be turned to be read.
    `problem` is a sentence where it could not be read.
    """

    lines: tuple[Line, ...] = ()
    turned: int = 0
    problem: str = ""

    def __str__(self) -> str:
        return "\n".join(str(line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class FaxText:
    """The texts of a fax, one for each of its pages, or none at all.

    `late` means that they had not all been read yet; `in_mail` that mails show them.
    """

    pages: tuple[PageText, ...] = ()
    late: bool = False
    in_mail: bool = False


def packed(lines: Sequence[Line]) -> bytes:
    """Lines as octets: JSON, compressed."""
    return zlib.compress(json.dumps(list(map(_plain, lines)), ensure_ascii=False).encode())


def unpacked(octets: bytes) -> tuple[Line, ...]:
    """Read what `packed` gave. Raises ValueError for anything else, or for what is too much."""
    try:
        inflater = zlib.decompressobj()
        plain = inflater.decompress(octets, LARGEST)
        if not inflater.eof:
            raise ValueError("too much text for one page")
        return tuple(_line(line) for line in _bounded(json.loads(plain)))
    except (zlib.error, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ValueError("this is no text of a page") from error


def _plain(line: Line) -> list[object]:
    words = [
        [word.text, round(word.left, 1), round(word.right, 1), round(word.baseline, 1)]
        for word in line.words
    ]
    return [round(line.size, 1), words]


def _bounded(lines: list[list[object]]) -> Iterator[list[object]]:
    left = MOST_WORDS
    for line in lines:
        left -= len(line[1])  # type: ignore[arg-type]
        if left < 0:
            raise ValueError("too many words for one page")
        yield line


def _line(plain: list[object]) -> Line:
    size, words = plain
    return Line(float(size), tuple(_word(*word) for word in words))  # type: ignore[arg-type,attr-defined]


def _word(text: object, left: object, right: object, baseline: object) -> Word:
    places = [float(place) for place in (left, right, baseline)]  # type: ignore[arg-type]
    if not all(abs(place) < 1e6 for place in places):
        raise ValueError("a word is off the paper")
    shown = "".join(c for c in str(text)[:LONGEST_WORD] if c.isprintable())
    return Word(shown, *places)
