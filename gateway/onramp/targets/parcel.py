"""A received fax on its way to a target that is no mailbox: its facts, and its pages in any form.

Facts are strings, numbers and booleans under fixed names: the JSON of a webhook, the environment of
a command and the names of files are all made of them. What a caller supplied (TSI) is printable.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, Protocol

from PIL import Image

from gateway.ocr.text import FaxText
from gateway.onramp.compose import NO_TEXT, Reader, pdf_of
from gateway.paper import bilevel, coded, minimal_tiff
from gateway.store.records import ReceivedFax, StoredPage
from gateway.words import printable
from modems.terminal import PageQuality
from t4codec.tiff import write

Json = Mapping[str, Any]


class Target(Protocol):
    """Takes a fax."""

    async def deliver(self, parcel: Parcel) -> None:
        """Hand it over; returns only when somebody else keeps it, or it is on disk.

        Doing it again with the same parcel is harmless where the target can tell. Raises
        TemporaryFailure or PermanentFailure; ends within a bounded time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """One fax for one target; `delivery` is the same at every try."""

    delivery: str
    fax: ReceivedFax
    pages: Sequence[StoredPage]
    qualities: Sequence[PageQuality]
    reader: Reader
    text: FaxText = NO_TEXT

    @property
    def zone(self) -> tzinfo | None:
        """The clock of names and titles."""
        return self.reader.language.zone

    def facts(self) -> Json:
        """What is known of the fax."""
        fax = self.fax
        return {
            "fax": fax.id,
            "delivery": self.delivery,
            "caller": printable(fax.caller, 40),
            "tsi": printable(fax.tsi, 40),
            "called": printable(fax.called, 40),
            "subaddress": printable(fax.subaddress, 40),
            "dtmf": printable(fax.dtmf, 40),
            "line": fax.line,
            "started_at": fax.started_at.astimezone(UTC).isoformat(timespec="seconds"),
            "seconds": round(fax.seconds, 1),
            "pages": len(self.pages),
            "complete": fax.complete,
            "cause": "" if fax.complete else printable(fax.cause, 300),
            "replaces": " ".join(str(each.id) for each in fax.replaces),
            "follows": str(fax.follows.id) if fax.follows else "",
            "damaged_rows": sum(quality.bad_rows for quality in self.qualities),
            "blank": list(fax.blank),
            "header_only": list(fax.header_only),
            "upside_down": list(fax.upside_down),
            "sideways": list(fax.sideways),
        }

    def texts(self) -> list[str]:
        """What was read on each page, or nothing where no page was."""
        return [str(page) for page in self.text.pages]

    def pdf(self) -> bytes:
        """The pages as a PDF; slow enough for a thread, like the other two."""
        return pdf_of(self.fax, self.pages, self.reader, self.text)

    def tiff(self) -> bytes:
        """The pages as one TIFF-F, bit for bit as they are stored."""
        return write([coded(page) for page in self.pages])

    def minimal_tiff(self) -> bytes:
        """The pages as one TIFF of Profile S, in which finer and wider pages shrink."""
        return minimal_tiff(self.pages)

    def pngs(self) -> list[bytes]:
        """Each page as a PNG with square pels."""
        return [_png(page) for page in self.pages]


def _png(page: StoredPage) -> bytes:
    x, y = page.vr.dpi
    image = bilevel(page)
    square = image.resize((page.width, round(page.height * x / y)), Image.Resampling.NEAREST)
    out = io.BytesIO()
    square.save(out, "PNG", optimize=True, dpi=(x, x))
    return out.getvalue()
