"""The hours in which calls to a number may begin: of the rule that fits, at every dial. Pure.

A rule's hours are no matter of the moment in which a mail came: a try that would fall outside of
them, because a line was awaited or the number was engaged, waits for the next opening. The time
after which a fax is given up is counted while it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from gateway.config.hours import Hours as OpenHours
from gateway.said import Said, said, spelled

WEEKDAYS: Final = {
    "mon": said("Mon"),
    "tue": said("Tue"),
    "wed": said("Wed"),
    "thu": said("Thu"),
    "fri": said("Fri"),
    "sat": said("Sat"),
    "sun": said("Sun"),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """The hours of one number, by the clock of one gateway."""

    number: str
    hours: OpenHours
    zone: tzinfo | None  # None: the system's

    def next(self, at: datetime) -> datetime:
        """`at` itself when it is open then, else the next opening."""
        return self.hours.opening(at, self.zone)

    def after(self, at: datetime, open_for: timedelta) -> datetime:
        """The moment when it will have been open for so long since `at`."""
        return self.hours.after(at, open_for, self.zone)

    @property
    def reason(self) -> Said:
        """Why a fax does not go out now."""
        return said(
            "Faxes to {number} go out in these hours only: {hours}.",
            number=self.number,
            hours=spelled(self.hours.text, WEEKDAYS),
        )


Hours = Callable[[str, str, Sequence[str]], Opening | None]  # by number, user and groups


def latest(at: datetime, wait: timedelta, opening: Opening | None) -> datetime:
    """Until when a fax that could go at `at` is tried."""
    return opening.after(at, wait) if opening else at + wait
