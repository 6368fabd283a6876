"""Calls on one modem by hand: made, answered, told of, and broken off in order.

SIGINT and SIGTERM end a call as its own end would: the line is hung up, the pages that were
confirmed so far and why it ended are reported, the port and its lock are let go. A second signal
does not wait for the modem.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path

import typer

from gateway.cli.common import run
from gateway.cli.fax_files import FilePages, NotSent, TiffSink, read_files
from gateway.cli.report_text import fields, summary
from gateway.config.model import Class1Modem
from gateway.lines import ModemFailure, class1_modem, class1_terminal
from gateway.offramp.header import Sending
from modems.session import Dialled, Hangup
from modems.terminal import CallReport, Identity, Offer, PageReport, TraceEntry

USAGE = 2  # exit status


class BrokenOff(Exception):  # noqa: N818 - what happened
    """A signal has ended what was going on."""


class Story:
    """One call as it happens: enough for a report where it is broken off."""

    def __init__(self, *, aloud: bool) -> None:
        self._aloud = aloud
        self.trace: list[TraceEntry] = []
        self._pages: dict[int, PageReport] = {}

    def observe(self, entry: TraceEntry) -> None:
        """Something has happened."""
        self.trace.append(entry)
        if self._aloud:
            print(entry, flush=True)

    def page(self, report: PageReport) -> None:
        """A page was answered for; a better copy of it may follow."""
        self._pages[report.number] = report

    def broken_off(self, number: str, *, hung_up: bool) -> CallReport:
        """The report of a call that we ended ourselves."""
        how = "the line was hung up" if hung_up else "nobody knows whether the modem has hung up"
        dialled = any(entry.text in {"connected", "answered"} for entry in self.trace)
        return CallReport(
            Hangup.ABORTED,
            f"The call was broken off here; {how}.",
            number,
            Dialled.CONNECTED if dialled else Dialled.NO_CARRIER,
            pages=tuple(self._pages.values()),
            seconds=round(self.trace[-1].seconds, 3) if self.trace else 0.0,
            trace=tuple(self.trace),
        )


class LineCalls:
    """One modem and how its calls are told of."""

    def __init__(
        self, modem: Class1Modem, coding: str | None, *, at_once: bool = False, as_json: bool
    ) -> None:
        self._modem = class1_modem(modem)
        self._terminal = class1_terminal(
            modem, self._modem, coding=coding or "mmr", at_once=at_once
        )
        self._shortest = coding is None
        self._as_json = as_json

    async def send(
        self, number: str, files: list[Path], me: Identity, header: Sending | None = None
    ) -> int:
        """Send files; 0 when all was confirmed."""
        story = self._story()
        pages = await self._pages(files, story, header)
        call = self._terminal.send(number, pages, me, story.observe)
        return await self._alone(call, story, number)

    async def poll(self, number: str, out: Path, me: Identity) -> int:
        """Fetch a document into `out`; 0 when all of it came."""
        story = self._story()
        sink = _sink(out, story)
        call = self._terminal.poll(number, sink, me, story.observe)
        return await self._alone(call, story, number, sink)

    async def _alone(
        self,
        call: Coroutine[object, object, CallReport],
        story: Story,
        number: str,
        sink: TiffSink | None = None,
    ) -> int:
        """One call, and the port given back after it."""
        try:
            return not await self._told(call, story, number, sink)
        finally:
            await self._modem.close()

    async def receive(
        self, out: Path, me: Identity, offer: Path | None, password: str, count: int
    ) -> int:
        """Answer calls; 0 when all of them went well."""
        offered = Offer(await self._pages([offer]), password) if offer else None
        calls, went_well = 0, True
        try:
            while not count or calls < count:
                call = await self._terminal.wait_for_call()
                story = self._story()
                sink = _sink(out, story)
                answer = self._terminal.receive(call, sink, me, story.observe, offered)
                went_well = await self._told(answer, story, call.caller, sink) and went_well
                calls += 1
        except ModemFailure as failure:
            print(failure, file=sys.stderr)
            return 1
        finally:
            await self._modem.close()
        return not went_well

    async def _told(
        self,
        call: Coroutine[object, object, CallReport],
        story: Story,
        number: str,
        sink: TiffSink | None,
    ) -> bool:
        """A call to its report, also where a signal breaks it off; whether it went well."""
        try:
            report = await call
        except asyncio.CancelledError:
            self._tell(story.broken_off(number, hung_up=self._modem.hung_up), sink)
            raise BrokenOff from None
        self._tell(report, sink)
        return report.succeeded

    async def _pages(
        self, files: list[Path], story: Story | None = None, header: Sending | None = None
    ) -> FilePages:
        confirmed = story.page if story is not None else None
        try:
            pages = await read_files(files)
        except NotSent as finding:
            print(finding, file=sys.stderr)
            raise typer.Exit(USAGE) from None
        return FilePages(pages, shortest=self._shortest, header=header, on_confirmed=confirmed)

    def _story(self) -> Story:
        return Story(aloud=not self._as_json)

    def _tell(self, report: CallReport, sink: TiffSink | None = None) -> None:
        path = str(sink.path) if sink is not None and sink.written else None
        if self._as_json:
            print(json.dumps(fields(report, path), ensure_ascii=False), flush=True)
        else:
            print("\n".join(summary(report, path)), flush=True)


def supervised(work: Coroutine[object, object, int]) -> int:
    """Run to the end; the exit status. SIGTERM and Control-C break off what is going on."""
    received: list[int] = []

    async def watched() -> int:
        task = asyncio.current_task()
        assert task is not None

        def end(number: int) -> None:
            if received:
                print("not waiting for the modem", file=sys.stderr, flush=True)
            received.append(number)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, end, number)
        return await work

    try:
        return int(run(watched()))
    except (asyncio.CancelledError, BrokenOff):
        return 128 + received[0] if received else 1


def _sink(directory: Path, story: Story) -> TiffSink:
    """A new file in `directory`, named after the moment."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    path = directory / f"fax-{stamp}.tif"
    return TiffSink(path, on_kept=story.page)
