"""A mail becomes fax pages, or the sentence that says why nothing goes out.

The work is done by warm worker processes, at most `settings.workers` mails at a time, each waited
for in a thread, so that the event loop never waits and its clock has no say in how long a document
may take. A cancelled `render` kills its worker and leaves nothing behind.

What is sent when one part cannot be is the administrator's policy (`settings.on_bad_part`); parts
that are never pages, such as signatures, are told but do no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TypeVar

from gateway.config.documents import Documents
from gateway.message.part import WHOLE_MAIL
from gateway.offramp.cover import Cover
from gateway.offramp.covers import NOBODY, Addressee, Author, Covers
from gateway.offramp.protocol import CodedPage, Order, PartDone
from gateway.offramp.workers import Delivery, NoWorker, Worker, WorkerFailed
from gateway.options import AS_CONFIGURED, Options
from gateway.said import Said, in_a_row, said
from gateway.store.records import DocumentRecord, StoredPage
from modems.session import VR

T = TypeVar("T")

BROKEN = said(
    "The mail could not be read: it is damaged or built in a way that no program expects."
)
EMPTY = said("There was nothing to fax: the mail has no text and no document that makes a page.")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of a mail. `refused` is a sentence when, by policy, nothing goes out."""

    documents: tuple[DocumentRecord, ...]
    pages: tuple[StoredPage, ...]
    refused: str = ""


class Renderer:
    """Renders mails; `close` when no more come."""

    def __init__(self, settings: Documents, covers: Covers | None = None) -> None:
        self._settings = settings
        self._covers = covers or Covers(settings)
        self._slots = asyncio.Semaphore(settings.workers)
        self._threads = ThreadPoolExecutor(settings.workers, thread_name_prefix="render")
        self._idle: list[Worker] = []

    async def start(self) -> Worker | None:
        """Have one worker ready before the first mail; not needed, but the first is faster."""
        worker = Worker()
        try:
            await self._in_thread(worker, worker.start)
        except WorkerFailed:
            return None  # the first mail will tell
        return worker

    async def render(
        self,
        raw: bytes,
        options: Options = AS_CONFIGURED,
        to: Sequence[Addressee] = (),
        by: Author = NOBODY,
    ) -> Rendered:
        """Render a mail, RFC 5322 octets, as its sender asked in `options`.

        `to` is whom a cover page names, if it is one; `by` chooses the cover.

        Raises NoWorker, and nothing for what is in the mail.
        """
        order = order_of(self._settings, options, self._covers.choose(options, by, to))
        async with self._slots:
            worker = self._idle.pop() if self._idle else Worker()
            try:
                delivery = await self._in_thread(worker, lambda: worker.render(order, raw))
            except NoWorker:
                raise
            except WorkerFailed:
                part = DocumentRecord(WHOLE_MAIL, "message/rfc822", 0, BROKEN)
                return Rendered((part,), (), BROKEN)
        return judge(delivery, self._settings)

    async def close(self) -> None:
        """Kill the workers."""
        for worker in self._idle:
            worker.close()
        self._idle.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, worker: Worker, work: Callable[[], T]) -> T:
        """Wait for the worker; if nobody waits any more, kill it and see it gone."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            result = await asyncio.shield(future)
        except asyncio.CancelledError:
            worker.kill()
            await asyncio.gather(future, return_exceptions=True)
            worker.close()
            raise
        self._idle.append(worker)
        return result


def order_of(
    settings: Documents, options: Options = AS_CONFIGURED, cover: Cover | None = None
) -> Order:
    """Take what a worker needs from the settings, and from what the sender asked for."""
    return Order(
        paper=settings.paper,
        resolution=options.resolution or settings.resolution,
        seconds=settings.seconds,
        memory=settings.memory,
        max_pages=settings.max_pages,
        page_seconds=settings.page_seconds,
        body={None: settings.body, True: "always", False: "never"}[options.body],
        signature=settings.signature == "keep",
        cover=asdict(cover) if cover else {},
        style=options.style,
    )


def judge(delivery: Delivery, settings: Documents) -> Rendered:
    """Decide by policy what goes out."""
    documents = tuple(_record(part) for part in delivery.parts)
    pages = tuple(_stored(page, number) for number, page in enumerate(delivery.pages, 1))
    bad = [part for part in delivery.parts if part.reason and not part.skipped]
    if bad and (settings.on_bad_part == "nothing" or not pages):
        return Rendered(documents, (), _refusal(bad))
    if not pages:
        return Rendered(documents, (), EMPTY)
    return Rendered(documents, pages)


def _refusal(bad: Sequence[PartDone]) -> Said:
    """One sentence for each part that could not be faxed."""
    return in_a_row(said("Nothing was sent."), *(sentence(part) for part in bad))


def sentence(part: PartDone) -> Said:
    """Say about a part what its reason says."""
    return said("{name} {reason}.", name=part.name, reason=part.reason)


def _record(part: PartDone) -> DocumentRecord:
    reason = sentence(part) if part.reason else ""
    return DocumentRecord(part.name, part.content_type, part.pages, reason)


def _stored(page: CodedPage, number: int) -> StoredPage:
    return StoredPage(
        number,
        page.width,
        page.height,
        VR(page.vr),
        page.mmr,
        page.bits,
        page.rendition,
        page.without_mmr,
    )
