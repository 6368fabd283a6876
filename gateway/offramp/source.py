"""The pages of a queued fax as the engine takes them, and what the far end said of each.

`StorePages` is the `PageSource` of one claim. It starts at the first page that no earlier call
confirmed, and writes to the store the moment a page may have been confirmed and the moment it was.
Of a page with two renderings, the one that is shorter in the coding that was settled is sent.
A store in trouble ends the call, but not before what was confirmed is recorded, however late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from gateway.events import Events
from gateway.offramp.header import Sending, draw, typical_bits
from gateway.store import Store
from gateway.store.records import Claim, PageInfo
from gateway.supervisor import outlast
from modems.pages import code_page
from modems.session import DF
from modems.terminal import PageForm, PageReport, PageShape


def sizes(page: PageInfo) -> dict[DF, int]:
    """Bits of the page in each coding, of whichever rendering is sent in it."""
    second = page.rendition.bits_without_mmr
    return {DF[n]: min(bits, second.get(n, bits)) for n, bits in page.bits.items()}


def takes_second(page: PageInfo, df: DF) -> bool:
    """Whether the second rendering is the one to send in this coding."""
    second = page.rendition.bits_without_mmr.get(df.name)
    return second is not None and second < page.bits.get(df.name, second + 1)


class StorePages:
    """The unconfirmed pages of `claim`, read from the store one at a time."""

    def __init__(
        self,
        store: Store,
        claim: Claim,
        document: Sequence[PageInfo],
        events: Events,
        now: Callable[[], datetime],
        header: Sending,
    ) -> None:
        self._store = store
        self._claim = claim
        self._pages = [page for page in document if page.number > claim.pages_confirmed]
        self._count = len(document)
        self._events = events
        self._now = now
        self._header = header

    @property
    def shapes(self) -> Sequence[PageShape]:
        """Every page still to send."""
        return [PageShape(p.width, p.height, p.vr, self._bits(p)) for p in self._pages]

    def _bits(self, page: PageInfo) -> dict[DF, int]:
        """Bits of the page in each coding, with its header line."""
        added: Mapping[DF, int] = {}
        if self._has_header(page):
            added = typical_bits(self._header.settings, page.vr, page.width)
        return {df: bits + added.get(df, 0) for df, bits in sizes(page).items()}

    def _has_header(self, page: PageInfo) -> bool:
        return self._header.wanted(page.number, self._pages[0].number)

    async def coded(self, index: int, form: PageForm) -> bytes:
        """The page in the form that DCS settled."""
        info = self._pages[index]
        page = await self._store.page(self._claim.job, info.number)
        second = takes_second(info, form.df)
        mmr = page.without_mmr if second else page.mmr
        header = b""
        if self._has_header(info):
            words = self._header.parts(self._now(), info.number, self._count)
            header = await asyncio.to_thread(draw, words, form.width, form.vr)
        return await code_page(mmr, page.width, page.height, page.vr, form, header)

    async def confirming(self, index: int) -> None:
        """From now on the far end may have the page."""
        await self._store.confirming(self._claim, self._pages[index].number)

    async def confirmed(self, index: int, report: PageReport) -> None:
        """What the far end answered."""
        number = self._pages[index].number
        announce = self._events.announce
        await outlast("calling", announce, self._store.confirmed, self._claim, number, report)
        announce(
            "page confirmed" if report.verdict.confirmed else "page not confirmed",
            recipient=self._claim.recipient,
            page=number,
            verdict=report.verdict.name,
            coding=report.form.df.name,
            bit_rate=report.bit_rate,
            seconds=round(report.seconds, 1),
        )
