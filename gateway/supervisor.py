"""Keep a part of the gateway going while the store has trouble.

A full disk or a database that restarts must not cost the calls that are under way, nor send the
process through a storm of restarts. A part that fails for that reason rests, each time twice as
long, and begins again from what is durable. Anything else that it raises is a bug, and ends the
process: what watches over it (systemd) starts it anew, and the store resolves what was under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.events import Events
from gateway.store import StoreUnavailable

FIRST_REST = 1.0  # s after the first failure
LONGEST_REST = 60.0  # s
SOUND = 300.0  # s of work after which earlier failures are forgotten


async def keep_going(name: str, work: Callable[[], Awaitable[None]], events: Events) -> None:
    """Run `work` until it returns; again, after a rest, whenever the store was unavailable."""
    rest = FIRST_REST
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await work()
        except* StoreUnavailable as trouble:
            if asyncio.get_running_loop().time() - began > SOUND:
                rest = FIRST_REST
            cause = str(_first(trouble))
            events.announce("store unavailable", part=name, rest=rest, cause=cause)
        else:
            return
        await asyncio.sleep(rest)
        rest = min(2 * rest, LONGEST_REST)


def _first(trouble: BaseException) -> BaseException:
    """The first plain exception of a group."""
    return _first(trouble.exceptions[0]) if isinstance(trouble, BaseExceptionGroup) else trouble
