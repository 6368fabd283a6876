"""A call that breaks and its repeat, answered for a store on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.clock import SettableClock
from gateway.events import Events
from gateway.onramp.repeats import Repeats, related
from gateway.store import Store
from gateway.store.records import MailKind
from modems.session import Hangup
from modems.terminal import PageVerdict
from tests.gateway.onramp.sheets import CUT, letter, sheet
from tests.gateway.store.samples import LEASE, NOW, OWNER, call_report

CALLER, CALLED = "+48221000001", "+48222000002"
OFFICE, ARCHIVE = "office@example.org", "archive"
WITHIN = timedelta(minutes=30)


class House:
    """A store that is called."""

    def __init__(self, store: Store, within: timedelta = WITHIN) -> None:
        self.store = store
        self.clock = SettableClock(NOW)
        self.repeats = Repeats(store, within, Events())

    async def call(
        self,
        *seeds: int,
        cut: int = 0,
        caller: str = CALLER,
        called: str = CALLED,
        to: tuple[str, ...] = (OFFICE,),
        tsi: str = "+48 22 100 00 01",
    ) -> int:
        """A call with these pages; it broke in the middle of a page with the seed `cut`."""
        store, now = self.store, self.clock.now()
        fax = await store.start_received("line", called, caller, to, now)
        for number, seed in enumerate(seeds, 1):
            await self._add(fax, number, seed, 2200, PageVerdict.MCF)
        if cut:
            await self._add(fax, len(seeds) + 1, cut, 1200, CUT)
        self.clock.advance(timedelta(minutes=1))
        status = Hangup.PHASE_C_RECEIVE if cut else Hangup.NORMAL
        report = replace(call_report(status=status), remote_identity=tsi)
        join = await self.repeats.join(fax, report, to)
        assert await store.end_received(fax, report, self.clock.now(), to, join)
        self.clock.advance(timedelta(minutes=1))
        return fax

    async def _add(self, fax: int, number: int, seed: int, rows: int, verdict: PageVerdict) -> None:
        header = f"{self.clock.now():%H:%M} P. {number}"
        came = sheet(number, letter(seed, header=header), rows=rows, verdict=verdict)
        assert await self.store.add_received_page(fax, came.page, came.quality, verdict)

    async def places(self, fax: int) -> list[tuple[int, int]]:
        """Which page of which call each page of a fax is."""
        return [(s.fax, s.page.number) for s in await self.store.sheets_at_rest(fax)]


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    """An empty one."""
    async with opened(url) as store:
        yield House(store)


@asynccontextmanager
async def opened(at: str) -> AsyncIterator[Store]:
    """A store, closed again."""
    store = await Store.open(at, owner=OWNER)
    try:
        yield store
    finally:
        await store.close()


async def test_the_second_fax_holds_every_page_once(house: House) -> None:
    """A repeat goes out as one document, which names what it replaces; both calls are kept."""
    broken = await house.call(1, 2, cut=3)
    whole = await house.call(3, 4)

    assert await house.places(whole) == [(broken, 1), (broken, 2), (whole, 1), (whole, 2)]
    assert [page.number for page in await house.store.received_pages(whole)] == [1, 2, 3, 4]
    found, earlier = await house.store.received(whole), await house.store.received(broken)
    assert found
    assert earlier
    assert [each.id for each in found.replaces] == [broken]
    assert (found.complete, earlier.replaced_by, found.follows) == (True, whole, None)
    assert len(await house.store.received_pages(broken)) == 3


async def test_a_restart_between_the_calls_changes_nothing(url: str) -> None:
    """The pages before the break are found again by another process, also after a kill."""
    async with opened(url) as store:
        house = House(store)
        broken = await store.start_received("line", CALLED, CALLER, (OFFICE,), NOW)
        await house._add(broken, 1, 1, 2200, PageVerdict.MCF)
    async with opened(url) as store:
        await store.recover(OWNER, NOW)
        whole = await House(store).call(1, 2)
        found = await store.received(whole)
        assert found
        assert [each.id for each in found.replaces] == [broken]


async def test_two_complete_faxes_that_are_alike_are_two(house: House) -> None:
    """Whoever sends the same pages twice in full means it."""
    await house.call(1, 2)
    second = await house.call(1, 2)
    found = await house.store.received(second)
    assert found
    assert (found.replaces, found.follows) == ((), None)


async def test_in_doubt_both_are_delivered_and_it_is_said(house: House) -> None:
    """Pages that cannot be told to belong to the broken fax are delivered by themselves."""
    broken = await house.call(1, 2, cut=3)
    other = await house.call(8, 9)
    found = await house.store.received(other)
    assert found
    assert found.follows
    assert (found.replaces, found.follows.id) == ((), broken)
    assert await house.places(other) == [(other, 1), (other, 2)]


async def test_calls_that_break_again_and_again_end_in_one_fax(house: House) -> None:
    """What three calls brought, each from the page on that had failed, is one document."""
    first = await house.call(1, cut=2)
    second = await house.call(2, cut=3)
    third = await house.call(3, 4)
    assert await house.places(third) == [(first, 1), (second, 1), (third, 1), (third, 2)]
    found = await house.store.received(third)
    assert found
    assert [each.id for each in found.replaces] == [second]


@pytest.mark.parametrize(
    "other",
    [{"caller": "+48229999999"}, {"tsi": "SOMEBODY ELSE"}, {"called": "+48223", "to": (ARCHIVE,)}],
    ids=str,
)
async def test_only_the_same_caller_at_the_same_place_repeats(
    house: House, other: dict[str, object]
) -> None:
    """Another number, another machine, or another called number is another fax."""
    await house.call(1, cut=2)
    second = await house.call(1, 2, **other)  # type: ignore[arg-type]
    found = await house.store.received(second)
    assert found
    assert (found.replaces, found.follows) == ((), None)


async def test_the_window_ends(house: House) -> None:
    """A fax that comes later than that is one by itself."""
    await house.call(1, cut=2)
    house.clock.advance(WITHIN)
    late = await house.call(1, 2)
    found = await house.store.received(late)
    assert found
    assert (found.replaces, found.follows) == ((), None)


async def test_the_whole_goes_to_whoever_got_the_part(house: House) -> None:
    """Routes may send the repeat elsewhere; who has the incomplete fax gets the complete one."""
    await house.call(1, cut=2, to=(OFFICE,))
    whole = await house.call(1, 2, to=(ARCHIVE,))
    assert {each.to for each in await house.store.deliveries(whole)} == {OFFICE, ARCHIVE}
    mail = await house.store.next_mail(house.clock.now(), LEASE)
    assert mail is not None
    assert mail.kind is MailKind.FAX


async def test_zero_turns_it_off(url: str) -> None:
    """Without a window no fax is compared with another."""
    async with opened(url) as store:
        house = House(store, timedelta())
        await house.call(1, cut=2)
        found = await store.received(await house.call(1, 2))
        assert found
        assert (found.replaces, found.follows) == ((), None)


async def test_a_fax_is_replaced_once(house: House) -> None:
    """A further repeat of what has been made whole is a fax by itself."""
    broken = await house.call(1, cut=2)
    whole, third = await house.call(1, 2), await house.call(1, 2)
    earlier, found = await house.store.received(broken), await house.store.received(third)
    assert earlier
    assert found
    assert (earlier.replaced_by, found.replaces) == (whole, ())


async def test_a_withheld_number_needs_a_name(house: House) -> None:
    """Callers without a number are the same where their machines say the same, else nobody."""
    broken = await house.call(1, cut=2, caller="")
    fax = await house.store.received(broken)
    assert fax
    assert related(fax, replace(fax, id=9))
    assert not related(replace(fax, tsi=""), replace(fax, tsi=""))
