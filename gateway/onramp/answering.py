"""Answer a ringing line, keep the fax, owe its mails.

Who gets the fax is decided and stored before the call is answered, so that a crash in the middle of
it still delivers what was confirmed. A call that cannot be stored is left ringing: the far machine
keeps its fax.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.clock import Clock
from gateway.config.model import Route
from gateway.events import Events
from gateway.onramp.routing import deliveries
from gateway.onramp.sink import StoreSink
from gateway.store import Store, StoreUnavailable
from gateway.supervisor import outlast
from modems.dialler import IncomingCall
from modems.pool_line import PoolLine
from modems.terminal import CallReport


class Answering:
    """What the pool does with an incoming call."""

    def __init__(self, store: Store, routes: Sequence[Route], clock: Clock, events: Events) -> None:
        self._store = store
        self._routes = routes
        self._clock = clock
        self._events = events

    async def answer(self, line: PoolLine, call: IncomingCall) -> None:
        """Take one call on `line`, from the ring to the mails it leaves owed."""
        called, announce = call.called or line.number, self._events.announce
        deliver = deliveries(self._routes, called, line.number)
        announce("ringing", line=line.name, called=called, caller=call.caller)
        try:
            fax = await self._store.start_received(
                line.name, called, call.caller, deliver, self._clock.now()
            )
        except StoreUnavailable as trouble:
            announce("not answered", line=line.name, cause=str(trouble))
            return
        sink = StoreSink(self._store, fax, self._events)
        report = await line.terminal.receive(call, sink, line.identity)
        now = self._clock.now()
        await outlast("answering", announce, self._store.end_received, fax, report, now)
        self._tell(fax, call, deliver, report, sink.pages)

    def _tell(
        self, fax: int, call: IncomingCall, deliver: Sequence[str], report: CallReport, pages: int
    ) -> None:
        self._events.announce(
            "fax received" if pages else "call without a page",
            fax=fax,
            caller=call.caller or report.remote_identity,
            pages=pages,
            seconds=round(report.seconds, 1),
            complete=report.succeeded,
            cause=report.cause,
            deliver=", ".join(deliver),
        )
