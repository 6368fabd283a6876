"""What an administrator can write about reading the text on received pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.config.section import Section
from gateway.config.types import Duration, Size


def check_language(value: str) -> str:
    """A language as tesseract calls it."""
    parts = value.split("_")
    if len(parts[0]) == 3 and all(part.isascii() and part.isalpha() for part in parts):
        return value
    raise ValueError(f"{value!r} is no language of tesseract; write pol, eng, deu or chi_sim")


class Ocr(Section):
    """Reading the text on received pages, with tesseract."""

    on: bool = Field(False, description="whether received pages are read; needs tesseract")
    languages: tuple[Annotated[str, AfterValidator(check_language)], ...] = Field(
        ("pol", "eng"),
        min_length=1,
        description="languages of the pages, as tesseract calls them: pol, eng, deu, chi_sim",
    )
    wait: Duration = Field(
        timedelta(seconds=60),
        description="longest wait of a fax for its text; then it is delivered without",
    )
    text_in_mail: bool = Field(
        False, description="the text stands in mails too, unless a target says otherwise"
    )
    seconds: float = Field(60.0, gt=0, description="longest time for one page")
    memory: Size = Field(1_000_000_000, gt=0, description="memory for one page, octets")
    workers: int = Field(1, gt=0, description="pages read at the same time")
