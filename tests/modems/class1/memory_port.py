from __future__ import annotations

import asyncio
from collections.abc import Callable

from modems.port import PortLost


class MemoryPort:
    """A `Port` in memory; its far side is `heard` (what we write) and `say` (what we read)."""

    def __init__(
        self, heard: Callable[[bytes], None] = lambda _: None, *, dtr: bool = False
    ) -> None:
        self.heard = heard
        self._in = bytearray()
        self._arrived = asyncio.Event()
        self._dtr = dtr
        self.lost = ""
        self.closed = False
        self.dtr_drops = 0
        self.flow: list[bool] = []
        self.stuck = False  # takes no more
        self.dcd: bool | None = None

    def say(self, octets: bytes) -> None:
        """The modem speaks."""
        self._in += octets
        self._arrived.set()

    def unplug(self, why: str = "unplugged") -> None:
        """The device goes away."""
        self.lost = why
        self._arrived.set()

    async def read(self) -> bytes:
        while not self._in:
            self._check()
            self._arrived.clear()
            await self._arrived.wait()
        return self.pending()

    def pending(self) -> bytes:
        data = bytes(self._in)
        self._in.clear()
        return data

    def write(self, data: bytes) -> None:
        if not self.lost:
            self.heard(data)

    async def room(self) -> None:
        self._check()
        while self.stuck:
            await asyncio.sleep(1)

    async def drained(self) -> None:
        self._check()

    def discard(self) -> None:
        """Everything has gone at once."""

    def software_flow(self, on: bool) -> None:
        self.flow.append(on)

    async def drop_dtr(self) -> bool:
        self._check()
        self.dtr_drops += 1
        return self._dtr

    async def carrier(self) -> bool | None:
        return self.dcd

    async def close(self) -> None:
        self.closed = True
        self.lost = self.lost or "closed"

    def _check(self) -> None:
        if self.lost:
            raise PortLost(self.lost)
