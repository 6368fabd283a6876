"""How a page was made black and white, and what that saved: a value that travels with the page.

A worker says it, the store keeps it with the page, and `faxgate explain` and the receipt show it.
It says nothing of the line: bits become seconds in `offramp.linetime`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

TEXT = "text"  # black or white by what is ink and what is ground
SCREEN = "screen"  # a picture all over, in lines
MIXED = "mixed"  # text, and lines where there is a picture or a shade
UNTOUCHED = "untouched"  # a fax page when it came
PHOTO = "photo"  # a style that a sender may ask for, as is TEXT: everything in lines
NAMES = (TEXT, SCREEN, MIXED, UNTOUCHED)
COARSEST = 9  # more than any ladder of renderings has steps


@dataclass(frozen=True, slots=True)
class Rendition:
    """How a page was made.

    `coarseness` counts the steps by which it had to be made coarser to fit the page's seconds.
    `saved_seconds` are at 14,400 bit/s, against the same page with its greys dithered by error
    diffusion in full resolution. `bits_without_mmr` are the sizes in MH and MR of the page's second
    rendering, where it has one, for a far end that has no MMR.
    """

    name: str = ""  # one of NAMES; empty when nobody knows
    coarseness: int = 0
    saved_seconds: float = 0.0
    bits_without_mmr: Mapping[str, int] = field(default_factory=dict)


def json_of(rendition: Rendition) -> dict[str, Any]:
    """Give it as JSON."""
    return asdict(rendition)


def rendition_from(values: Mapping[str, Any]) -> Rendition:
    """Read what `json_of` gave. Raises ValueError, KeyError or TypeError for anything else."""
    rendition = Rendition(
        name=str(values["name"]),
        coarseness=int(values["coarseness"]),
        saved_seconds=float(values["saved_seconds"]),
        bits_without_mmr={str(k): int(v) for k, v in dict(values["bits_without_mmr"]).items()},
    )
    if rendition.name not in ("", *NAMES) or not 0 <= rendition.coarseness <= COARSEST:
        raise ValueError("no such rendering")
    return rendition
