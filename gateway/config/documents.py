"""What an administrator can write about documents: how the parts of a mail become pages."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.config.section import Section
from gateway.config.types import Size


class Documents(Section):
    """How parts become pages."""

    paper: Literal["A4", "Letter"] = Field("A4", description="paper on which text is set")
    resolution: Literal["standard", "fine", "superfine"] = Field(
        "fine", description="204 x 98, 204 x 196 or 204 x 391 pels per inch"
    )
    workers: int = Field(2, gt=0, description="documents rendered at the same time")
    seconds: float = Field(60.0, gt=0, description="longest time for one part, wall clock")
    memory: Size = Field(1_000_000_000, gt=0, description="memory of a worker process, octets")
    max_pages: int = Field(200, gt=0, description="most pages of one mail")
    page_seconds: float = Field(
        60.0,
        gt=0,
        description="time of one page on the line at 14,400 bit/s, in seconds; a page that would"
        " take longer is made coarser until it fits, as far as it stays readable",
    )
    cover: bool = Field(False, description="a cover page goes first, unless a mail says otherwise")
    cover_template: Path | None = Field(
        None,
        description="the cover page's HTML, with Jinja2's marks; our own if not given",
    )
    cover_language: Literal["en", "pl"] = Field("en", description="language of its labels")
    on_bad_part: Literal["nothing", "rest"] = Field(
        "nothing", description="what is sent when one part cannot be: nothing, or the rest"
    )
