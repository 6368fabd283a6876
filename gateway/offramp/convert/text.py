"""Plain text to pages: typeset, with every script that the fonts of this machine have.

The text keeps its lines and spaces; long lines are wrapped. Tables drawn with spaces stay tables,
since such text is set in a font whose letters are equally wide. Each line runs in the
direction of its first strong letter (Unicode UAX #9, P2 and P3).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

from gateway.message import decode_text
from gateway.offramp.convert.base import PageSink, Source, Unfaxable
from gateway.offramp.convert.fonts import FAMILIES, with_known_letters
from gateway.offramp.convert.onefont import one_font
from gateway.offramp.convert.pango import available
from gateway.offramp.convert.plain import SIDE, TOP, Look, Paragraph, PlainPage, made_up
from gateway.offramp.convert.typeset import typeset
from gateway.said import said

LONGEST = 3_000_000  # characters; some 1000 pages
LONGEST_LINE = 4000  # characters, a page or so
TAB = 8
_COLUMNS = re.compile(r"\S {3,}\S|\t|[\u2500-\u257f]|\|.*\|")
_BREAKS = re.compile(r"\r\n?|\x85|\u2028|\u2029|\x0b")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")

PROSE = Look(FAMILIES, 11, 1.3, 1.3)
COLUMNS = Look('"DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace', 9.5, 1.25, 1.3)
STYLE = f"""
@page {{ margin: {TOP:g}mm {SIDE:g}mm }}
body {{ font: {PROSE.points:g}pt/{PROSE.line} {PROSE.families}; margin: 0 }}
body.columns {{ font: {COLUMNS.points:g}pt/{COLUMNS.line} {COLUMNS.families} }}
p {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; min-height: {PROSE.least}em }}
p[dir=rtl] {{ text-align: right; direction: rtl }}
.page {{ break-before: page }}
"""


def convert(source: Source, sink: PageSink) -> None:
    """Typeset and draw."""
    text = decode_text(source.content, source.charset).text
    if text is None:
        raise Unfaxable(said("is written in a character set that could not be recognised"))
    if not text.strip():
        raise Unfaxable(said("is empty"))
    if len(text) > LONGEST:
        raise Unfaxable(said("is too long a text: more than 3 million characters"))
    text = _BREAKS.sub("\n", with_known_letters(text)).rstrip()
    pages = plain_pages(text, sink.sheet.paper)
    if pages is None:
        typeset(markup(text), sink)
        return
    sink.expect(len(pages))
    for page in pages:
        sink.add(page)


def plain_pages(text: str, paper: tuple[float, float]) -> list[PlainPage] | None:
    """The pages of a text that needs one font only; None where it needs more."""
    look = _look(text)
    font = one_font(look.families) if available() else None
    if font is None or not font.covers(set(text)):
        return None
    return made_up([list(section) for section in _sections(text)], look, font, paper)


def markup(text: str) -> str:
    """Give text as HTML that shows it as it stands."""
    sections = ["".join(map(_as_html, section)) for section in _sections(text)]
    layout = "columns" if _look(text) is COLUMNS else "prose"
    return (
        f"<!DOCTYPE html><meta charset=utf-8><style>{STYLE}</style>"
        f'<body class="{layout}">' + '<div class="page"></div>'.join(sections)
    )


def _sections(text: str) -> Iterator[Iterator[Paragraph]]:
    """What stands between form feeds, line by line."""
    for section in text.split("\f"):
        yield map(_paragraph, _lines(section))


def _lines(section: str) -> Iterator[str]:
    """The lines; one longer than anybody writes goes on in the next, or it takes minutes."""
    for line in section.split("\n"):
        start = 0
        while len(line) - start > LONGEST_LINE:
            end = line.rfind(" ", start, start + LONGEST_LINE) + 1 or start + LONGEST_LINE
            yield line[start:end]
            start = end
        yield line[start:]


def _paragraph(line: str) -> Paragraph:
    line = _CONTROLS.sub("", line.expandtabs(TAB)).rstrip(" ")
    return Paragraph(line, _runs_right_to_left(line))


def _as_html(paragraph: Paragraph) -> str:
    direction = ' dir="rtl"' if paragraph.on_the_right else ""
    return f"<p{direction}>{html.escape(paragraph.text)}</p>"


def _runs_right_to_left(line: str) -> bool:
    if line.isascii():
        return False
    strong = (unicodedata.bidirectional(character) for character in line)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def _look(text: str) -> Look:
    return COLUMNS if _has_columns(text) else PROSE


def _has_columns(text: str) -> bool:
    """Whether two lines or more are laid out by spaces."""
    lines = text.split("\n")
    return sum(bool(_COLUMNS.search(line)) for line in lines[:2000]) >= 2
