"""The text of pages laid under their pictures in a PDF, invisible and in its true place.

Every word is drawn in render mode 3 (neither filled nor stroked) from where it begins to where it
ends on the paper, so that a reader's program finds, marks and copies it. The pictures stay bit for
bit what they are. A page that came turned is shown upright by its /Rotate.

ISO 32000-1 9.4 (text), 7.7.3.3 (/Rotate). Same PDF, same text: same octets.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

import pikepdf
from pikepdf import Name, ObjectStreamMode, Page, StreamDecodeLevel

from gateway.ocr.glyphless import EM, WIDTH, font
from gateway.ocr.text import Line, PageText, Word

FONT = "/Text"
MOST_CHARACTERS = 0xFFFE  # different ones in a document: two octets each, none is number 0
# By turn: the direction of a line, and the direction up from it, in the space of the stored page.
DIRECTIONS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def with_text(pdf: bytes, texts: Sequence[PageText]) -> bytes:
    """`pdf` with `texts` under its pages, one each in order; the same octets where there is none.

    A page without a text keeps its place by an empty one.
    """
    if not any(text.lines or text.turned for text in texts):
        return pdf
    numbers = numbered(texts)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        glyphless = font(document, numbers)
        for page, text in zip(document.pages, texts, strict=False):
            _lay(page, text, glyphless, numbers)
        out = io.BytesIO()
        document.save(
            out,
            deterministic_id=True,
            object_stream_mode=ObjectStreamMode.disable,
            stream_decode_level=StreamDecodeLevel.none,
        )
    return out.getvalue()


def numbered(texts: Sequence[PageText]) -> dict[str, int]:
    """Each character that is used, numbered from 1 in the order of its first use."""
    used = dict.fromkeys(
        character
        for text in texts
        for line in text.lines
        for word in line.words
        for character in f"{word.text} "
    )
    return {character: n for n, character in enumerate(list(used)[:MOST_CHARACTERS], 1)}


def _lay(page: Page, text: PageText, glyphless: pikepdf.Object, numbers: Mapping[str, int]) -> None:
    if text.turned:
        page.rotate(text.turned, relative=False)
    if not text.lines:
        return
    page.add_resource(glyphless, Name.Font, Name(FONT), replace_existing=True)
    width, height = (float(edge) for edge in page.mediabox.as_list()[2:])
    drawn = "\n".join(_drawn(text, width, height, numbers))
    page.contents_add(drawn.encode("ascii"), prepend=True)


def _drawn(
    text: PageText, width: float, height: float, numbers: Mapping[str, int]
) -> Iterator[str]:
    """The operators that draw a text on a stored page of so many points."""
    yield "q BT 3 Tr"
    for line in text.lines:
        if line.size > 0:
            yield f"{FONT} {line.size:.2f} Tf"
            yield from _words(line, text.turned, (width, height), numbers)
    yield "ET Q"


def _words(
    line: Line, turned: int, size: tuple[float, float], numbers: Mapping[str, int]
) -> Iterator[str]:
    """Each word stretched over its place; a space behind it that marking runs on over."""
    for word in line.words:
        shown = [c for c in word.text if c in numbers]
        if not shown or word.right <= word.left:
            continue
        stretch = (word.right - word.left) / (len(shown) * line.size * WIDTH / EM) * 100
        x, y = placed(word, turned, *size)
        direction = " ".join(map(str, DIRECTIONS[turned]))
        space = "" if word is line.words[-1] or " " not in numbers else f"{numbers[' ']:04X}"
        coded = "".join(f"{numbers[c]:04X}" for c in shown) + space
        yield f"{stretch:.2f} Tz {direction} {x:.2f} {y:.2f} Tm <{coded}> Tj"


def placed(word: Word, turned: int, width: float, height: float) -> tuple[float, float]:
    """Where a word begins on a stored page of this size, from its lower left corner."""
    u, v = word.left, word.baseline
    return {0: (u, height - v), 90: (v, u), 180: (width - u, v), 270: (width - v, height - u)}[
        turned
    ]
