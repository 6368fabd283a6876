"""A sink that keeps the pages of a document as pictures, for tests to look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gateway.offramp.convert import Bits, Source, converter_for
from gateway.offramp.pages import Pages
from gateway.offramp.protocol import CodedPage
from gateway.offramp.sheet import Sheet
from t4codec import Coding, Compression, decode

FINE = Sheet.of("A4", "fine")


class Seen(Pages):
    """Keeps every page before it is coded."""

    def __init__(self, sheet: Sheet = FINE, limit: int = 100) -> None:
        self.coded: list[CodedPage] = []
        super().__init__(sheet, limit, self.coded.append)
        self.pages: list[Bits] = []

    def _keep(self, page: CodedPage) -> None:
        """Keep it and go on."""
        self.pages.append(pels(page))
        super()._keep(page)


def pels(page: CodedPage) -> Bits:
    """The rows of a coded page, True black."""
    rows = np.frombuffer(decode(page.mmr, Coding(Compression.MMR, width=page.width)).rows, np.uint8)
    return np.unpackbits(rows.reshape(page.height, -1), axis=1)[:, : page.width].astype(np.bool_)


def drawn(content: bytes, name: str = "document", sheet: Sheet = FINE, limit: int = 100) -> Seen:
    """The pages of a document."""
    seen = Seen(sheet, limit)
    source = Source(name, "application/octet-stream", content)
    converter_for(source)(source, seen)
    return seen


def millimetres(ink: Bits, sheet: Sheet = FINE) -> tuple[float, float, float, float]:
    """Left, top, width and height of the ink, in mm on the paper of the receiving machine."""
    x, y = sheet.pels_per_mm
    rows, pels = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return (
        float(pels[0] / x),
        float(rows[0] / y),
        float((pels[-1] + 1 - pels[0]) / x),
        float((rows[-1] + 1 - rows[0]) / y),
    )


Maker = Callable[[], bytes]
