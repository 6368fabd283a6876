"""Whether the gateway can keep what it confirms, and who is told when it cannot.

An incident begins when the room goes below the reserve, or when the store does not take what it is
told; it ends when all has been well for a while. In between no call is answered and no mail taken,
the log has it as an error, `faxgate health` says so, and the administrators get one alarm, and one
mail when it is over. The store cannot be trusted with these mails, so they wait in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Final, Protocol

from gateway.clock import Clock
from gateway.events import Events
from gateway.room import Room
from gateway.said import said
from gateway.store import StoreFull, StoreUnavailable

EVERY: Final = 5.0  # s between two looks
PROBED: Final = 12  # every so many looks something is written, without any suspicion
BAD_LOOKS: Final = 2  # in a row: a store that is busy for a moment is no incident
GOOD_LOOKS: Final = 3  # in a row, until an incident is over

Tell = Callable[
    [bool, str, datetime], Coroutine[object, object, None]
]  # whether it is bad, why, since when


class Probed(Protocol):
    """What is asked of the store."""

    @property
    def in_doubt(self) -> bool:
        """Whether the last write failed because of the database."""
        ...

    async def probe(self) -> None:
        """Write something, durably. Raises StoreUnavailable."""
        ...


class Health:
    """Watches one store. `tell` brings an alarm to people; it must not fail and may take long."""

    def __init__(self, store: Probed, room: Room, clock: Clock, events: Events, tell: Tell) -> None:
        self._store = store
        self._room = room
        self._clock = clock
        self._events = events
        self._tell = tell
        self._telling: set[asyncio.Task[None]] = set()
        self._bad = self._good = self._looks = 0
        self.trouble = ""  # why nothing is taken; empty when all is well
        self.is_full = False  # whether that is for want of room
        self.since: datetime | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(EVERY)
        finally:
            for task in self._telling:
                task.cancel()

    async def objection(self) -> str:
        """Why a call must not be answered now; empty where it may."""
        return self.trouble or await self._room.shortage()

    async def look(self) -> None:
        """Look once, and begin or end an incident."""
        shortage = await self._room.shortage()
        found = shortage or await self._probed()
        if not found:
            self._bad, self._good = 0, self._good + 1
            if self.trouble and self._good >= GOOD_LOOKS:
                self._end()
            return
        self._bad, self._good = self._bad + 1, 0
        if not self.trouble and (shortage or self._bad >= BAD_LOOKS):
            self._begin(found)
        self.is_full |= bool(shortage)

    async def _probed(self) -> str:
        """Why the store takes nothing; asked when a write has failed, and now and then."""
        self._looks += 1
        if not (self._store.in_doubt or self.trouble or self._looks % PROBED == 0):
            return ""
        try:
            await self._store.probe()
        except StoreUnavailable as trouble:
            self.is_full |= isinstance(trouble, StoreFull) and bool(self.trouble)
            return said("the store takes nothing: {cause}", cause=str(trouble))
        return ""

    def _begin(self, why: str) -> None:
        self.trouble, self.since = why, self._clock.now()
        self._events.alarm("nothing is taken", cause=why)
        self._spread(True, why, self.since)

    def _end(self) -> None:
        why, since = self.trouble, self.since
        self.trouble, self.since, self.is_full = "", None, False
        assert since is not None
        self._events.announce("all is well again", cause=why)
        self._spread(False, why, since)

    def _spread(self, bad: bool, why: str, since: datetime) -> None:
        task = asyncio.create_task(self._tell(bad, why, since))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
