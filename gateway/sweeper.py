"""Delete what is older than `retention` says, a little at a time, as long as the gateway runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from gateway.clock import Clock
from gateway.config.retention import Retention
from gateway.store import Store
from gateway.store.retention import Kind
from gateway.supervisor import Announce

FIRST: Final = 60.0  # s after the start: first comes what cannot wait
EVERY: Final = 3600.0  # s


class Sweeper:
    """Sweeps one store."""

    def __init__(self, store: Store, ages: Retention, clock: Clock, announce: Announce) -> None:
        self._store = store
        self._ages: Mapping[Kind, timedelta] = {kind: getattr(ages, kind) for kind in Kind}
        self._clock = clock
        self._announce = announce

    async def run(self) -> None:
        """Sweep now and then until cancelled."""
        await asyncio.sleep(FIRST)
        while True:
            await self.sweep()
            await asyncio.sleep(EVERY)

    async def sweep(self) -> dict[str, int]:
        """Delete what is old now: content first, then the records of what has none any more."""
        now = self._clock.now()
        gone = {
            kind.value: await self._store.retention.sweep(kind, now - age)
            for kind, age in self._ages.items()
            if age
        }
        if any(gone.values()):
            self._announce("old things deleted", **gone)
        return gone
