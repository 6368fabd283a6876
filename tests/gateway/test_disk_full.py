"""Calls and mails while SQLite has no room, at once or in the middle of a page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from gateway.config.model import SimulatedLine
from gateway.config.receiving import Route
from gateway.events import Events
from gateway.lines import build_lines
from gateway.onramp.answering import Answering
from gateway.onramp.routing import Routing
from gateway.store import Store, StoreFull
from gateway.store.records import ReceivedFax
from modems.pool import Pool
from modems.pool_line import PoolLine
from modems.session import Dialled
from modems.terminal import CallReport, Identity, PageVerdict
from tests.gateway.store.samples import NOW, QUALITY, mail, received_page
from tests.modems.documents import Charts, chart

OURS, THEIRS = "+48221000001", "+48222000002"
NO_LIMIT = 1_000_000  # pages of the database


class LoopClock:
    """The time of day, moving with the loop's time."""

    def now(self) -> datetime:
        """Now."""
        return NOW + timedelta(seconds=asyncio.get_running_loop().time())


class Quota:
    """A store whose file may not grow beyond so many pages."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._most = NO_LIMIT
        event.listen(store._db._engine.sync_engine, "begin", self._set)

    def _set(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={self._most}")

    def fill(self) -> None:
        """From now on it cannot grow."""
        self._most = 1  # SQLite makes it what there is

    def lift(self) -> None:
        """It can grow again."""
        self._most = NO_LIMIT


@asynccontextmanager
async def house(
    tmp_path: Path, *, ecm: bool = True, objection: str = ""
) -> AsyncIterator[tuple[Quota, PoolLine]]:
    """A gateway that answers one line, and the line of somebody who calls it."""
    store = await Store.open(f"sqlite:///{tmp_path}/faxgate.db")
    quota = Quota(store)
    caller, answerer = build_lines(
        [
            SimulatedLine(name="caller", number=OURS, use=("send",), ecm=ecm),
            SimulatedLine(name="answerer", number=THEIRS, use=("receive",), ecm=ecm),
        ]
    )

    async def objecting() -> str:
        return objection

    routing = Routing((Route(deliver=("office@example.org",)),))
    answering = Answering(*(store, lambda: routing, LoopClock(), Events()), objection=objecting)
    pool = Pool([caller, answerer], answering.answer, LoopClock().now)
    work = asyncio.ensure_future(pool.run())
    try:
        yield quota, caller
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        quota.lift()
        await store.close()


async def send(line: PoolLine, pages: Charts) -> CallReport:
    """Somebody calls."""
    return await line.terminal.send(THEIRS, pages, Identity(OURS))


async def when_a_page_is_there(quota: Quota) -> None:
    """Wait until the first page has been stored."""
    while not any(fax.pages for fax in await quota.store.received_list(1)):
        await asyncio.sleep(0.1)


async def ended(quota: Quota) -> ReceivedFax:
    """The only fax, after its call."""
    while True:
        (fax,) = await quota.store.received_list(5)
        if fax.ended_at:
            return fax
        await asyncio.sleep(1)


def two_pages() -> Charts:
    """A document."""
    return Charts([chart(1, 600), chart(4, 1500)])


@pytest.mark.virtual_time
async def test_no_call_is_answered_without_room(tmp_path: Path) -> None:
    """The caller hears it ring; the reserve is not touched, nor is a full disk."""
    async with house(tmp_path, objection="only 3 MB are free") as (quota, caller):
        assert (await send(caller, two_pages())).dialled is Dialled.NO_ANSWER
        assert await quota.store.received_list(1) == []


@pytest.mark.virtual_time
async def test_under_error_correction_a_page_waits_for_room(tmp_path: Path) -> None:
    """RNR holds the far end back until the page is stored; then it is confirmed, once."""
    async with house(tmp_path) as (quota, caller):
        pages = two_pages()
        call = asyncio.ensure_future(send(caller, pages))
        await when_a_page_is_there(quota)
        quota.fill()
        while not quota.store.in_doubt:
            await asyncio.sleep(1)
        await asyncio.sleep(8)
        quota.lift()
        report = await call
        assert report.succeeded
        assert "RNR" in " ".join(entry.text for entry in report.trace)
        assert pages.confirmed_pages == [0, 1]
        fax = await ended(quota)
        assert (fax.pages, fax.complete) == (2, True)


@pytest.mark.virtual_time
@pytest.mark.parametrize("ecm", [True, False], ids=["ecm", "plain"])
async def test_a_page_that_finds_no_room_is_not_confirmed(tmp_path: Path, ecm: bool) -> None:
    """The call ends, the far end keeps the page, and what was confirmed is delivered."""
    async with house(tmp_path, ecm=ecm) as (quota, caller):
        pages = two_pages()
        call = asyncio.ensure_future(send(caller, pages))
        await when_a_page_is_there(quota)
        quota.fill()
        report = await call
        assert not report.succeeded
        assert pages.confirmed_pages == [0]
        quota.lift()
        fax = await ended(quota)
        assert not fax.complete
        assert len(await quota.store.deliveries(fax.id)) == 1


async def test_a_full_store_says_so(tmp_path: Path) -> None:
    """What needs room fails as StoreFull and leaves nothing; the probe knows it before a call."""
    store = await Store.open(f"sqlite:///{tmp_path}/faxgate.db")
    quota = Quota(store)
    fax = await store.start_received("line", THEIRS, OURS, (), NOW)
    quota.fill()
    with pytest.raises(StoreFull):
        await store.probe()
    doubts = [store.in_doubt]
    large = replace(received_page(), mmr=bytes(300_000))
    with pytest.raises(StoreFull):
        await store.add_received_page(fax, large, QUALITY, PageVerdict.MCF)
    with pytest.raises(StoreFull):
        await store.accept(mail(raw=bytes(300_000)), NOW)
    quota.lift()
    await store.probe()
    assert [*doubts, store.in_doubt] == [True, False]
    assert await store.received_pages(fax) == []
    assert await store.spare() > 0
    await store.close()
