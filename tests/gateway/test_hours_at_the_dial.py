"""A rule's hours at every dial: the real caller, lines and store, up to the last call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.admission.placing import Placing
from gateway.config.retry import Retry
from gateway.events import Events
from gateway.offramp.caller import Caller
from gateway.onramp.answering import Answering
from gateway.onramp.routing import Routing
from gateway.store import Store
from gateway.store.records import Recipient, RecipientState
from modems.pool import Pool
from tests.gateway.admission.policies import policy, rule
from tests.gateway.store.samples import DOCUMENTS, NOW, mail
from tests.gateway.two_lines import EXTENSION, THEIRS, LoopClock, at_work, document, two_lines

pytestmark = [pytest.mark.virtual_time]

PATIENCE = timedelta(hours=1).total_seconds()
HOURS = "06:00-07:01, 07:05-08:00"  # in Warsaw, where NOW is 07:00
OPENS = NOW + timedelta(minutes=5)
NEVER = NOW + timedelta(days=1)


class Deaf:
    """A far end that lets every call ring until a moment."""

    def __init__(self, until: datetime) -> None:
        self._until = until

    async def objection(self) -> str:
        """Why this one rings on."""
        return "nobody is here" if LoopClock().now() < self._until else ""


@asynccontextmanager
async def gateway(tmp_path: Path, deaf: Deaf, *numbers: str, give_up: str) -> AsyncIterator[Store]:
    """One line that sends, one that receives, and Anna's fax to `numbers`, within HOURS."""
    store = await Store.open(f"sqlite:///{tmp_path}/faxgate.db")
    judge = Placing(policy(rule("day", hours=HOURS)), timedelta(days=2))
    job = await store.accept(replace(mail(*numbers), proof="login"), NOW)
    await store.rendered(job, DOCUMENTS, document(), NOW, judge, 60.0)
    clock, events, routing = LoopClock(), Events(), Routing(())
    answering = Answering(store, lambda: routing, clock, events, objection=deaf.objection)
    pool = Pool(two_lines(), answering.answer, clock.now)
    settings = Retry.model_validate({"no_answer": "2 min", "give_up_after": give_up})
    caller = Caller(store, pool, "node", settings, clock, events, hours=judge.opening)
    async with at_work(store, caller.run(), pool.run()):
        yield store


async def ended(store: Store, number: int) -> Recipient:
    """A recipient, once it has ended."""
    async with asyncio.timeout(PATIENCE):
        while (found := await store.recipient(number)) is None or found.ended_at is None:
            await asyncio.sleep(5)
    return found


async def calls(store: Store, number: int) -> list[datetime]:
    """When a recipient was called."""
    return [attempt.started_at for attempt in await store.attempts(number)]


async def test_a_retry_waits_for_the_opening(tmp_path: Path) -> None:
    """Nobody answers at 07:00; the next try of 07:03 is made at 07:05, with 2 min as the most."""
    async with gateway(tmp_path, Deaf(until=OPENS), THEIRS, give_up="2 min") as store:
        fax = await ended(store, 1)

        first, second = await calls(store, 1)
        assert first < NOW + timedelta(minutes=1)
        assert OPENS <= second < OPENS + timedelta(seconds=5)
        assert (fax.state, fax.tries) == (RecipientState.SENT, 2)


async def test_a_fax_whose_line_comes_free_after_closing_waits(tmp_path: Path) -> None:
    """The only line rings elsewhere when the hours end; the second number is called later."""
    async with gateway(tmp_path, Deaf(until=OPENS), THEIRS, EXTENSION, give_up="1 h") as store:
        await ended(store, 2)

        (only,) = await calls(store, 2)
        assert only >= OPENS


async def test_a_fax_that_fails_in_its_last_open_minute_is_given_up(tmp_path: Path) -> None:
    """What is counted is the time in which it may go: of 2 min, one is left at 07:05."""
    async with gateway(tmp_path, Deaf(until=NEVER), THEIRS, give_up="2 min") as store:
        fax = await ended(store, 1)

        assert (fax.state, fax.status) == (RecipientState.FAILED, "4.4.7")
        assert [call >= OPENS for call in await calls(store, 1)] == [False, True]
