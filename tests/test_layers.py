"""The arrows between the packages (ARCHITECTURE.md), held on the source itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("gateway", "modems", "t4codec")
DRIVERS = ("class1", "class2", "t38", "simulated")
LOOP_AND_CLOCK = {"asyncio", "socket", "time", "threading", "selectors", "datetime", "random"}


def modules(under: str) -> list[Path]:
    """Every source file below a package or folder."""
    return sorted((ROOT / under).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports, also inside functions and TYPE_CHECKING."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = node.module or ""
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def importers(files: list[Path], of: str) -> list[str]:
    """The files among `files` that import a package."""
    return [
        str(path.relative_to(ROOT))
        for path in files
        if any(name == of or name.startswith(of + ".") for name in imports(path))
    ]


def test_the_codec_knows_nobody() -> None:
    """t4codec imports neither modems nor gateway."""
    assert importers(modules("t4codec"), "modems") == []
    assert importers(modules("t4codec"), "gateway") == []


@pytest.mark.parametrize("io", ["asyncio", "socket", "subprocess", "threading", "pathlib", "os"])
def test_the_codec_does_no_io(io: str) -> None:
    """t4codec turns bytes into bytes; it opens nothing and waits for nothing."""
    assert importers(modules("t4codec"), io) == []


def test_modems_never_know_the_gateway() -> None:
    """Modems imports nothing of gateway."""
    assert importers(modules("modems"), "gateway") == []


def test_modems_know_the_codec_in_one_file() -> None:
    """Only modems/pages.py imports t4codec."""
    assert importers(modules("modems"), "t4codec") == ["modems/pages.py"]


def test_the_engine_has_no_loop_clock_or_socket() -> None:
    """modems/t30 awaits only the line, source and sink that it was given."""
    for path in modules("modems/t30"):
        roots = {name.split(".")[0] for name in imports(path)}
        assert not roots & LOOP_AND_CLOCK, path


def test_the_engine_knows_no_driver() -> None:
    """modems/t30 imports nothing of the package around it but the words of session and terminal."""
    allowed = {"session", "terminal", "t30", "dialler"}
    for path in modules("modems/t30"):
        ours = {n.split(".")[1] for n in imports(path) if n.startswith("modems.")}
        assert ours <= allowed, path


@pytest.mark.parametrize("driver", DRIVERS)
def test_drivers_never_import_each_other(driver: str) -> None:
    """A driver knows the line protocol and itself."""
    files = [p for p in modules("modems") if driver in p.relative_to(ROOT / "modems").parts[0]]
    for other in set(DRIVERS) - {driver}:
        assert importers(files, f"modems.{other}") == []


def test_the_gateway_uses_modems_through_their_face() -> None:
    """Only the app, which builds everything by hand, names a driver; nobody names the engine.

    But what the engine remembers of numbers is kept by the notebook.
    """
    named = [
        path
        for driver in (*DRIVERS, "t30")
        for path in importers(modules("gateway"), f"modems.{driver}")
    ]
    assert set(named) <= {"gateway/app.py", "gateway/lines.py", "gateway/notebook.py"}


def test_every_import_of_ours_exists() -> None:
    """Each package is one of the three, and tests are never imported by them."""
    for package in PACKAGES:
        assert modules(package)
        assert importers(modules(package), "tests") == []
