"""A whole fax, out and in, while the database fails at any of the steps that it takes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import URL

from gateway.config.receiving import Route
from gateway.config.retry import Retry
from gateway.events import Events
from gateway.offramp.caller import Caller
from gateway.onramp.answering import Answering
from gateway.onramp.routing import Routing
from gateway.store import Store, StoreUnavailable
from gateway.store.engine import Database, Node, Work, parse_url
from gateway.store.records import MailKind, RecipientState
from modems.pool import Pool
from tests.gateway.store.samples import DOCUMENTS, LEASE, NOW, mail
from tests.gateway.two_lines import THEIRS, LoopClock, at_work, document, two_lines

pytestmark = [pytest.mark.virtual_time]

T = TypeVar("T")

OFFICE = "office@example.org"
TIMES = 3  # that a step fails
PATIENCE = timedelta(hours=1).total_seconds()


class Troubled(Database):
    """A database in which the step `trouble` fails, so many times in a row."""

    def __init__(self, url: URL, node: Node) -> None:
        super().__init__(url, node)
        self.trouble: Counter[str] = Counter()

    async def write(self, work: Work[Any, T], *args: Any, **kwargs: Any) -> T:
        """Do it, or not."""
        self._fail(work)
        return await super().write(work, *args, **kwargs)

    async def read(self, work: Work[Any, T], *args: Any, **kwargs: Any) -> T:
        """Do it, or not."""
        self._fail(work)
        return await super().read(work, *args, **kwargs)

    def _fail(self, work: object) -> None:
        name = getattr(work, "__name__", "")
        if self.trouble[name] > 0:
            self.trouble[name] -= 1
            raise StoreUnavailable("database or disk is full")


@asynccontextmanager
async def gateway(tmp_path: Path, *trouble: str) -> AsyncIterator[Store]:
    """Two lines, a store with a fax of two pages for the second, and `trouble`."""
    url = f"sqlite:///{tmp_path}/faxgate.db"
    await (await Store.open(url)).close()
    database = Troubled(parse_url(url), Node("node", "fax.example"))
    store = Store(database)
    job = await store.accept(mail(THEIRS), NOW)
    await store.rendered(job, DOCUMENTS, document(), NOW)
    database.trouble = Counter(dict.fromkeys(trouble, TIMES))
    clock, events = LoopClock(), Events()
    routing = Routing((Route(called=(THEIRS,), deliver=(OFFICE,)),))
    pool = Pool(two_lines(), Answering(store, lambda: routing, clock, events).answer, clock.now)
    caller = Caller(store, pool, "node", Retry(), clock, events)
    async with at_work(store, caller.run(), pool.run()):
        yield store


async def end_of(store: Store) -> None:
    """Wait until the fax and every incoming call have ended."""
    async with asyncio.timeout(PATIENCE):
        while True:
            recipient = await store.recipient(1)
            faxes = await store.received_list(10)
            if recipient and recipient.ended_at and faxes and all(f.ended_at for f in faxes):
                return
            await asyncio.sleep(1)


STEPS = (
    *("is_due", "claim", "pages", "stored_page", "confirming", "confirmed", "finish"),
    *("start", "add_page", "end"),
)


@pytest.mark.parametrize("step", ["nothing", *STEPS])
async def test_a_fax_outlasts_a_database_in_trouble(step: str, tmp_path: Path) -> None:
    """Whichever step fails for a while, the fax is sent, no confirmed page twice, and delivered."""
    async with gateway(tmp_path, step) as store:
        await end_of(store)

        recipient = await store.recipient(1)
        assert recipient
        assert recipient.state is RecipientState.SENT
        assert [attempt.outcome.value for attempt in await store.attempts(1)][-1] == "sent"
        answered = [c.page for c in await store.page_reports(1) if c.report]
        confirmed = [
            c.page for c in await store.page_reports(1) if c.report and c.report.verdict.confirmed
        ]
        assert confirmed == [1, 2]
        assert set(answered) == {1, 2}
        await two_pages_arrived(store)


async def two_pages_arrived(store: Store) -> None:
    """The last call, or all of them in turn, brought what was sent; each is owed to the office."""
    faxes = [await store.received_pages(fax.id) for fax in await store.received_list(10)]
    arrived = [page.mmr for pages in reversed(faxes) for page in pages]
    assert arrived[-2:] == [page.mmr for page in document()]
    owed = [await store.next_mail(LoopClock().now(), LEASE) for _ in range(10)]
    kinds = Counter(mail.kind for mail in owed if mail)
    assert kinds == {MailKind.RECEIPT: 1, MailKind.FAX: sum(map(bool, faxes))}


async def test_trouble_with_one_fax_leaves_the_other_calls_alone(tmp_path: Path) -> None:
    """A store that cannot say what is due next costs the call under way nothing."""
    async with gateway(tmp_path) as store:
        database = store._db
        assert isinstance(database, Troubled)
        while not await store.received_list(1):
            await asyncio.sleep(1)
        database.trouble["is_due"] = TIMES
        store.queue_changed.set()

        await end_of(store)

        (attempt,) = await store.attempts(1)
        assert attempt.outcome.value == "sent"
