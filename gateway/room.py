"""How much room the store has left: free in its file system, and free within its own file.

A gateway that answers a call promises to keep its pages. So there is a reserve: with less than that
left no call is answered and no mail taken, while what is under way still finds its place.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.said import said

MB = 1_000_000
Spare = Callable[[], Awaitable[int]]  # octets that the store has free within itself


@dataclass(frozen=True, slots=True)
class Room:
    """The room at one place. `reserve` (octets) is what is not to be touched; 0: nothing is."""

    place: Path
    reserve: int
    spare: Spare

    async def shortage(self) -> str:
        """Why nothing more is to be taken; empty where there is room."""
        if not self.reserve:
            return ""
        try:
            free = await asyncio.to_thread(_free, self.place)
        except OSError as error:
            return f"{self.place}: {error.strerror or error}"
        if free >= self.reserve:
            return ""
        free += await self.spare()
        if free >= self.reserve:
            return ""
        return said(
            "only {free} MB are free in {place}; the reserve is {reserve} MB",
            free=free // MB,
            place=str(self.place),
            reserve=self.reserve // MB,
        )


def _free(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize
