"""Calls that come in over a simulated exchange: when a line picks up, and who is heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.events import Events
from gateway.lines import build_lines
from gateway.onramp.answering import Answering
from gateway.onramp.picking_up import PickingUp, rings_by
from gateway.onramp.routing import routing_of
from gateway.store import Store
from gateway.store.records import ReceivedFax
from modems.pool import Pool
from modems.pool_line import PoolLine
from modems.session import Dialled
from modems.terminal import CallReport
from tests.modems.documents import Charts, chart

pytestmark = pytest.mark.virtual_time

MONDAY, SUNDAY = datetime(2026, 11, 23, 10, tzinfo=UTC), datetime(2026, 11, 22, 10, tzinfo=UTC)
FRIEND, CHEAP, LAB = "+48221000001", "+48700000001", "+48221000007"
OFFICE, PHONE, CLOSED = "+48222000002", "+48222000003", "+48222000004"
CONFIG = """\
domain: fax.localhost
timezone: UTC
state: {state}
lines:
  - {{name: friend, number: {friend}, use: [send]}}
  - {{name: cheap, number: {cheap}, identity: CHEAP LOANS, use: [send]}}
  - {{name: lab, number: {lab}, dtmf: "77", use: [send]}}
  - {{name: office, number: {office}, use: [receive], rings: 2}}
  - name: phone
    number: {phone}
    use: [receive]
    answer:
      - {{hours: "Mon-Fri 08:00-16:00", rings: 6}}
      - {{hours: "Mon-Fri 08:00-16:00", outside: true, rings: 1}}
  - name: closed
    number: {closed}
    use: [receive]
    answer:
      - {{called: {closed}, hours: "Mon-Fri 08:00-16:00", outside: true, never: true}}
routes:
  - {{name: junk, junk: true, reject: {reject}}}
  - {{name: lab, dtmf: "7*", deliver: [lab@example.org]}}
  - {{name: loans, tsi: CHEAP*, deliver: [loans@example.org]}}
  - {{name: rest, deliver: [office@example.org]}}
mail: {{sender: fax@fax.localhost, transport: {{type: maildir, directory: {state}/mail}}}}
"""
NUMBERS = {
    "friend": FRIEND,
    "cheap": CHEAP,
    "lab": LAB,
    "office": OFFICE,
    "phone": PHONE,
    "closed": CLOSED,
}


@dataclass(frozen=True)
class LoopClock:
    """The time of day, moving with the loop's time."""

    began: datetime

    def now(self) -> datetime:
        """Now."""
        return self.began + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass
class House:
    """A gateway's lines, answered."""

    store: Store
    lines: Mapping[str, PoolLine]
    events: asyncio.Queue[dict[str, object]]

    async def call(self, caller: str, number: str) -> CallReport:
        """Send one page from a line."""
        line = self.lines[caller]
        return await line.terminal.send(number, Charts([chart(1, 60)]), line.identity)

    async def faxes(self) -> list[ReceivedFax]:
        """Everything for which a line went off-hook, when it has ended."""
        while True:
            found = await self.store.received_list(10)
            if all(fax.ended_at for fax in found):
                return found
            await asyncio.sleep(1)

    def told(self, event: str) -> list[dict[str, object]]:
        """The events of that name so far."""
        all_of_them = [self.events.get_nowait() for _ in range(self.events.qsize())]
        return [each for each in all_of_them if each["event"] == event]


@asynccontextmanager
async def house(
    state: Path, at: datetime = MONDAY, reject: str = "unanswered", junk: str = ""
) -> AsyncIterator[House]:
    """The gateway of the configuration at that time of the week."""
    path = state / "gateway.yaml"
    path.write_text(CONFIG.format(state=state, reject=reject, **NUMBERS))
    (state / "junk.txt").write_text(junk)
    config = load(path)
    store = await Store.open(f"sqlite:///{state}/faxgate.db")
    clock, events, rules = LoopClock(at), Events(), PickingUp.of(config)
    lines = build_lines(config.lines, rings=rings_by(rules, clock))
    routing = routing_of(config)
    answering = Answering(store, lambda: routing, clock, events, rules)
    pool = Pool(lines, answering.answer, clock.now)
    answered = asyncio.create_task(pool.run())
    try:
        with events.watch() as heard:
            yield House(store, {line.name: line for line in lines}, heard)
    finally:
        answered.cancel()
        with suppress(asyncio.CancelledError):
            await answered
        await store.close()


def rung(report: CallReport) -> float:
    """Seconds from dialling to the connection."""
    return next(entry.seconds for entry in report.trace if entry.text == "connected")


@pytest.mark.parametrize(
    ("number", "at", "rings"),
    [(OFFICE, MONDAY, 2), (PHONE, MONDAY, 6), (PHONE, SUNDAY, 1), (CLOSED, MONDAY, 1)],
)
async def test_a_line_answers_at_its_ring(
    number: str, at: datetime, rings: int, tmp_path: Path
) -> None:
    """People have time to pick up in the day; at night the line answers at once."""
    async with house(tmp_path, at) as gateway:
        report = await gateway.call("friend", number)

    assert report.succeeded
    assert 5 * (rings - 1) <= rung(report) < 5 * rings


async def test_a_line_that_is_closed_rings_on(tmp_path: Path) -> None:
    """The far machine keeps its fax, and the log says which rule left it ringing."""
    async with house(tmp_path, SUNDAY) as gateway:
        report = await gateway.call("friend", CLOSED)

        assert report.dialled is Dialled.NO_ANSWER
        assert await gateway.faxes() == []
        assert gateway.told("not answered")[0]["cause"] == "rule 1 of `answer` of line 'closed'"


async def test_known_junk_is_never_answered(tmp_path: Path) -> None:
    """By its number, before off-hook; others get through meanwhile."""
    async with house(tmp_path, junk="+48700*\n") as gateway:
        junk, friend = await asyncio.gather(
            gateway.call("cheap", OFFICE), gateway.call("friend", PHONE)
        )

        assert junk.dialled is Dialled.NO_ANSWER
        assert friend.succeeded
        assert [fax.caller for fax in await gateway.faxes()] == [FRIEND]


async def test_junk_is_dropped_when_it_has_said_its_name(tmp_path: Path) -> None:
    """The call is answered, and ends before a page; a row tells that it came."""
    async with house(tmp_path, reject="dropped", junk="tsi: CHEAP*\n") as gateway:
        junk = await gateway.call("cheap", OFFICE)
        friend = await gateway.call("friend", OFFICE)
        newest, first = await gateway.faxes()

        assert junk.dialled is Dialled.CONNECTED
        assert not junk.succeeded
        assert not any(page.verdict.confirmed for page in junk.pages)
        assert (first.tsi.strip(), first.pages) == ("CHEAP LOANS", 0)
        assert friend.succeeded
        assert newest.pages == 1
        assert not await gateway.store.deliveries(first.id)


async def test_digits_that_a_caller_keys_in_choose_the_route(tmp_path: Path) -> None:
    """A line that tells them routes by them; they are kept with the fax."""
    async with house(tmp_path) as gateway:
        for caller in ("lab", "friend"):
            assert (await gateway.call(caller, OFFICE)).succeeded
        newest, first = await gateway.faxes()

        assert (first.dtmf, newest.dtmf) == ("77", "")
        went = [[d.to for d in await gateway.store.deliveries(fax.id)] for fax in (first, newest)]
        assert went == [["lab@example.org"], ["office@example.org"]]


async def test_a_crash_in_a_call_leaves_the_pages_to_whom_their_sender_is_for(
    tmp_path: Path,
) -> None:
    """From the first page on it is on disk who sends, and a route that asks for it counts."""
    async with house(tmp_path) as gateway:
        cheap = gateway.lines["cheap"]
        pages = Charts([chart(1, 60)] * 3)
        calling = asyncio.create_task(cheap.terminal.send(OFFICE, pages, cheap.identity))
        while not pages.confirmed_pages:
            await asyncio.sleep(1)
        fax = (await gateway.store.received_list(1))[0]
        assert fax.ended_at is None
        await gateway.store.expire(MONDAY + timedelta(days=1))

        assert (await gateway.store.received_list(1))[0].tsi.strip() == "CHEAP LOANS"
        assert [d.to for d in await gateway.store.deliveries(fax.id)] == ["loans@example.org"]
        await calling
