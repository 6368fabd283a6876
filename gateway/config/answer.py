"""The section for when a line picks up: after how many rings, by hours and by called number."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from gateway.config.hours import OpeningHours
from gateway.config.number_pattern import NumberPattern
from gateway.config.section import Section


class AnswerRule(Section):
    """Calls to some numbers at some hours; the first rule of a line that fits counts."""

    called: tuple[NumberPattern, ...] = Field((), description="called numbers; empty: every one")
    hours: OpeningHours | None = Field(None, description="when; such as Mon-Fri 08:00-18:00")
    outside: bool = Field(False, description="outside of these hours instead")
    rings: int | None = Field(None, ge=1, le=12, description="answer at this ring")
    never: bool = Field(False, description="do not answer: leave it to people, or let it ring")

    @model_validator(mode="before")
    @classmethod
    def _one_number_is_a_list_of_one(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("called"), str):
            return {**value, "called": [value["called"]] if value["called"] else []}
        return value

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.rings is None) is not self.never:
            raise ValueError("a rule has either `rings` or `never: true`")
        if self.outside and self.hours is None:
            raise ValueError("`outside` needs `hours`")
        return self
