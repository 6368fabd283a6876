"""The section `retention`: how long what has ended is kept.

Content (mails, pages, received faxes) is large and other people's business; records of who sent
what to whom are small, and ceilings and questions live on them. So records stay at least as long as
the content that they tell of, and a month for the ceilings.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import Field, model_validator

from gateway.config.section import Section
from gateway.config.types import DurationOrNone

SHORTEST: Final = timedelta(days=1)  # longer than any repeat of a fax is waited for
SHORTEST_RECORDS: Final = timedelta(days=32)  # ceilings count calendar months

CONTENT: Final = timedelta(days=90)
RECORDS: Final = timedelta(days=400)


class Retention(Section):
    """Ages at which things are deleted, counted from the end of the last call or delivery."""

    received: DurationOrNone = Field(CONTENT, description="pages of received faxes; 0: for ever")
    mails: DurationOrNone = Field(CONTENT, description="mails that were faxed; 0: for ever")
    pages: DurationOrNone = Field(CONTENT, description="pages made of them; 0: for ever")
    explanations: DurationOrNone = Field(
        CONTENT, description="why a mail went where it went; 0: for ever"
    )
    receipts: DurationOrNone = Field(
        CONTENT, description="which receipt and notice went when; 0: for ever"
    )
    records: DurationOrNone = Field(
        RECORDS,
        description="who sent what to whom, calls and deliveries: at least 32 d; 0: for ever",
    )

    @model_validator(mode="after")
    def _records_stay_longest(self) -> Retention:
        others = (self.received, self.mails, self.pages, self.explanations, self.receipts)
        if any(timedelta() < age < SHORTEST for age in others):
            raise ValueError("less than a day is too short; write 1 d or more, or 0 for ever")
        if timedelta() < self.records < SHORTEST_RECORDS:
            raise ValueError("records are kept for 32 d at least: ceilings count calendar months")
        if self.records and any(not age or age > self.records for age in others):
            raise ValueError("records must be kept at least as long as everything else")
        return self
