"""What goes wrong on a simulated line, so that people can see what happens then."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.config.section import Section


class Fault(Section):
    """A fault on demand of a simulated line; see modems/simulated."""

    kind: Literal["lose_frame", "fail_training", "damage_rows", "hang_up"] = Field(
        description="what goes wrong"
    )
    frame: str = Field(
        "",
        description="FCF name for lose_frame and hang_up, such as MCF; TCF for the training check",
    )
    nth: int = Field(1, ge=1, description="which one, counted from 1")
    times: int = Field(1, ge=1, description="how many in a row")
    above_rate: int = Field(0, ge=0, description="fail_training: only above this bit rate")
    page: int = Field(1, ge=1, description="damage_rows and hang_up: in this page")
    rows: int = Field(10, ge=1, description="damage_rows: about so many rows")
    after: float = Field(0.5, ge=0, le=1, description="at this fraction of the page")
