"""Outlast a store in trouble: a full disk, a database that restarts or is locked.

Such trouble must cost neither the calls that are under way nor what became of them, nor send the
process through a storm of restarts. `outlast` asks the store again, each time after twice as long a
rest, until it takes what it is told: it is for what has happened and must be recorded, and for
looking for more work. `keep_going` begins a whole part again in the same way, from what is durable.
Anything else that is raised is a bug, and ends the process: what watches over it (systemd) starts
it anew, and the store resolves what was under way.

Neither waits longer than until it is cancelled; what was not recorded then is in doubt, as after a
crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from gateway.store import StoreUnavailable

FIRST_REST = 1.0  # s after the first failure
LONGEST_REST = 60.0  # s
SOUND = 300.0  # s of work after which earlier failures are forgotten

P = ParamSpec("P")
T = TypeVar("T")
Announce = Callable[..., None]  # Events.announce


async def outlast(
    part: str,
    announce: Announce,
    work: Callable[P, Awaitable[T]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """What `work` gives; tried again, after a rest, as long as the store is unavailable."""
    rest = FIRST_REST
    while True:
        try:
            return await work(*args, **kwargs)
        except StoreUnavailable as trouble:
            announce("store unavailable", part=part, rest=rest, cause=str(trouble))
        await asyncio.sleep(rest)
        rest = min(2 * rest, LONGEST_REST)


async def keep_going(name: str, work: Callable[[], Awaitable[None]], announce: Announce) -> None:
    """Run `work` until it returns; again, after a rest, whenever the store was unavailable."""
    rest = FIRST_REST
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await work()
        except* StoreUnavailable as trouble:
            if asyncio.get_running_loop().time() - began > SOUND:
                rest = FIRST_REST
            announce("store unavailable", part=name, rest=rest, cause=str(_first(trouble)))
        else:
            return
        _stop_if_cancelled()
        await asyncio.sleep(rest)
        rest = min(2 * rest, LONGEST_REST)


async def wait_briefly(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _stop_if_cancelled() -> None:
    """Work that failed while it was being cancelled has hidden that from us."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _first(trouble: BaseException) -> BaseException:
    """The first plain exception of a group."""
    return _first(trouble.exceptions[0]) if isinstance(trouble, BaseExceptionGroup) else trouble
