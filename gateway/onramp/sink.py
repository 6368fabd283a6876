"""Where received pages go: into the store, before they are confirmed.

`StoreSink` is the `PageSink` of one incoming call. `commit` returns True only after the page is
durable. A page that was cut off or rejected is kept too, because the caller may never send it
again; when it does, the better one takes its place.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.events import Events
from gateway.onramp.repeat import looks_alike
from gateway.store import Store
from gateway.store.records import StoredPage
from modems.pages import PageDecoder
from modems.terminal import PageForm, PageQuality, PageReport


class StoreSink:
    """Takes the pages of received fax number `fax`."""

    def __init__(self, store: Store, fax: int, events: Events) -> None:
        self._store = store
        self._fax = fax
        self._events = events
        self._rejected: StoredPage | None = None  # the last page, if it was not confirmed
        self._kept_beside = 0  # rejected pages whose sender went on with another
        self.pages = 0

    def begin(self, form: PageForm) -> StoreWriter:
        """A page of this form comes next."""
        return StoreWriter(self, form)

    async def keep(self, decoder: PageDecoder, report: PageReport) -> bool:
        """Make one page durable; False when the store cannot, or when there is nothing on it."""
        page = await self._numbered(decoder, report)
        if not page.height:
            return False
        quality = decoder.quality
        kept = await self._store.add_received_page(self._fax, page, quality, report.verdict)
        self._rejected = None if report.verdict.confirmed else page
        self.pages = max(self.pages, page.number) if kept else self.pages
        self._events.announce(
            "page received" if kept else "page not kept",
            fax=self._fax,
            page=page.number,
            rows=quality.rows,
            bad_rows=quality.bad_rows,
            verdict=report.verdict.name,
        )
        return kept

    async def _numbered(self, decoder: PageDecoder, report: PageReport) -> StoredPage:
        """The page at rest, in the place of a rejected one only where it is the same sheet."""
        at_rest = await decoder.finished()
        page = StoredPage(
            report.number + self._kept_beside,
            at_rest.width,
            at_rest.height,
            at_rest.vr,
            at_rest.mmr,
            at_rest.bits,
        )
        before = self._rejected
        if before is None or before.number != page.number or not page.height:
            return page
        if await asyncio.to_thread(looks_alike, before, page):
            return page
        self._kept_beside += 1
        return replace(page, number=page.number + 1)


class StoreWriter:
    """One page that arrives."""

    def __init__(self, sink: StoreSink, form: PageForm) -> None:
        self._sink = sink
        self._decoder = PageDecoder(form)

    def feed(self, chunk: bytes) -> None:
        """Take octets of the page."""
        self._decoder.feed(chunk)

    @property
    def quality(self) -> PageQuality:
        """What has been decoded so far."""
        return self._decoder.quality

    async def commit(self, report: PageReport) -> bool:
        """Keep the page."""
        return await self._sink.keep(self._decoder, report)
