"""What modems of one kind do their own way, as data.

`quirks_of` picks the row for what a modem says of itself (+FMI?, +FMM?, I3); the plain row is a
modem that follows T.31. A row says only how it differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a modem is spoken to. The init commands that it does not know do no harm."""

    name: str = "plain"
    setup: tuple[str, ...] = ("&C1", "&D2", "X4")
    hardware_flow: str = "&K3"
    software_flow: str = "&K4"
    caller_id: tuple[str, ...] = ("+VCID=1", "#CID=1")  # the first that it takes
    waits_for_silence: bool = True  # +FRS works; without, silence is a pause of ours
    closing_zeros: int = 4  # octets after a page: some modems keep the last ones back
    sets_flow_after_class: bool = False  # +FCLASS=1 puts it back to XON/XOFF


# Maker and model as modems name them, in the order in which they are tried.
MODELS: Final = (
    (
        r"u\.?s\.? ?robotics|3com|5601|courier|sportster",
        Quirks(
            "USRobotics",
            setup=("&C1", "&D2", "X4", "&A3"),
            hardware_flow="&H1&R2&I0",
            software_flow="&H2&I2",
            caller_id=("#CID=1", "+VCID=1"),
            waits_for_silence=False,  # +FRS in a session resets it
            sets_flow_after_class=True,
        ),
    ),
    (
        r"rockwell|conexant|cx\d{5}|rc\d{2}|cx93",
        Quirks("Conexant", caller_id=("+VCID=1", "#CID=1"), sets_flow_after_class=True),
    ),
    (
        r"lucent|agere|lt v\.92|lsi",
        Quirks("Lucent", software_flow="&K3"),  # its XON/XOFF loses data
    ),
    (
        r"zyxel|elsa|microlink",
        Quirks("ZyXEL", hardware_flow="&H3", software_flow="&H4", caller_id=("S40.2=1", "+VCID=1")),
    ),
    (
        r"multi-?tech|mt\d{4}",
        Quirks("Multi-Tech", hardware_flow="&E4", software_flow="&E5", caller_id=("+VCID=1",)),
    ),
    (r"spandsp|iaxmodem|freeswitch|t38modem", Quirks("spandsp", setup=("X4",), hardware_flow="")),
)


def quirks_of(*said: str) -> Quirks:
    """The row for a modem that says so of itself."""
    words = " ".join(said).lower()
    return next((quirks for pattern, quirks in MODELS if re.search(pattern, words)), Quirks())
