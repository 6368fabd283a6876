"""Text with commands in angle brackets, as mail programs wrote it before HTML: read as plain text.

RFC 1896 (text/enriched) and RFC 1341 7.1.3 (text/richtext), which differ in how a line is broken:
an enriched text joins its lines and needs two newlines for one, unless it is in `nofill`; a rich
text joins all and says `nl`. What a command does to letters is lost; its parameters are no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TYPES = ("text/enriched", "text/richtext")
_TOKEN = re.compile(r"<<|</?[A-Za-z][A-Za-z0-9-]{0,60}>|\n+|[^<\n]+|<")
_WORDS = {"<<": "<", "<lt>": "<", "<nl>": "\n", "<paragraph>": "\n", "</paragraph>": "\n"}


def plain(text: str, kind: str) -> str:
    """The text without its commands; `kind` is one of TYPES."""
    return "".join(_read(text, rich=kind == "text/richtext"))


def _read(text: str, *, rich: bool) -> Iterator[str]:
    filled, hidden = 0, 0  # how deep in nofill, and in what is not shown
    for token in _TOKEN.findall(text):
        command = token.lower().strip("</>") if token[0] == "<" else ""
        step = -1 if token.startswith("</") else 1
        if command in ("param", "comment"):
            hidden = max(0, hidden + step)
        elif command == "nofill":
            filled = max(0, filled + step)
        elif hidden:
            continue
        elif token[0] == "\n" and not filled:
            yield " " if rich or len(token) == 1 else token[1:]
        elif not command or token.lower() in _WORDS:
            yield _WORDS.get(token.lower(), token)
