"""House rules that a reader would otherwise have to check by eye."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(p for d in ("gateway", "modems", "t4codec") for p in (ROOT / d).rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_HOT_LOOP = 60
LONGEST_FILE = 300


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length of each function, without its docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            if ast.get_docstring(node) and len(body) > 1:
                body = body[1:]
            first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
            yield node.name, last - first + 1


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_opens_with_its_law(path: Path) -> None:
    """Every module says in its first lines what it is."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_stay_short(path: Path) -> None:
    """No function over 40 lines; a hot loop of the codec over 60."""
    limit = LONGEST_HOT_LOOP if path.stem.endswith("_cy") else LONGEST_FUNCTION
    assert [(name, n) for name, n in functions(path) if n > limit] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_readable(path: Path) -> None:
    """No file over 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_the_median_function_is_small() -> None:
    """Half of all functions are under 10 lines."""
    lengths = [n for path in SOURCES for _, n in functions(path)]
    assert statistics.median(lengths) < 10


def test_nothing_is_left_open() -> None:
    """No note to self stays in the source."""
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "pragma: no" + " cover")
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert [m for m in marks if m in text] == [], path


def test_every_test_states_its_rule() -> None:
    """A test's docstring is the rule that it holds, so a failure reads as a broken sentence."""
    silent = [
        f"{path.name}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
