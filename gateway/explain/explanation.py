"""An explanation as a value: for the store, for programs (`public`), for people (`text`).

`seconds` and `costs` are by coding and by bit rate: {"MMR": {"14400": 31.5}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Json = dict[str, Any]
ByRate = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Who:
    """The sender, and how that is known; without a user nobody who may send."""

    user: str
    groups: tuple[str, ...]
    proof: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One address, or one number of a list: what would be dialled, and whether it may be."""

    address: str
    number: str = ""  # E.164 with +; empty where the address is none
    subaddress: str = ""
    name: str = ""  # as the address book has it
    kind: str = ""  # class of the number
    verdict: str = "refuse"  # allow, later, hold or refuse
    rule: str = ""
    reason: str = ""
    line: str = ""
    costs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One part of the mail. The verdict is `fax`, `skip` (on purpose) or `refuse`."""

    name: str
    type: str
    verdict: str
    reason: str
    pages: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as it would be sent, and how long it takes."""

    png: str  # the file; empty where none was written
    width: int
    height: int
    resolution: str  # pels per inch: 204x196
    rendering: str  # see gateway.rendition
    coarseness: int  # steps by which it was made coarser to fit its seconds
    saved_seconds: float  # at 14,400 bit/s, against plain dithering
    bits: Mapping[str, int]
    seconds: ByRate


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything. `refused` is a sentence where nothing is sent to anybody."""

    sender: Who
    recipients: tuple[Verdict, ...]
    parts: tuple[Document, ...]
    pages: tuple[Sheet, ...]
    asked: tuple[str, ...] = ()  # options of the subject
    refused: str = ""
    calls: ByRate = field(default_factory=dict)  # s from the answer to the end, all pages

    def public(self) -> Json:
        """For programs: the keys that they may rely on, and no others."""
        return {
            "sender": asdict(self.sender),
            "recipients": [
                {
                    "address": to.address,
                    "number": to.number,
                    "class": to.kind,
                    "verdict": to.verdict,
                    "rule": to.rule,
                    "line": to.line,
                }
                for to in self.recipients
            ],
            "parts": [asdict(part) for part in self.parts],
            "pages": [asdict(page) for page in self.pages],
        }

    def to_json(self) -> Json:
        """For the store."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Explanation | None:
        """What `to_json` made; None where that was another version's, which knew other things."""
        try:
            sender = values["sender"]
            return cls(
                sender=Who(**{**sender, "groups": tuple(sender["groups"])}),
                recipients=tuple(Verdict(**to) for to in values["recipients"]),
                parts=tuple(Document(**part) for part in values["parts"]),
                pages=tuple(Sheet(**page) for page in values["pages"]),
                asked=tuple(values["asked"]),
                refused=values["refused"],
                calls=values["calls"],
            )
        except (KeyError, TypeError):
            return None
