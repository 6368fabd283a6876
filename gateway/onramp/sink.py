"""Where received pages go: into the store, before they are confirmed.

`StoreSink` is the `PageSink` of one incoming call. `commit` returns True only after the page is
durable; a page that was cut off or rejected is kept too, marked, because the caller may never send
it again.
"""

from __future__ import annotations

from modems.pages import PageDecoder

from gateway.events import Events
from gateway.store import Store
from gateway.store.records import StoredPage
from modems.terminal import PageForm, PageQuality, PageReport


class StoreSink:
    """Takes the pages of received fax number `fax`."""

    def __init__(self, store: Store, fax: int, events: Events) -> None:
        self._store = store
        self._fax = fax
        self._events = events
        self.kept = 0

    def begin(self, form: PageForm) -> StoreWriter:
        """A page of this form comes next."""
        return StoreWriter(self, form)

    async def keep(self, decoder: PageDecoder, form: PageForm, report: PageReport) -> bool:
        """Make one page durable; False when the store cannot."""
        decoded = await decoder.finished()
        if not decoded.quality.rows:
            return False
        self.kept += 1
        page = StoredPage(
            self.kept, form.width, decoded.quality.rows, form.vr, decoded.mmr, decoded.bits
        )
        kept = await self._store.add_received_page(self._fax, page, decoded.quality, report.verdict)
        self._events.announce(
            "page received",
            fax=self._fax,
            page=page.number,
            rows=decoded.quality.rows,
            bad_rows=decoded.quality.bad_rows,
            verdict=report.verdict.name,
        )
        return kept


class StoreWriter:
    """One page that arrives."""

    def __init__(self, sink: StoreSink, form: PageForm) -> None:
        self._sink = sink
        self._form = form
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
        return await self._sink.keep(self._decoder, self._form, report)
