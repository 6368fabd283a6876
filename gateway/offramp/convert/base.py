"""What every converter takes and gives.

A converter is `convert(source, sink)`: it hands each page of the document to `sink`, in order, as
a `Drawing` of so many millimetres that can draw itself where it is told, or as a finished page. It
raises `Unfaxable`, with a sentence for the sender, for a document that cannot be drawn whole;
whoever called it turns that into a value before it leaves the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.sheet import Placement, Sheet
from gateway.said import Said
from modems.session import VR

Grey = NDArray[np.uint8]  # rows x pels, 255 white
Bits = NDArray[np.bool_]  # rows x pels, True black


class Unfaxable(Exception):  # noqa: N818 - a finding, not a fault
    """The document cannot become pages; `reason` goes after its name: "is protected ..."."""

    def __init__(self, reason: Said) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it was attached."""

    name: str
    content_type: str  # declared
    content: bytes
    charset: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # of HTML, by Content-ID


class Drawing(Protocol):
    """One page of a document, not yet at any resolution."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in millimetres, as the page is read."""
        ...

    def draw(self, placement: Placement) -> Grey:
        """Draw the page on white paper of `placement.rows` x 1728 pels."""
        ...


class PageSink(Protocol):
    """Takes the pages of one document."""

    @property
    def sheet(self) -> Sheet:
        """The fax page that is wanted."""
        ...

    def expect(self, pages: int) -> None:
        """Say how many pages will come; raises `Unfaxable` if they are more than may be sent."""
        ...

    def add(self, drawing: Drawing) -> None:
        """Take the next page."""
        ...

    def add_finished(self, ink: Bits, vr: VR) -> None:
        """Take a page that is already what the line carries."""
        ...


Converter = Callable[[Source, PageSink], None]
