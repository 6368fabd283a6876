"""The options of one mail as a value, and as JSON for the store. The defaults ask for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from gateway.said import Said, arranged, in_a_row, said


class Priority(IntEnum):
    """Whose turn it is when several faxes wait for a line: the smallest number's."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


# Each kind of problem as a sentence; its word is filled in by `Problem.sentence`.
PROBLEMS = {
    "unknown": said("[{word}] is no option"),
    "twice": said("[{word}] contradicts what stands before it"),
    "time": said("[{word}] is no time of day, with a date before it at most"),
    "past": said("[{word}] is in the past"),
    "far": said("[{word}] is more than 30 days ahead"),
    "number": said("[{word}] is no number of calls from 1 to 20"),
    "length": said("[{word}] is too long"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A word in the brackets that cannot be done. `meant` is the option it may have been, or ""."""

    word: str
    kind: str  # a key of `PROBLEMS`
    meant: str = ""

    @property
    def sentence(self) -> Said:
        """What is wrong with the word, as a whole sentence."""
        problem = Said(PROBLEMS[self.kind].shape, {"word": self.word})
        if self.meant:
            return said("{problem}; did you mean [{meant}]?", problem=problem, meant=self.meant)
        return arranged("{problem}.", problem=problem)


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for; "" and None are the gateway's own setting."""

    resolution: str = ""  # standard, fine or superfine
    body: bool | None = None  # whether the text of the mail is a page
    cover: bool | None = None  # whether a cover page goes first
    note: str = ""  # and what it says; the text of the mail is then a page of its own
    header: bool = True  # False: no line at the top of pages
    style: str = ""  # text or photo: how what is grey is drawn
    priority: Priority = Priority.NORMAL
    not_before: datetime | None = None  # aware, UTC
    tries: int = 0  # at most so many calls
    receipt: str = ""  # "failure": only when it was not delivered
    said: tuple[str, ...] = ()  # the words that were understood, for people
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For the store: only what differs from the defaults."""
        values = {name: value for name, value in asdict(self).items() if value != _DEFAULTS[name]}
        if self.not_before:
            values["not_before"] = self.not_before.isoformat()
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Options:
        """What `to_json` made."""
        known: dict[str, Any] = {**values}
        if "not_before" in known:
            known["not_before"] = datetime.fromisoformat(known["not_before"])
        if "priority" in known:
            known["priority"] = Priority(known["priority"])
        known["said"] = tuple(known.get("said", ()))
        known["problems"] = tuple(Problem(**problem) for problem in known.get("problems", ()))
        return cls(**known)

    @property
    def refusal(self) -> Said:
        """One sentence for each problem; "" for none."""
        return in_a_row(*(problem.sentence for problem in self.problems))


AS_CONFIGURED: Final = Options()  # nothing was asked for
_DEFAULTS = asdict(AS_CONFIGURED)
