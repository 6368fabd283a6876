"""What an administrator can write about documents: how the parts of a mail become pages."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.config.section import LanguageCode, Section
from gateway.config.types import Size


class CoverOf(Section):
    """The cover page of some senders; what it leaves out is as for everybody."""

    who: tuple[str, ...] = Field(
        min_length=1, description="senders, groups, mail addresses, or @ and a domain"
    )
    cover: bool | None = Field(None, description="whether a cover page goes first")
    template: Path | None = Field(None, description="its HTML")
    language: LanguageCode | None = Field(None, description="language of its labels")


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
    cover_language: LanguageCode | None = Field(
        None, description="language of its labels; the sender's, as for receipts, if not given"
    )
    covers: tuple[CoverOf, ...] = Field(
        (), description="other cover pages, by sender; the first that fits is taken"
    )
    body: Literal["always", "alone", "never"] = Field(
        "always",
        description="the text of a mail is a page: always, only where nothing is attached, or "
        "never, unless a mail says otherwise",
    )
    signature: Literal["keep", "cut"] = Field(
        "keep", description='the signature (below "-- ", or marked in HTML) is kept or cut'
    )
    on_bad_part: Literal["nothing", "rest"] = Field(
        "nothing", description="what is sent when one part cannot be: nothing, or the rest"
    )
