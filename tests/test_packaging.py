"""What `pip install` brings: everything beside the Python that the packages read when they run."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
MADE = {".py", ".pyc", ".so", ".c"}  # Python itself, and what a build leaves


def test_every_file_of_the_packages_is_packed() -> None:
    """A template, catalog or table that is new falls under a pattern of package-data."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = (p for d in ("gateway", "modems", "t4codec") for p in (ROOT / d).rglob("*"))
    data = [path for path in files if path.is_file() and path.suffix not in MADE]

    assert data
    assert [path for path in data if not any(map(path.match, patterns))] == []


def test_every_folder_of_the_packages_is_one() -> None:
    """A folder without `__init__.py` stays behind; one with data only is read by its package."""
    folders = {p.parent for d in ("gateway", "modems", "t4codec") for p in (ROOT / d).rglob("*.py")}

    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
