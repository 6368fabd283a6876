"""What modems of one kind do their own way, as data.

`quirks_of` picks the row for what a modem says of itself (+FMI?, +FMM?, I3); the plain row is a
modem that follows T.31. A row says only how it differs.

Sources, by row: the makers' AT manuals where they are public (Conexant 100722 and 102184,
USRobotics 56K and 5686, Multi-Tech S000263), and else what HylaFAX's modem settings record from
years of use (its config/usr-xon, usr-rts, conexant-1.0, rc144ac-1, rc288dpi-1, lucent,
lucent-mt-10, zyxel-1496e-1, elsa-microlink-56k-basic-2.0, intel-400e, cirrus, topic, tricom2842,
gvc-288, mt-1432, moto-288, eicon, ip568x, iaxmodem, t38modem). Facts only.
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
    advice: str = ""  # for whoever sets it up


# Maker and model as modems name them, in the order in which they are tried: chips that are sold
# under many names come before the names.
MODELS: Final = (
    (
        r"spandsp|iaxmodem|freeswitch|t38modem",
        Quirks("spandsp", setup=("X4",), hardware_flow="", caller_id=("+VCID=1",)),
    ),
    (
        r"u\.?s\.? ?robotics|\busr\b|3com|\b56(01|05|10|30|31|33|37|86)\b|courier|sportster",
        Quirks(
            "USRobotics",
            setup=("&C1", "&D2", "S13=1", "X4"),  # S13: DTR resets it, and does not only hang up
            hardware_flow="&H1&I0&R2",
            software_flow="&H2&I2&R1",
            caller_id=("#CID=1", "+VCID=1"),
            waits_for_silence=False,  # +FRS in a session resets it
            sets_flow_after_class=True,
        ),
    ),
    (
        r"lucent|agere|lt (win)?modem|lt v\.9|\blsi\b|mainpine|rockforce|venus v\.9",
        Quirks(
            "Lucent",
            software_flow="&K3",  # its XON/XOFF loses data
            caller_id=("+VCID=1",),
            advice="its XON/XOFF loses data: set flow to rtscts",
        ),
    ),
    (
        r"rockwell|conexant|cx\d{5}|\brc\d{2,3}|\bhsf",
        Quirks("Conexant", caller_id=("+VCID=1", "#CID=1"), sets_flow_after_class=True),
    ),
    (
        r"zyxel|u-?1496|omni\.?net|u-?2864",
        Quirks(
            "ZyXEL",  # firmware 6.14 leaves the FCS of received frames out, which is seen by itself
            setup=("&C1", "&D2", "X4", "&B1&N0&S0"),
            hardware_flow="&H3",
            software_flow="&H4",
            caller_id=("S40.2=1", "+VCID=1"),
        ),
    ),
    (r"elsa|microlink", Quirks("ELSA", setup=("&C1", "&D2", "X3"), software_flow="&K1")),
    (
        r"multi-?tech|\bmt\d{4}|isi5634",
        Quirks("Multi-Tech", hardware_flow="&E4", software_flow="&E5", caller_id=("+VCID=1",)),
    ),
    (
        r"intel|satisfaxtion",
        Quirks("Intel", hardware_flow="\\Q3", software_flow="\\Q1", waits_for_silence=False),
    ),
    (
        r"cirrus|cl-md",
        Quirks(
            "Cirrus",
            setup=("&C1", "&D3", "X4"),
            hardware_flow="\\Q3",
            software_flow="\\Q1",
            waits_for_silence=False,
        ),
    ),
    (r"topic", Quirks("TOPIC", waits_for_silence=False)),
    (
        r"tricom|tornado|\bgvc\b|maxtech",
        Quirks("GVC", hardware_flow="\\Q3", software_flow="\\Q1"),
    ),
    (
        r"motorola|lifestyle|premier 33|modemsurfr",
        Quirks("Motorola", setup=("&C1", "&D3", "X4"), caller_id=("*ID1", "+VCID=1", "#CID=1")),
    ),
    (r"eicon|diva", Quirks("Eicon", caller_id=("#CID=14", "+VCID=1"))),
    (
        r"ip568",
        Quirks("ip568x", advice="set baud to 57600 or more: slower, +FTM runs out of data"),
    ),
)


def quirks_of(*said: str) -> Quirks:
    """The row for a modem that says so of itself."""
    words = " ".join(said).lower()
    return next((quirks for pattern, quirks in MODELS if re.search(pattern, words)), Quirks())
