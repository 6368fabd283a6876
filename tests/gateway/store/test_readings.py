"""What is seen and read on received pages, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.store import Store
from gateway.store.readings import LEASE, TRIES, ReadPage
from gateway.store.records import OutgoingMail, PageContent
from gateway.store.sheet import Join
from modems.terminal import PageVerdict
from tests.gateway.store.samples import OWNER, QUALITY, Desk, call_report, page, received_page

WAIT = timedelta(seconds=60)


@pytest.fixture(name="reading")
async def _reading(url: str) -> AsyncIterator[Desk]:
    """A store whose faxes are read; only the archive does not wait for it."""
    store = await Store.open(
        url,
        owner=OWNER,
        patience=lambda to: timedelta(0) if to == "archive" else WAIT,
    )
    yield Desk(store)
    await store.close()


async def fax_of(desk: Desk, pages: int = 2, join: Join | None = None) -> int:
    """A fax of so many pages has come in, for an address and the archive."""
    store = desk.store
    fax = await store.start_received("isdn", "+482", "+481", ["a@b.example", "archive"], desk.now)
    for number in range(1, pages + 1):
        await store.add_received_page(fax, page(number), QUALITY, PageVerdict.MCF)
    await store.end_received(fax, call_report(), desk.now, join=join)
    return fax


async def due(desk: Desk) -> list[str]:
    """To whom mails are due now."""
    found: list[OutgoingMail] = []
    while mail := await desk.store.next_mail(desk.now, timedelta(hours=1)):
        found.append(mail)
    return [mail.to for mail in found]


def text(number: int, turned: int = 0) -> ReadPage:
    """What was read on a page."""
    return ReadPage(number, turned, "", f"text {number}".encode())


async def read(desk: Desk, fax: int, *texts: ReadPage) -> None:
    """These pages of a claimed fax are read."""
    for each in texts:
        await desk.store.readings.keep(fax, each, desk.now + LEASE)


async def test_deliveries_wait_for_the_text_and_no_longer(reading: Desk) -> None:
    """What takes no text goes at once, the rest when the fax is read, or its patience ends."""
    await fax_of(reading)
    assert await due(reading) == ["archive"]
    reading.clock.advance(WAIT - timedelta(seconds=1))
    assert await due(reading) == []
    reading.clock.advance(timedelta(seconds=1))
    assert await due(reading) == ["a@b.example"]

    later = await fax_of(reading)
    assert await reading.store.readings.claim(reading.now) is not None
    await reading.store.readings.done(later, reading.now)
    assert sorted(await due(reading)) == ["a@b.example", "archive"]


async def test_a_fax_that_is_read_hurries_no_repeated_delivery(reading: Desk) -> None:
    """A delivery that failed keeps its own next try."""
    fax = await fax_of(reading)
    reading.clock.advance(WAIT)
    mail = await reading.store.next_mail(reading.now, timedelta(hours=1))
    assert mail is not None
    await reading.store.mail_later(mail.id, reading.now + timedelta(hours=1), "refused")
    await due(reading)

    await reading.store.readings.done(fax, reading.now)

    assert await due(reading) == []


async def test_pages_are_read_in_order_and_once(reading: Desk) -> None:
    """Each page's text is durable by itself: the next look goes on behind it."""
    store, fax = reading.store, await fax_of(reading)
    assert await store.readings.state(fax) == "waiting"
    assert await store.readings.claim(reading.now) == fax
    assert await store.readings.claim(reading.now) is None
    assert await store.readings.next_page(fax) == received_page(1)
    await read(reading, fax, text(1))
    assert await store.readings.next_page(fax) == received_page(2)
    await read(reading, fax, text(2, turned=180))

    assert await store.readings.next_page(fax) is None
    await store.readings.done(fax, reading.now)
    assert await store.readings.state(fax) == "read"
    assert await store.readings.texts(fax) == [text(1), text(2, turned=180)]
    found = await store.received(fax)
    assert found is not None
    assert (found.upside_down, found.sideways) == ((2,), ())


async def test_a_gateway_that_dies_at_a_page_tries_it_so_often(reading: Desk) -> None:
    """What it was reading waits again after a restart, but not for ever; nothing else is lost."""
    store, fax = reading.store, await fax_of(reading)
    for _ in range(TRIES):
        assert await store.readings.claim(reading.now) == fax
        await store.readings.release(OWNER)

    assert await store.readings.claim(reading.now) is None
    assert await store.readings.state(fax) == "failed"
    assert sorted(await due(reading)) == ["a@b.example", "archive"]


async def test_a_page_that_was_read_begins_the_count_anew(reading: Desk) -> None:
    """A long fax survives any number of restarts as long as it gets on."""
    store, fax = reading.store, await fax_of(reading, pages=TRIES + 2)
    for number in range(1, TRIES + 3):
        assert await store.readings.claim(reading.now) == fax
        await read(reading, fax, text(number))
        await store.readings.release(OWNER)

    assert await store.readings.next_page(fax) is None


async def test_an_orderly_stop_is_not_held_against_a_fax(reading: Desk) -> None:
    """Given back as often as one likes."""
    store, fax = reading.store, await fax_of(reading)
    for _ in range(TRIES + 2):
        assert await store.readings.claim(reading.now) == fax
        await store.readings.give_back(fax)


async def test_another_gateway_takes_over_when_the_lease_ends(reading: Desk) -> None:
    """The one that had it may have died."""
    store, fax = reading.store, await fax_of(reading)
    assert await store.readings.claim(reading.now) == fax
    await store.readings.release("another node")
    assert await store.readings.claim(reading.now) is None
    reading.clock.advance(LEASE)

    assert await store.readings.claim(reading.now) == fax


async def test_a_fax_can_be_read_again(reading: Desk, desk: Desk) -> None:
    """Also one that came when nothing was read; not one that is not there."""
    store, fax = reading.store, await fax_of(reading, pages=1)
    await store.readings.claim(reading.now)
    await read(reading, fax, text(1))
    await store.readings.done(fax, reading.now)

    assert await store.readings.again(fax)
    assert await store.readings.state(fax) == "waiting"
    assert await store.readings.texts(fax) == []
    assert not await store.readings.again(99)
    del desk


async def test_without_reading_nothing_waits(desk: Desk) -> None:
    """A store that was told of no patience owes no reading."""
    fax = await fax_of(desk)

    assert sorted(await due(desk)) == ["a@b.example", "archive"]
    assert await desk.store.readings.state(fax) == ""
    assert await desk.store.readings.claim(desk.now) is None


async def test_marks_are_those_of_the_page_that_is_kept(desk: Desk) -> None:
    """A blank page that is sent again with ink is no longer blank."""
    store = desk.store
    fax = await store.start_received("isdn", "+482", "+481", [], desk.now)
    blank = PageContent.BLANK
    await store.add_received_page(fax, page(1), QUALITY, PageVerdict.RTN, blank)
    await store.add_received_page(fax, page(1), QUALITY, PageVerdict.MCF)
    await store.add_received_page(fax, page(2), QUALITY, PageVerdict.MCF, blank)
    await store.add_received_page(fax, page(3), QUALITY, PageVerdict.MCF, PageContent.HEADER_ONLY)

    assert await store.readings.contents(fax) == {2: blank, 3: PageContent.HEADER_ONLY}
    for found in (await store.received(fax), (await store.received_list(1))[0]):
        assert found is not None
        assert (found.blank, found.header_only) == ((2,), (3,))


async def test_a_joined_fax_has_the_texts_and_marks_of_all_its_pages(reading: Desk) -> None:
    """Under the numbers that they have in the whole."""
    store = reading.store
    first = await store.start_received("isdn", "+482", "+481", ["a@b.example"], reading.now)
    await store.add_received_page(first, page(1), QUALITY, PageVerdict.MCF, PageContent.BLANK)
    await store.end_received(first, call_report(), reading.now)
    join = Join(((first, 1), (first + 1, 1), (first + 1, 2)), (first,))
    whole = await fax_of(reading, join=join)
    for fax, texts in ((first, [text(1)]), (whole, [text(1, turned=90), text(2)])):
        assert await store.readings.claim(reading.now) == fax
        await read(reading, fax, *texts)

    assert [(t.number, t.lines) for t in await store.readings.texts(whole)] == [
        (1, b"text 1"),
        (2, b"text 1"),
        (3, b"text 2"),
    ]
    found = await store.received(whole)
    assert found is not None
    assert (found.blank, found.sideways) == ((1,), (2,))
