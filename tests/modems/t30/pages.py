"""Page sources and sinks for tests of the engine: they keep what they were told, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from modems.session import VR
from modems.terminal import PageForm, PageQuality, PageReport, PageShape, PageVerdict

A4_FINE = PageShape(1728, 2287, VR.R8_FINE)


@dataclass
class Source:
    """A document whose page n is coded as `n` repeated; records each call in `calls`."""

    shapes: Sequence[PageShape] = (A4_FINE,)
    octets: int = 900
    calls: list[str] = field(default_factory=list)
    forms: list[PageForm] = field(default_factory=list)
    reports: list[PageReport] = field(default_factory=list)

    async def coded(self, index: int, form: PageForm) -> bytes:
        self.calls.append(f"coded {index}")
        self.forms.append(form)
        return bytes([index + 1]) * self.octets

    async def confirming(self, index: int) -> None:
        self.calls.append(f"confirming {index}")

    async def confirmed(self, index: int, report: PageReport) -> None:
        self.calls.append(f"{report.verdict.name} {index}")
        self.reports.append(report)


@dataclass
class Kept:
    """A page as the sink was given it."""

    form: PageForm
    coded: bytes = b""
    commits: list[PageReport] = field(default_factory=list)


@dataclass
class Sink:
    """Keeps pages. `qualities` are what the decoder is to count, page by page, then good ones."""

    qualities: list[PageQuality] = field(default_factory=list)
    keeps: bool = True
    storing: float = 0.0  # s that a commit takes
    on_waiting: Callable[[float], None] = lambda _: None  # told of the time it takes
    pages: list[Kept] = field(default_factory=list)

    def begin(self, form: PageForm) -> Writer:
        self.pages.append(Kept(form))
        quality = self.qualities.pop(0) if self.qualities else PageQuality(rows=1000)
        return Writer(self, self.pages[-1], quality)

    @property
    def confirmed(self) -> list[bytes]:
        """The octets of the pages that were committed with a confirming verdict."""
        return [p.coded for p in self.pages for r in p.commits if r.verdict.confirmed]

    @property
    def verdicts(self) -> list[PageVerdict]:
        """Each commit's verdict, in order."""
        return [r.verdict for p in self.pages for r in p.commits]


@dataclass
class Writer:
    """A writer that takes as long as its sink says."""

    sink: Sink
    page: Kept
    quality: PageQuality
    waited: float = 0.0

    def feed(self, chunk: bytes) -> None:
        self.page.coded += chunk

    async def commit(self, report: PageReport) -> bool:
        self.page.commits.append(report)
        return self.sink.keeps

    async def commit_within(self, report: PageReport, seconds: float) -> bool | None:
        step = min(seconds, self.sink.storing - self.waited)
        self.waited += step
        self.sink.on_waiting(step)
        return await self.commit(report) if self.waited >= self.sink.storing else None
