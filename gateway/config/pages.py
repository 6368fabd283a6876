"""What stands on a page beside its content, and when a page that came in is good enough."""

from __future__ import annotations

from string import Formatter
from typing import Literal

from pydantic import Field, field_validator

from gateway.config.section import Section


class CopyQuality(Section):
    """The answer to a received page (T.30 5.3.6.1.7), by the share of its rows that are damaged."""

    good_below: float = Field(
        0.05, ge=0, le=1, description="share of bad rows below which a page is confirmed (MCF)"
    )
    kept_below: float = Field(
        0.15,
        ge=0,
        le=1,
        description="and below which it is confirmed, but the line is trained anew (RTP); a page "
        "with more is to be sent again (RTN)",
    )


class Header(Section):
    """The line at the top of pages that go out: when, who, from where (47 CFR 68.318(d))."""

    on: bool = Field(True, description="whether pages that go out have a header line")
    pages: Literal["every", "first"] = Field(
        "every", description="on every page, or on the first of each call"
    )
    text: str = Field(
        "{date}|{name} {number}|> {to}|{page}/{pages}",
        max_length=200,
        description="what it says; | parts it into what is spread over the width. {date} is date "
        "and time, {name} the line's `sender`, {number} its number, {to} the number called",
    )

    @field_validator("text")
    @classmethod
    def _known_fields(cls, text: str) -> str:
        """Only what there is, and no more than its value."""
        known = ("date", "name", "number", "to", "page", "pages")
        try:
            found = [part[1:] for part in Formatter().parse(text)]
        except ValueError as error:
            raise ValueError(f"braces do not match: {error}") from error
        for name, spec, conversion in found:
            if name is not None and (name not in known or spec or conversion):
                fields = ", ".join(f"{{{field}}}" for field in known)
                raise ValueError(f"{{{name}}} is no field; there are {fields}")
        return text
