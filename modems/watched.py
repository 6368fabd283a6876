"""A terminal that tells how its calls go, and whose driver cannot hurt who uses it.

What the driver raises becomes a report of a line fault. What the document's own side raises (page
source or sink: a store that cannot be reached, a claim that was lost) is no fault of the line: it
ends the call and passes to whoever made it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from modems.dialler import IncomingCall
from modems.session import Dialled, Hangup
from modems.terminal import (
    CallReport,
    Identity,
    Observer,
    PageForm,
    PageQuality,
    PageReport,
    PageShape,
    PageSink,
    PageSource,
    PageWriter,
    Terminal,
)

log = logging.getLogger(__name__)


class Watcher(Protocol):
    """Who is told."""

    @property
    def name(self) -> str:
        """The line's name."""
        ...

    def sending(self, number: str, pages: int) -> None:
        """A call to `number` begins."""
        ...

    def receiving(self, call: IncomingCall) -> None:
        """A call is answered."""
        ...

    def at_page(self, page: int) -> None:
        """Page `page` of this call is on the line."""
        ...

    def worked(self) -> None:
        """A call ended, and not by the line's own fault."""
        ...

    def failed(self, why: str) -> None:
        """The line itself does not work."""
        ...


class OurSide:
    """The document's side of one call: remembers what it raised."""

    def __init__(self, at_page: Callable[[int], None]) -> None:
        self.at_page = at_page
        self.raised: BaseException | None = None

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Whatever is raised in here is ours."""
        try:
            yield
        except BaseException as error:
            self.raised = error
            raise


class WatchedTerminal:
    """A `Terminal` that wraps another one."""

    def __init__(self, terminal: Terminal, watcher: Watcher) -> None:
        self._terminal = terminal
        self._watcher = watcher

    async def send(
        self, number: str, source: PageSource, identity: Identity, observer: Observer | None = None
    ) -> CallReport:
        """Call `number` and send every page of `source`. Raises only what `source` raises."""
        ours = OurSide(self._watcher.at_page)
        self._watcher.sending(number, len(source.shapes))
        try:
            report = await self._terminal.send(
                number, WatchedSource(source, ours), identity, observer
            )
        except Exception as error:
            report = self._report(number, error, ours)
        return self._judged(report)

    async def wait_for_call(self) -> IncomingCall:
        """Wait until the line rings. Raises what the driver raises."""
        return await self._terminal.wait_for_call()

    async def receive(
        self,
        call: IncomingCall,
        sink: PageSink,
        identity: Identity,
        observer: Observer | None = None,
    ) -> CallReport:
        """Answer `call` and give its pages to `sink`. Raises only what `sink` raises."""
        ours = OurSide(self._watcher.at_page)
        self._watcher.receiving(call)
        try:
            report = await self._terminal.receive(call, WatchedSink(sink, ours), identity, observer)
        except Exception as error:
            report = self._report(call.caller, error, ours)
        return self._judged(report)

    def _report(self, number: str, error: Exception, ours: OurSide) -> CallReport:
        """A driver's error as a report; our own error goes on its way."""
        if error is ours.raised:
            raise error
        log.error("line=%s: its driver failed", self._watcher.name, exc_info=error)
        why = str(error) or type(error).__name__
        cause = f"Our telephone line {self._watcher.name} does not work ({why})."
        return CallReport(Hangup.NO_LOOP_CURRENT, cause, number, Dialled.LINE_FAULT)

    def _judged(self, report: CallReport) -> CallReport:
        if report.dialled is Dialled.LINE_FAULT or report.out_of_order:
            self._watcher.failed(report.out_of_order or report.cause)
        else:
            self._watcher.worked()
        return report


class WatchedSource:
    """A page source; tells which page of the call is coded for the line."""

    def __init__(self, source: PageSource, ours: OurSide) -> None:
        self._source = source
        self._ours = ours

    @property
    def shapes(self) -> Sequence[PageShape]:
        """The document's."""
        return self._source.shapes

    async def coded(self, index: int, form: PageForm) -> bytes:
        """The document's."""
        self._ours.at_page(index + 1)
        with self._ours.noted():
            return await self._source.coded(index, form)

    async def confirming(self, index: int) -> None:
        """The document's."""
        with self._ours.noted():
            await self._source.confirming(index)

    async def confirmed(self, index: int, report: PageReport) -> None:
        """The document's."""
        with self._ours.noted():
            await self._source.confirmed(index, report)


class WatchedSink:
    """A page sink; counts the pages of the call."""

    def __init__(self, sink: PageSink, ours: OurSide) -> None:
        self._sink = sink
        self._ours = ours
        self._pages = 0

    def begin(self, form: PageForm) -> PageWriter:
        """The document's."""
        self._pages += 1
        self._ours.at_page(self._pages)
        with self._ours.noted():
            return WatchedWriter(self._sink.begin(form), self._ours)


class WatchedWriter:
    """A page writer; notes what it raises."""

    def __init__(self, writer: PageWriter, ours: OurSide) -> None:
        self._writer = writer
        self._ours = ours

    def feed(self, chunk: bytes) -> None:
        """The document's."""
        with self._ours.noted():
            self._writer.feed(chunk)

    @property
    def quality(self) -> PageQuality:
        """The document's."""
        return self._writer.quality

    async def commit(self, report: PageReport) -> bool:
        """The document's."""
        with self._ours.noted():
            return await self._writer.commit(report)
