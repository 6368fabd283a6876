"""Pages for tests of modems: the ITU charts as they lie in a store, a source of them and a sink.

`Charts` and `Keeper` are a whole `PageSource` and `PageSink`: they code, decode and keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image

from modems.pages import PageDecoder, ReceivedPage, code_page
from modems.session import VR
from modems.terminal import PageForm, PageQuality, PageReport, PageShape, PageVerdict
from t4codec import Coding, Compression, decode, encode

CHARTS = Path(__file__).parent.parent / "data" / "charts"


@dataclass(frozen=True)
class Page:
    """A page at rest."""

    width: int
    height: int
    vr: VR
    mmr: bytes

    @property
    def rows(self) -> bytes:
        """Its pels, packed."""
        return decode(self.mmr, Coding(Compression.MMR, width=self.width)).rows

    @property
    def shape(self) -> PageShape:
        """What T.30 is told of it."""
        return PageShape(self.width, self.height, self.vr)


def page_of(image: Image.Image, vr: VR = VR.R8_FINE) -> Page:
    """A bilevel picture as a page at rest."""
    rows = image.tobytes("raw", "1;I")
    mmr = encode(rows, Coding(Compression.MMR, width=image.width))
    return Page(image.width, image.height, vr, mmr)


@cache
def chart(number: int, height: int = 0) -> Page:
    """ITU chart 1 to 8 at fine resolution, or its upper part."""
    with Image.open(CHARTS / f"itu{number}.tif") as picture:
        return page_of(picture.crop((0, 0, picture.width, height or picture.height)))


@dataclass
class Charts:
    """A document of pages at rest; remembers what was said of each."""

    pages: Sequence[Page]
    confirming_: list[int] = field(default_factory=list)
    reports: list[tuple[int, PageReport]] = field(default_factory=list)

    @property
    def shapes(self) -> Sequence[PageShape]:
        """All pages."""
        return [page.shape for page in self.pages]

    async def coded(self, index: int, form: PageForm) -> bytes:
        """Coded for the line."""
        page = self.pages[index]
        return await code_page(page.mmr, page.width, page.height, page.vr, form)

    async def confirming(self, index: int) -> None:
        """Noted."""
        self.confirming_.append(index)

    async def confirmed(self, index: int, report: PageReport) -> None:
        """Noted."""
        self.reports.append((index, report))

    @property
    def confirmed_pages(self) -> list[int]:
        """The indices that the far end has confirmed, in order."""
        return [index for index, report in self.reports if report.verdict.confirmed]


@dataclass
class Keeper:
    """Keeps every page that is committed, with the verdict that goes back for it."""

    kept: list[tuple[ReceivedPage, PageVerdict]] = field(default_factory=list)

    def begin(self, form: PageForm) -> KeepingWriter:
        """A page comes."""
        return KeepingWriter(self, PageDecoder(form))

    @property
    def confirmed(self) -> list[ReceivedPage]:
        """The pages that were kept before a confirmation went out."""
        return [page for page, verdict in self.kept if verdict.confirmed]


@dataclass
class KeepingWriter:
    """One page that comes."""

    keeper: Keeper
    decoder: PageDecoder

    def feed(self, chunk: bytes) -> None:
        """Decoded."""
        self.decoder.feed(chunk)

    @property
    def quality(self) -> PageQuality:
        """Counted."""
        return self.decoder.quality

    async def commit(self, report: PageReport) -> bool:
        """Kept."""
        self.keeper.kept.append((await self.decoder.finished(), report.verdict))
        return True
