"""Every sentence that the source says (`gateway.said`), read off the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import gateway
from gateway.said import GAP

SOURCE = Path(gateway.__file__).parent
MAKERS = {SOURCE / "said.py"}  # where sentences are put together from others


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function or class by its bare name, in the whole gateway."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield path, node


def said_in_the_source() -> list[str]:
    """The shape of each sentence, once."""
    shapes = {
        node.args[0].value
        for path, node in calls("said")
        if path not in MAKERS
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
    return sorted(shapes)


def has_words(shape: str) -> bool:
    """Whether anything but gaps and signs stands in it."""
    return any(letter.isalpha() for letter in GAP.sub("", shape))
