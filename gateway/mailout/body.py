"""The text of a mail as a small structure, written out twice: plain, and as modest HTML.

The HTML says nothing that the plain text does not; it only sets tables as tables, and shows a
picture that the mail itself carries. All text is escaped, and nothing is fetched from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_OURS = re.compile(r"junk\+[a-z0-9-]+@[a-z0-9.-]+\?subject=junk")
CELL = 'align="left" style="padding:2px 12px 2px 0"'
PICTURE = "border:1px solid #999;max-width:100%"
TITLE = "font-size:1em;margin:1.4em 0 .3em"
HTML = '<!DOCTYPE html><html lang="{}"><body style="font-family:sans-serif;line-height:1.4">'


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head of the same length."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines or a table below it."""

    title: str
    lines: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What a mail says: first paragraphs that tell all, then sections for who wants to know."""

    paragraphs: Sequence[str]
    sections: Sequence[Section] = ()
    language: str = "en"  # RFC 5646
    picture: str = ""  # Content-ID of an image of the mail's own, shown beside the text


def plain(body: Body) -> str:
    """The body as text; paragraphs are one line each, for the reader's program to wrap."""
    blocks = ["\n".join(_plain_section(section)) for section in body.sections]
    return "\n\n".join([*body.paragraphs, *blocks]) + "\n"


def html(body: Body) -> str:
    """The body as HTML."""
    lead = [f"<p>{escape(text)}</p>" for text in body.paragraphs]
    if body.picture:
        lead.append(f'<p><img src="cid:{escape(body.picture)}" alt="" style="{PICTURE}"></p>')
    sections = [line for section in body.sections for line in _html_section(section)]
    return (
        "\n".join([HTML.format(escape(body.language)), *lead, *sections, "</body></html>"]) + "\n"
    )


def _plain_section(section: Section) -> Iterable[str]:
    yield section.title
    yield from (f"  {line}" for line in section.lines)
    if section.table:
        yield from (f"  {line}" for line in _columns(section.table))


def _columns(table: Table) -> Iterable[str]:
    lines = [table.head, *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _html_section(section: Section) -> Iterable[str]:
    yield f'<h2 style="{TITLE}">{escape(section.title)}</h2>'
    if section.lines:
        yield "<ul>" + "".join(f"<li>{_linked(line)}</li>" for line in section.lines) + "</ul>"
    if section.table:
        yield '<table style="border-collapse:collapse">'
        yield _html_row("th", section.table.head)
        yield from (_html_row("td", row) for row in section.table.rows)
        yield "</table>"


def _linked(line: str) -> str:
    """Escaped; a mailto: of ours at the end of a line can be clicked."""
    text, mailto, rest = line.rpartition("mailto:")
    if not mailto or not _OURS.fullmatch(rest):
        return escape(line)
    link = escape(mailto + rest)
    return f'{escape(text)}<a href="{link}">{link}</a>'


def _html_row(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag} {CELL}>{escape(c)}</{tag}>" for c in cells) + "</tr>"
