"""NSF: who made the far end, and its model where it says so in letters.

The first octets of NSF are a T.35 country and provider code, whose makers are in `makers.csv`; the
rest is the maker's own. Before 2003 T.30 did not say in which order their bits go, so both are
tried. It is for people only: nothing is ever negotiated by it. Nothing raises, whatever comes.

T.30 5.3.6.2.7; T.35 3 (country and provider codes).
"""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from typing import Final

LONGEST: Final = 64  # octets that are looked at
_MODEL: Final = re.compile(rb"[A-Z][A-Za-z0-9 ./+-]{5,23}")  # chance rarely writes so long a run,
_SPEAKING: Final = re.compile(r"[A-Za-z]{4}|[A-Za-z]+-?\w?\d{2}")  # and one that is a name
_REVERSED: Final = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def _makers() -> dict[bytes, str]:
    """Makers by country and provider code, in the bit order in which they were seen."""
    table = files("modems.t30").joinpath("makers.csv").read_text("utf-8").splitlines()
    return {bytes.fromhex(r["country"] + r["provider"]): r["maker"] for r in csv.DictReader(table)}


MAKERS: Final = _makers()


def machine(fif: bytes) -> str:
    """The maker and the model that an NSF names, such as `Brother MFC-8600`; empty if neither."""
    seen = fif[:LONGEST]
    orders = (seen, seen.translate(_REVERSED))
    maker = next(filter(None, map(_maker, orders)), "")
    model = next(filter(None, map(_model, orders)), "")
    if maker.split(" ")[0].lower() in model.lower():
        return model or maker
    return f"{maker} {model}".strip()


def _maker(fif: bytes) -> str:
    """The maker; provider codes have two octets, a few old German ones have one."""
    return MAKERS.get(fif[:3]) or MAKERS.get(fif[:2], "") if len(fif) > 1 else ""


def _model(fif: bytes) -> str:
    """The longest run of letters and figures after the codes that looks like a name."""
    runs = (run.decode("ascii").strip() for run in _MODEL.findall(fif[3:]))
    return max((run for run in runs if _SPEAKING.search(run)), key=len, default="")
