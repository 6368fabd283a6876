"""Every accepted mail becomes pages once, before its first dial.

A mail is claimed from the store, rendered in worker processes, and its pages and the new state of
its recipients are committed together. A crash in between only renders it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from gateway.clock import Clock
from gateway.config.documents import Documents
from gateway.config.pages import Header
from gateway.events import Events
from gateway.offramp.covers import Author
from gateway.offramp.header import typical_bits
from gateway.offramp.linetime import RATE, call_seconds, page_seconds
from gateway.offramp.render import Rendered, Renderer
from gateway.offramp.workers import NoWorker
from gateway.options import Options
from gateway.said import in_a_row, said
from gateway.store import Store, StoreUnavailable
from gateway.store.placing import Judge
from gateway.store.records import Job, PageInfo, Recipient, StoredPage
from gateway.supervisor import outlast, wait_briefly
from modems.session import DF

REST = 10.0  # s before a worker process is started again that could not be started
Explain = Callable[[Job, Sequence[Recipient], Rendered, datetime], Awaitable[Mapping[str, Any]]]

NO_PAGES = "5.6.0"  # RFC 3463 3.7
NO_SUCH_OPTION = "5.5.4"  # RFC 3463 3.6: arguments out of range, or features not known
IDLE = 5.0  # s between looks at the store for mails that another process put there


class Rendering:
    """Renders accepted mails, `settings.workers` at a time, until cancelled."""

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        settings: Documents,
        clock: Clock,
        events: Events,
        explain: Explain,
        header: Header | None = None,
        judge: Judge | None = None,
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._settings = settings
        self._header = header
        self._clock = clock
        self._events = events
        self._explain = explain
        self._judge = judge

    async def run(self) -> None:
        """Render whatever comes; the first worker process is there before the first mail."""
        worker = await self._renderer.start()
        if worker is not None:
            event = "documents are fenced in" if worker.fenced else "documents can read our files"
            self._events.announce(event, barriers="; ".join(worker.barriers))
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._settings.workers):
                workers.create_task(self._work())

    async def _work(self) -> None:
        while True:
            changed = self._store.render_changed
            changed.clear()
            job = await outlast("rendering", self._events.announce, self._next)
            if job:
                await self._render(job)
            else:
                await wait_briefly(changed, IDLE)

    async def _next(self) -> Job | None:
        return await self._store.next_to_render(self._clock.now())

    async def _render(self, job: Job) -> None:
        try:
            rendered = await self._rendered(job)
        except asyncio.CancelledError:  # an orderly stop is not the mail's fault
            with suppress(StoreUnavailable):
                await self._store.release_rendering(job.id)
            raise
        await outlast("rendering", self._events.announce, self._keep_why, job, rendered)
        await outlast("rendering", self._events.announce, self._keep, job, rendered)
        if rendered.refused:
            self._events.announce("fax failed", job=job.id, cause=rendered.refused)
        else:
            self._announce(job, rendered)

    async def _rendered(self, job: Job) -> Rendered:
        """The mail's pages, as soon as this machine has a process to spare for them.

        A mail that asks for what cannot be done is not sent otherwise than it asks: it has none.
        """
        if job.options.problems:
            refusal = in_a_row(said("Nothing was sent."), job.options.refusal)
            return Rendered((), (), refusal)
        to = [(r.name, r.number) for r in await self._recipients(job)]
        by = Author(job.user, job.groups, job.sender)
        while True:
            try:
                return await self._renderer.render(job.raw, job.options, to, by)
            except NoWorker as trouble:
                self._events.announce("no render worker", job=job.id, rest=REST, cause=str(trouble))
            await asyncio.sleep(REST)

    async def _recipients(self, job: Job) -> list[Recipient]:
        return await outlast("rendering", self._events.announce, self._store.recipients_of, job.id)

    async def _keep_why(self, job: Job, rendered: Rendered) -> None:
        """Put beside the mail why it goes where it goes, before it can go there."""
        to = await self._store.recipients_of(job.id)
        content = await self._explain(job, to, rendered, self._clock.now())
        await self._store.keep_explanation(job.id, content)

    async def _keep(self, job: Job, rendered: Rendered) -> None:
        now, documents = self._clock.now(), rendered.documents
        if rendered.refused:
            status = NO_SUCH_OPTION if job.options.problems else NO_PAGES
            await self._store.render_failed(job.id, documents, rendered.refused, now, status)
        else:
            header = header_of(job.options, self._header)
            seconds = predicted_seconds(rendered.pages, header)
            await self._store.rendered(job.id, documents, rendered.pages, now, self._judge, seconds)

    def _announce(self, job: Job, rendered: Rendered) -> None:
        each = predicted_page_seconds(rendered.pages, header_of(job.options, self._header))
        self._events.announce(
            "rendered",
            job=job.id,
            pages=len(each),
            seconds=round(call_seconds(each)),
            by_page=" + ".join(f"{seconds:.0f}" for seconds in each),
            saved=round(sum(page.rendition.saved_seconds for page in rendered.pages)),
        )


def header_of(options: Options, header: Header | None) -> Header | None:
    """The line at the top of a mail's pages: the gateway's, unless its sender wants none."""
    return header if options.header else None


def predicted_seconds(
    pages: Iterable[StoredPage | PageInfo], header: Header | None = None
) -> float:
    """Line time of a whole call, in seconds, as far as it can be known before the far end's DIS.

    `header` is the line at the top of pages, if they get one.
    """
    return call_seconds(predicted_page_seconds(pages, header))


def predicted_page_seconds(
    pages: Iterable[StoredPage | PageInfo], header: Header | None = None
) -> list[float]:
    """Line time of each page at 14,400 bit/s under error correction, in its smallest coding."""
    each = []
    for number, page in enumerate(pages):
        bits = min(page.bits.values())
        if header and (number == 0 or header.pages == "every"):
            added = typical_bits(header, page.vr, page.width)
            bits = min(n + added.get(DF[df], 0) for df, n in page.bits.items())
        each.append(page_seconds(bits, RATE, ecm=True))
    return each
