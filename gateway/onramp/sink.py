"""Where received pages go: into the store, before they are confirmed.

`StoreSink` is the `PageSink` of one incoming call. `commit` returns True only after the page is
durable. A page that was cut off or rejected is kept too, because the caller may never send it
again; when it does, the better one takes its place.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.events import Events
from gateway.onramp.content import content_of
from gateway.onramp.repeat import looks_alike
from gateway.store import Store, StoreUnavailable
from gateway.store.records import PageContent, StoredPage
from gateway.store.sheet import Heard
from modems.pages import DecodingWriter, ReceivedPage
from modems.terminal import PageForm, PageQuality, PageReport, PageVerdict

REST = 2.0  # s between two tries to store a page
TRIES = 14  # less than the engine waits for a page to be stored


class StoreSink:
    """Takes the pages of received fax number `fax`."""

    def __init__(self, store: Store, fax: int, events: Events) -> None:
        self._store = store
        self._fax = fax
        self._events = events
        self._rejected: StoredPage | None = None  # the last page, if it was not confirmed
        self._kept_beside = 0  # rejected pages whose sender went on with another
        self.pages = 0
        self.heard: Heard | None = None  # what goes with each page, once the caller has said it

    def begin(self, form: PageForm) -> DecodingWriter:
        """A page of this form comes next."""
        return DecodingWriter(form, self._keep)

    async def _keep(self, report: PageReport, at_rest: ReceivedPage) -> bool:
        """Make one page durable; False when the store cannot, or when there is nothing on it."""
        page = await self._numbered(report, at_rest)
        if not page.height:
            return False
        quality = at_rest.quality
        content = await asyncio.to_thread(content_of, page)
        kept = await self._patiently(page, quality, report.verdict, content)
        self._rejected = None if report.verdict.confirmed else page
        self.pages = max(self.pages, page.number) if kept else self.pages
        self._events.announce(
            "page received" if kept else "page not kept",
            fax=self._fax,
            page=page.number,
            rows=quality.rows,
            bad_rows=quality.bad_rows,
            verdict=report.verdict.name,
            content=content.value,
        )
        return kept

    async def _patiently(
        self, page: StoredPage, quality: PageQuality, verdict: PageVerdict, content: PageContent
    ) -> bool:
        """Store a page, again and again while the store is in trouble and the far end waits.

        Meanwhile the engine says RNR under error correction, else nothing, and in the end DCN.
        """
        for _ in range(TRIES):
            try:
                return await self._store.add_received_page(
                    self._fax, page, quality, verdict, content, self.heard
                )
            except StoreUnavailable as trouble:
                self._events.announce(
                    "store unavailable", part="answering", rest=REST, cause=str(trouble)
                )
            await asyncio.sleep(REST)
        return False

    async def _numbered(self, report: PageReport, at_rest: ReceivedPage) -> StoredPage:
        """The page under its number: a rejected one's only where it is the same sheet."""
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
