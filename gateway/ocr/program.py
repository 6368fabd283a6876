"""Where tesseract is on this machine, and which languages it has been given."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PROGRAM: Final = "tesseract"
DATA: Final = "TESSDATA_PREFIX"  # tesseract's own variable: where its languages are
PLACES: Final = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
DEBIAN: Final = "tesseract-ocr"


def lacking(languages: Iterable[str]) -> list[str]:
    """The Debian packages without which these languages cannot be read; empty if they can."""
    program = [] if find_program() else [DEBIAN]
    return program + [
        f"{DEBIAN}-{language.replace('_', '-').lower()}"
        for language in languages
        if not has_language(language)
    ]


def find_program() -> str | None:
    """Where tesseract is; None where it is not installed."""
    return shutil.which(PROGRAM)


def has_language(language: str) -> bool:
    """Whether tesseract has the data of a language, by its own name for it, such as pol."""
    return any((folder / f"{language}.traineddata").exists() for folder in folders())


def folders() -> list[Path]:
    """Where tesseract looks for its languages."""
    own = os.environ.get(DATA)
    if own:
        return [Path(own)]
    root = Path("/")
    return [folder for place in PLACES for folder in root.glob(place.removeprefix("/"))]
