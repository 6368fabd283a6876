"""Answer a ringing line, keep the fax, owe its deliveries.

Who would get the fax by what is known before off-hook is stored before the call is answered, and
with each page who gets it by what its caller has said since, so that a crash in the middle of it
still delivers what was confirmed, and to the right person; when the call has ended, the
routes decide with everything that is known by then, and a fax that was repeated becomes one with
what came of it before. A call that cannot be stored, or leaves too
little room, is left ringing, and so is one that a route
wants unanswered, or whose line does not answer then: the far machine keeps its fax. One that is to
be dropped is hung up as soon as its sender has said who it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from gateway.clock import Clock
from gateway.events import Events
from gateway.onramp.picking_up import PickingUp
from gateway.onramp.repeats import Repeats
from gateway.onramp.routing import Decision, Facts, Routing
from gateway.onramp.sink import StoreSink
from gateway.store import Store, StoreUnavailable
from gateway.store.sheet import Heard
from gateway.supervisor import outlast
from modems.dialler import IncomingCall
from modems.pool_line import PoolLine
from modems.terminal import CallReport


async def nothing() -> str:
    """No objection."""
    return ""


class Answering:
    """What the pool does with an incoming call."""

    def __init__(
        self,
        store: Store,
        routes: Callable[[], Routing],
        clock: Clock,
        events: Events,
        picking_up: Mapping[str, PickingUp] | None = None,
        repeat_within: timedelta = timedelta(),
        objection: Callable[[], Awaitable[str]] = nothing,
    ) -> None:
        """`picking_up` has the rules of lines by name; a line without any answers always.

        `objection` says why no call can be answered now; "" where all is well.
        """
        self._store = store
        self._objection = objection
        self._repeats = Repeats(store, repeat_within, events)
        self._routes = routes
        self._clock = clock
        self._events = events
        self._picking_up = picking_up or {}

    async def answer(self, line: PoolLine, call: IncomingCall) -> None:
        """Take one call on `line`, from the ring to the deliveries it leaves owed."""
        facts = self._facts(line, call)
        early, announce = self._routes().early(facts), self._events.announce
        announce("ringing", line=line.name, called=facts.called, caller=call.caller)
        if left := self._left_ringing(facts, early):
            announce("not answered", line=line.name, caller=call.caller, cause=left)
            return
        if objection := await self._objection():
            announce("not answered", line=line.name, caller=call.caller, cause=objection)
            return
        try:
            fax = await self._store.start_received(
                *(line.name, facts.called, call.caller, early.deliver, facts.at, call.dtmf),
                sealed=early.sealed,
            )
        except StoreUnavailable as trouble:
            announce("not answered", line=line.name, cause=str(trouble))
            return
        sink = StoreSink(self._store, fax, self._events)
        identity = replace(line.identity, welcome=partial(self._welcome, facts, sink))
        report = await line.terminal.receive(call, sink, identity)
        decision = self._decided(facts, report, sink.pages)
        await self._end(fax, report, decision)
        self._tell(fax, call, decision, report, sink.pages)

    async def _end(self, fax: int, report: CallReport, decision: Decision) -> None:
        """Store how the call ended, and what the fax is together with earlier ones."""
        announce = self._events.announce
        end = partial(self._store.end_received, sealed=decision.sealed)
        join = await self._repeats.join(fax, report, decision.deliver)
        now = self._clock.now()
        await outlast("answering", announce, end, fax, report, now, decision.deliver, join)
        if join and join.replaces:
            announce("fax repeated", fax=fax, replaces=", ".join(map(str, join.replaces)))

    def _facts(self, line: PoolLine, call: IncomingCall) -> Facts:
        called = call.called or line.number
        return Facts(line.name, line.number, called, call.caller, self._clock.now(), dtmf=call.dtmf)

    def _left_ringing(self, facts: Facts, early: Decision) -> str:
        """What wants the call unanswered, for people; empty where nothing does."""
        rules = self._picking_up.get(facts.line)
        refusal = rules.refusal(facts.called, facts.at) if rules else ""
        return refusal or (early.title if early.reject == "unanswered" else "")

    def _welcome(self, facts: Facts, sink: StoreSink, tsi: str, subaddress: str) -> bool:
        """Whether no route rejects the caller, now that their machine has said its name."""
        known = self._routes().early(replace(facts, tsi=tsi, subaddress=subaddress))
        sink.heard = Heard(tsi, subaddress, known.deliver, known.sealed)
        return known.reject is None

    def _decided(self, facts: Facts, report: CallReport, pages: int) -> Decision:
        known = replace(
            facts, tsi=report.remote_identity, subaddress=report.subaddress, pages=pages
        )
        return self._routes().final(known)

    def _tell(
        self, fax: int, call: IncomingCall, decision: Decision, report: CallReport, pages: int
    ) -> None:
        self._events.announce(
            "fax received" if pages else "call without a page",
            fax=fax,
            caller=call.caller or report.remote_identity,
            pages=pages,
            seconds=round(report.seconds, 1),
            complete=report.succeeded,
            cause=report.cause,
            route=decision.title,
            deliver=", ".join(decision.deliver),
        )
