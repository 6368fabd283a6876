"""What calls have taught about numbers, as the engine reads and writes it: in the store.

It only makes calls shorter, so a store in trouble never holds one up or fails it: then nothing is
known, and what was learned is lost.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from gateway.store import StoreUnavailable
from gateway.store.experience import Experiences
from modems.t30.line import Modulation
from modems.t30.memory import EXPIRY, Experience, Note

LIMIT = 2.0  # s; the line is silent meanwhile, and the far end waits three for a DCS


class StoreNotebook:
    """A `modems.t30.memory.Notebook` whose clock is the epoch's."""

    def __init__(self, experience: Experiences) -> None:
        self._experience = experience

    async def read(self, number: str) -> Note | None:
        """The last note of a number, where it can be read in time."""
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(LIMIT):
                row = await self._experience.read(number)
            if row is not None and row[1] in Modulation.__members__:
                at, modulation, ecm_failures = row
                return Note(at.timestamp(), Experience(Modulation[modulation], ecm_failures))
        return None

    async def write(self, number: str, note: Note) -> None:
        """Keep a note, and throw away those that no longer count."""
        learned_at = datetime.fromtimestamp(note.at, UTC)
        learned = (learned_at, note.experience.modulation.name, note.experience.ecm_failures)
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(LIMIT):
                forget = learned_at - timedelta(seconds=EXPIRY)
                await self._experience.write(number, learned, forget)
