"""What the gateway and a render worker say to each other over a pair of pipes.

A message is a JSON object and one run of octets: four octets of length (big endian), the JSON,
and as many octets as its key "octets" says. No pickles: what a worker says is checked like any
other input, since a worker reads what strangers sent.

From the gateway: `mail` (settings; the raw mail). From the worker, for that mail: any number of
`page` and `part`, pages before the part they belong to, and `end` last.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.rendition import Rendition, json_of, rendition_from
from gateway.said import decoded, encoded

HEADER_LIMIT = 65_536  # octets of JSON
OCTETS_LIMIT = 256_000_000  # octets behind one message

Read = Callable[[int], bytes]  # exactly so many octets, or fewer at the end of the stream


class ProtocolError(Exception):
    """The other side said something that is no message."""


@dataclass(frozen=True, slots=True)
class Order:
    """How to render: the settings of `config.model.Documents` that a worker needs."""

    paper: str = "A4"
    resolution: str = "fine"
    seconds: float = 60.0
    memory: int = 1_000_000_000
    max_pages: int = 200
    page_seconds: float = 60.0
    body: str = "always"  # when the text of the mail is a page, of `message.Body`
    signature: bool = True  # whether it keeps its signature
    cover: dict[str, Any] = field(default_factory=dict)  # `cover.Cover`, or empty for none
    style: str = ""  # `Options.style`


@dataclass(frozen=True, slots=True)
class CodedPage:
    """One rendered page: MMR octets, MSB first, and its size in bits in each coding.

    `without_mmr` is its second rendering for far ends that lack MMR, or empty.
    """

    width: int
    height: int
    vr: int
    mmr: bytes
    bits: dict[str, int] = field(default_factory=dict)
    rendition: Rendition = field(default_factory=Rendition)
    without_mmr: bytes = b""


@dataclass(frozen=True, slots=True)
class PartDone:
    """What became of one part. `reason` goes after the name; `skipped` means on purpose."""

    name: str
    content_type: str
    pages: int = 0
    reason: str = ""
    skipped: bool = False


def head(kind: str, values: dict[str, Any], octets: int) -> bytes:
    """Put the head of a message into octets; so many more octets belong behind it."""
    header = json.dumps({"kind": kind, "octets": octets, **values}).encode()
    return len(header).to_bytes(4, "big") + header


def pack(kind: str, values: dict[str, Any], octets: bytes = b"") -> bytes:
    """Put a message into octets, ready for the pipe."""
    return head(kind, values, len(octets)) + octets


def pack_page(page: CodedPage) -> bytes:
    """Put a page into octets."""
    values = {
        "width": page.width,
        "height": page.height,
        "vr": page.vr,
        "bits": page.bits,
        "rendition": json_of(page.rendition),
        "first": len(page.mmr),  # octets of the first rendering; the second follows it
    }
    return pack("page", values, page.mmr + page.without_mmr)


def pack_part(part: PartDone) -> bytes:
    """Put the outcome of a part into octets."""
    said = {"name": encoded(part.name), "reason": encoded(part.reason)}
    return pack("part", asdict(part) | said)


def unpack(read: Read) -> tuple[str, dict[str, Any], bytes] | None:
    """Take the next message off a stream; None where it ends cleanly.

    Raises `ProtocolError` for anything that is no whole message.
    """
    start = read(4)
    if not start:
        return None
    size = int.from_bytes(start, "big")
    if len(start) < 4 or size > HEADER_LIMIT:
        raise ProtocolError("no message starts here")
    header = read(size)
    try:
        values = json.loads(header)
        kind, octets = str(values.pop("kind")), int(values.pop("octets"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProtocolError("the head of a message is damaged") from error
    if not 0 <= octets <= OCTETS_LIMIT:
        raise ProtocolError("a message is too long")
    content = read(octets)
    if len(content) < octets:
        raise ProtocolError("a message ends too early")
    return kind, values, content


def page_from(values: dict[str, Any], octets: bytes) -> CodedPage:
    """Check what a worker says is a page."""
    try:
        first = int(values["first"])
        page = CodedPage(
            width=int(values["width"]),
            height=int(values["height"]),
            vr=int(values["vr"]),
            mmr=octets[:first],
            bits={str(name): int(size) for name, size in values["bits"].items()},
            rendition=rendition_from(values["rendition"]),
            without_mmr=octets[first:],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProtocolError("a page is not described") from error
    if not (0 < page.width <= 10_000 and 0 < page.height <= 100_000 and 0 <= first <= len(octets)):
        raise ProtocolError("a page has no size")
    return page


def part_from(values: dict[str, Any]) -> PartDone:
    """Check what a worker says became of a part."""
    try:
        return PartDone(
            name=_sentence(values["name"], 200),
            content_type=str(values["content_type"])[:200],
            pages=int(values["pages"]),
            reason=_sentence(values["reason"], 1000),
            skipped=bool(values["skipped"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError("a part is not described") from error


def _sentence(value: object, longest: int) -> str:
    """A sentence of so many characters at most; what is longer is cut, and plain text then."""
    text = decoded(str(value))
    return text if len(text) <= longest else text[:longest]
