"""The queue meets the lines: a due recipient and an idle line become one call.

A line is seized before a recipient is claimed, so that no claim ever waits for a line. The claim is
renewed while the call lasts; if this process dies, its lease ends and the store decides what may be
tried again (never a page that may have been confirmed). While the store is in trouble nobody new is
called; calls under way go on as far as they can, and how they ended is recorded afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from gateway.admission.opening import Hours
from gateway.clock import Clock
from gateway.config.pages import Header
from gateway.config.retry import Retry
from gateway.events import Events
from gateway.offramp.header import Sending
from gateway.offramp.source import StorePages
from gateway.retry import decide
from gateway.store import ClaimLost, Store, StoreUnavailable
from gateway.store.records import Claim, RecipientState
from gateway.supervisor import outlast, wait_briefly
from modems.pool import Pool
from modems.pool_line import PoolLine
from modems.session import Hangup
from modems.terminal import CallReport, TraceEntry, TraceKind

LEASE = timedelta(minutes=5)
RENEWAL = LEASE.total_seconds() / 3
OUTCOMES = {
    RecipientState.SENT: "fax sent",
    RecipientState.QUEUED: "fax deferred",
    RecipientState.FAILED: "fax failed",
}
STORE_TROUBLE = "Our own storage failed during the call."
Headed = Callable[[str, str, str], Sending]  # from the sender's name, its number and the called one
NO_HEADER: Headed = partial(Sending, Header(on=False))
IDLE = 2.0  # s between looks at the queue for what another process put there


class Caller:
    """Places the calls that are due, as many at a time as there are idle lines."""

    def __init__(
        self,
        store: Store,
        pool: Pool,
        owner: str,
        settings: Retry,
        clock: Clock,
        events: Events,
        header: Headed = NO_HEADER,
        hours: Hours | None = None,
    ) -> None:
        """`hours` tells when a sender's faxes to a number may go."""
        self._store = store
        self._pool = pool
        self._owner = owner
        self._settings = settings
        self._clock = clock
        self._events = events
        self._header = header
        self._hours = hours
        self._stopped = False

    def stop(self) -> None:
        """Begin no more calls; those under way go on."""
        self._stopped = True
        self._store.queue_changed.set()

    async def run(self) -> None:
        """Call until stopped; if cancelled, a call hangs up and is resolved at the next start."""
        async with asyncio.TaskGroup() as calls:
            while not self._stopped:
                self._store.queue_changed.clear()
                if not await outlast("calling", self._events.announce, self._start_next, calls):
                    await wait_briefly(self._store.queue_changed, IDLE)

    async def _start_next(self, calls: asyncio.TaskGroup) -> bool:
        """Begin a call when one is due and there is a line for it; False when none is due."""
        if not await self._store.is_due(self._clock.now()):
            return False
        line = await self._pool.seize()
        claim = None
        try:
            if not self._stopped:
                claim = await self._claim()
        finally:
            if claim is None:
                self._pool.release(line)
        if claim is None:
            return False
        calls.create_task(self._call(line, claim))
        return True

    async def _claim(self) -> Claim | None:
        return await self._store.claim(self._owner, self._clock.now(), LEASE, self._hours)

    async def _call(self, line: PoolLine, claim: Claim) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                renewing = tasks.create_task(self._renew(claim))
                await self._finish(claim, await self._send(line, claim))
                renewing.cancel()
        except* ClaimLost as lost:
            causes = ", ".join(str(error) for error in lost.exceptions)
            self._events.announce("call not recorded", recipient=claim.recipient, cause=causes)
        finally:
            self._pool.release(line)
            self._store.queue_changed.set()

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(RENEWAL)
            await outlast("calling", self._events.announce, self._renew_once, claim)

    async def _renew_once(self, claim: Claim) -> None:
        await self._store.renew(claim, self._clock.now() + LEASE)

    async def _send(self, line: PoolLine, claim: Claim) -> CallReport:
        """The call. One that the store broke off has no page in doubt: it may be made again."""
        try:
            return await self._dial(line, claim)
        except StoreUnavailable:
            return CallReport(Hangup.ABORTED, STORE_TROUBLE, claim.number)

    async def _dial(self, line: PoolLine, claim: Claim) -> CallReport:
        pages = await self._store.pages(claim.job)
        header = self._header(line.sender, line.number, claim.number)
        if not claim.options.header:
            header = replace(header, settings=Header(on=False))
        source = StorePages(self._store, claim, pages, self._events, self._clock.now, header)
        await asyncio.to_thread(getattr, source, "shapes")  # may draw a header line to measure it
        self._events.announce(
            "calling", recipient=claim.recipient, number=claim.number, line=line.name
        )
        me = replace(line.identity, subaddress=claim.subaddress)
        return await line.terminal.send(
            claim.number, source, me, lambda entry: self._note(claim, entry)
        )

    def _note(self, claim: Claim, entry: TraceEntry) -> None:
        if entry.kind is TraceKind.NOTE:
            self._events.announce("note", recipient=claim.recipient, text=entry.text)

    async def _finish(self, claim: Claim, report: CallReport) -> None:
        now = self._clock.now()
        decision = decide(report, claim, self._settings, now)
        announce = self._events.announce
        state = await outlast("calling", announce, self._store.finish, claim, report, decision, now)
        announce(
            OUTCOMES[state],
            recipient=claim.recipient,
            number=claim.number,
            pages=sum(page.verdict.confirmed for page in report.pages),
            seconds=round(report.seconds, 1),
            status=f"{report.status:02X}",
            cause=report.cause,
        )
