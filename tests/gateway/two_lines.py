"""One line that sends and one that receives, a document of two pages, and the time of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from gateway.config.model import SimulatedLine
from gateway.lines import build_lines
from gateway.store import Store
from gateway.store.records import StoredPage
from modems.pool_line import PoolLine
from tests.gateway.store.samples import NOW
from tests.modems.documents import page_of

OURS, THEIRS, EXTENSION = "+48221000001", "+48222000002", "+48222000099"


class LoopClock:
    """The time of day, moving with the loop's time."""

    def now(self) -> datetime:
        """Now."""
        return NOW + timedelta(seconds=asyncio.get_running_loop().time())


def two_lines() -> list[PoolLine]:
    """From OURS to THEIRS."""
    return build_lines(
        [
            SimulatedLine(name="caller", number=OURS, use=("send",)),
            SimulatedLine(name="answerer", number=THEIRS, use=("receive",)),
        ]
    )


@asynccontextmanager
async def at_work(store: Store, *work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """While parts of a gateway run; then they are stopped, and the store is closed."""
    running = asyncio.gather(*work)
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await store.close()


def document() -> list[StoredPage]:
    """Two pages that differ."""
    pages = [page_of(Image.new("1", (1728, 40), shade)) for shade in (0, 1)]
    return [StoredPage(n, p.width, p.height, p.vr, p.mmr) for n, p in enumerate(pages, 1)]
