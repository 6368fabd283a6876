"""Every received fax is read once, a page at a time, beside everything else that the gateway does.

A fax is claimed from the store, each page's text committed before the next is begun, so that a
crash costs one page. Pages that are blank are not read. A page that cannot be read is told and
passed over; a machine that cannot start a process gets a rest. Deliveries never wait for longer
than the store was told when they came to be owed (see `gateway.store.readings`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from gateway.clock import Clock
from gateway.ocr.reader import NoReader
from gateway.ocr.text import PageText, packed
from gateway.store import Store, StoreUnavailable
from gateway.store.readings import LEASE, ReadPage
from gateway.store.records import PageContent, StoredPage
from gateway.supervisor import Announce, outlast, wait_briefly

IDLE = 5.0  # s between looks at the store for faxes that another process put there
REST = 10.0  # s before a process is started again that could not be started


class Reads(Protocol):
    """Reads one page."""

    async def read(self, page: StoredPage, /, *, turn_it: bool) -> PageText:
        """The page's text, or its problem; turned where it helps. Raises NoReader."""
        ...


class Reading:
    """Has faxes read, `workers` at a time, until cancelled. `owner` is this gateway's name."""

    def __init__(
        self,
        store: Store,
        reader: Reads,
        clock: Clock,
        announce: Announce,
        owner: str,
        workers: int = 1,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._announce = announce
        self._owner = owner
        self._workers = workers
        self._rest = rest

    async def run(self) -> None:
        """Read whatever comes, first what an earlier run was reading when it ended."""
        await self._store.readings.release(self._owner)
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._workers):
                workers.create_task(self._work())

    async def _work(self) -> None:
        while True:
            changed = self._store.readings.changed
            changed.clear()
            fax = await outlast("reading", self._announce, self._claim)
            if fax is None:
                await wait_briefly(changed, IDLE)
            else:
                await self.read_fax(fax)

    async def _claim(self) -> int | None:
        return await self._store.readings.claim(self._clock.now())

    async def read_fax(self, fax: int) -> None:
        """Read the pages of a claimed fax that have not been read."""
        try:
            await self._read_pages(fax)
        except asyncio.CancelledError:  # an orderly stop is not the fax's fault
            with suppress(StoreUnavailable):
                await self._store.readings.give_back(fax)
            raise

    async def _read_pages(self, fax: int) -> None:
        store, announce = self._store, self._announce
        contents = await outlast("reading", announce, store.readings.contents, fax)
        pages = words = 0
        while page := await outlast("reading", announce, store.readings.next_page, fax):
            text = await self._read(fax, page, contents.get(page.number, PageContent.INK))
            pages, words = pages + 1, words + sum(len(line.words) for line in text.lines)
            until = self._clock.now() + LEASE
            read = ReadPage(page.number, text.turned, text.problem, await _packed(text))
            await outlast("reading", announce, store.readings.keep, fax, read, until)
        await outlast("reading", announce, store.readings.done, fax, self._clock.now())
        announce("fax read", fax=fax, pages=pages, words=words)

    async def _read(self, fax: int, page: StoredPage, content: PageContent) -> PageText:
        if content is PageContent.BLANK:
            return PageText()
        while True:
            try:
                text = await self._reader.read(page, turn_it=content is PageContent.INK)
            except NoReader as trouble:
                self._announce("no reading process", fax=fax, rest=REST, cause=str(trouble))
                await self._rest(REST)
                continue
            if text.problem:
                self._announce("page not read", fax=fax, page=page.number, cause=text.problem)
            return text


async def _packed(text: PageText) -> bytes:
    return await asyncio.to_thread(packed, text.lines)
