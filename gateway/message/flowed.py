"""Undo format=flowed: join the lines that the sender's program broke for the wire.

A line that ends in a space goes on in the next one of the same quote depth; "-- " never does;
one leading space is stuffing. With DelSp=yes the space itself is removed.

RFC 3676 section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

SIGNATURE = "-- "


def unflow(text: str, *, delsp: bool = False) -> str:
    """Give the text with each paragraph on one line; quote marks are kept as "> "."""
    return "\n".join(_paragraphs(text.splitlines(), delsp=delsp))


def _paragraphs(lines: list[str], *, delsp: bool) -> Iterator[str]:
    depth, gathered = 0, ""
    open_paragraph = False
    for line in lines:
        level, content = _split_quote(line)
        if open_paragraph and (level != depth or content == SIGNATURE):
            yield _quoted(depth, gathered)
            gathered, open_paragraph = "", False
        depth = level
        flows = content.endswith(" ") and content != SIGNATURE
        gathered += content[:-1] if flows and delsp else content
        open_paragraph = flows
        if not flows:
            yield _quoted(depth, gathered)
            gathered = ""
    if open_paragraph:
        yield _quoted(depth, gathered)


def _split_quote(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    depth = len(line) - len(content)
    return depth, content.removeprefix(" ")


def _quoted(depth: int, content: str) -> str:
    return ">" * depth + " " * bool(depth) + content
