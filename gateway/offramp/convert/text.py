"""Plain text to pages: typeset, with every script that the fonts of this machine have.

The text keeps its lines and spaces; long lines are wrapped. Tables drawn with spaces stay tables,
since such text is set in a font whose letters are equally wide. Each line runs in the
direction of its first strong letter (Unicode UAX #9, P2 and P3).
"""

from __future__ import annotations

import html
import re
import unicodedata

from gateway.message import decode_text
from gateway.offramp.convert.base import PageSink, Source, Unfaxable
from gateway.offramp.convert.fonts import FAMILIES, with_known_letters
from gateway.offramp.convert.typeset import typeset
from gateway.said import said

LONGEST = 3_000_000  # characters; some 1000 pages
TAB = 8
_COLUMNS = re.compile(r"\S {3,}\S|\t|[\u2500-\u257f]|\|.*\|")
_BREAKS = re.compile(r"\r\n?|\x85|\u2028|\u2029|\x0b")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")

STYLE = (
    f"""
@page {{ margin: 15mm 16mm }}
body {{ font: 11pt/1.3 {FAMILIES}; margin: 0 }}
"""
    + """
body.columns { font: 9.5pt/1.25 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.3em }
p[dir=rtl] { text-align: right; direction: rtl }
.page { break-before: page }
"""
)


def convert(source: Source, sink: PageSink) -> None:
    """Typeset and draw."""
    text = decode_text(source.content, source.charset).text
    if text is None:
        raise Unfaxable(said("is written in a character set that could not be recognised"))
    if not text.strip():
        raise Unfaxable(said("is empty"))
    if len(text) > LONGEST:
        raise Unfaxable(said("is too long a text: more than 3 million characters"))
    typeset(markup(with_known_letters(text)), sink)


def markup(text: str) -> str:
    """Give text as HTML that shows it as it stands."""
    text = _BREAKS.sub("\n", text)
    sections = [_section(section) for section in text.rstrip().split("\f")]
    layout = "columns" if _has_columns(text) else "prose"
    return (
        f"<!DOCTYPE html><meta charset=utf-8><style>{STYLE}</style>"
        f'<body class="{layout}">' + '<div class="page"></div>'.join(sections)
    )


def _section(section: str) -> str:
    return "".join(_paragraph(line) for line in section.split("\n"))


def _paragraph(line: str) -> str:
    line = _CONTROLS.sub("", line.expandtabs(TAB))
    direction = ' dir="rtl"' if _runs_right_to_left(line) else ""
    return f"<p{direction}>{html.escape(line)}</p>"


def _runs_right_to_left(line: str) -> bool:
    if line.isascii():
        return False
    strong = (unicodedata.bidirectional(character) for character in line)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def _has_columns(text: str) -> bool:
    """Whether two lines or more are laid out by spaces."""
    lines = text.split("\n")
    return sum(bool(_COLUMNS.search(line)) for line in lines[:2000]) >= 2
