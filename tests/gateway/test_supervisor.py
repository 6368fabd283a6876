from __future__ import annotations

import asyncio

import pytest

from gateway.events import Events
from gateway.store import StoreUnavailable
from gateway.supervisor import LONGEST_REST, keep_going, outlast

pytestmark = pytest.mark.virtual_time


class Troubled:
    """Work that fails with the given exceptions, one a time, then ends."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.began: list[float] = []

    async def __call__(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        if self.failures:
            raise self.failures.pop(0)


async def test_work_that_ends_is_not_begun_again() -> None:
    """A part that returns is done."""
    work = Troubled()

    await keep_going("calling", work, Events().announce)

    assert len(work.began) == 1


async def test_a_store_in_trouble_makes_it_rest_and_begin_again() -> None:
    """Each rest is twice as long as the one before, and it is announced with its cause."""
    work = Troubled(*(StoreUnavailable("disk full") for _ in range(9)))
    events = Events()
    with events.watch() as told:
        await keep_going("calling", work, events.announce)

    rests = [round(b - a) for a, b in zip(work.began, work.began[1:], strict=False)]
    assert rests == [1, 2, 4, 8, 16, 32, LONGEST_REST, LONGEST_REST, LONGEST_REST]
    event = told.get_nowait()
    assert (event["part"], event["cause"]) == ("calling", "disk full")


async def test_trouble_is_found_in_a_group() -> None:
    """A task group that failed for that reason only is the same trouble."""
    work = Troubled(ExceptionGroup("g", [ExceptionGroup("h", [StoreUnavailable("gone")])]))

    await keep_going("rendering", work, Events().announce)

    assert len(work.began) == 2


async def test_a_bug_ends_the_work() -> None:
    """What is not the store's trouble is never swallowed, not even beside it."""
    work = Troubled(ExceptionGroup("g", [StoreUnavailable("gone"), ValueError("bug")]))

    with pytest.raises(ExceptionGroup) as caught:
        await keep_going("rendering", work, Events().announce)

    assert caught.group_contains(ValueError)
    assert not caught.group_contains(StoreUnavailable)


async def test_what_must_be_told_is_told_in_the_end() -> None:
    """A store that comes back is told what happened meanwhile, after longer and longer rests."""
    work = Troubled(*(StoreUnavailable("locked") for _ in range(3)))

    await outlast("calling", Events().announce, work)

    assert [round(b - a) for a, b in zip(work.began, work.began[1:], strict=False)] == [1, 2, 4]


async def test_a_bug_is_not_outlasted() -> None:
    """Only the store's trouble is waited out."""
    with pytest.raises(ValueError, match="bug"):
        await outlast("calling", Events().announce, Troubled(ValueError("bug")))


async def test_work_that_fails_while_it_is_stopped_stays_stopped() -> None:
    """An orderly stop on a full disk ends, though the last note could not be written."""

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise StoreUnavailable("disk full")

    going = asyncio.create_task(keep_going("mail out", work, Events().announce))
    await asyncio.sleep(1)
    going.cancel()

    with pytest.raises(asyncio.CancelledError):
        await going
