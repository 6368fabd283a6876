"""What is deleted when its time is over, and what never is, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.config.retention import Retention
from gateway.retry import Sent
from gateway.store import Store
from gateway.store.posted import Posted
from gateway.store.readings import ReadPage
from gateway.store.records import PageContent, RecipientState
from gateway.store.retention import Kind
from gateway.store.sheet import Join
from gateway.sweeper import Sweeper
from modems.session import Hangup
from modems.terminal import PageVerdict
from tests.gateway.store.samples import (
    LEASE,
    NUMBER,
    QUALITY,
    Desk,
    call_report,
    mail,
    page_report,
    received_page,
)

AGES = Retention()
CONTENT, RECORDS = AGES.mails, AGES.records
HOUR = timedelta(hours=1)


def sweeper(desk: Desk, ages: Retention = AGES) -> Sweeper:
    """Of the desk's store, by its clock."""
    return Sweeper(desk.store, ages, desk.clock, lambda *_, **__: None)


async def send(desk: Desk) -> int:
    """A mail is accepted, rendered and sent; its receipts are still owed. The job's number."""
    job = await desk.queue()
    claim = await desk.claim()
    for number in (1, 2):
        await desk.confirm(claim, number)
    report = call_report([page_report(1), page_report(2)])
    await desk.store.finish(claim, report, Sent(), desk.now)
    await desk.store.keep_explanation(job, {"why": "because"})
    return job


async def pay(desk: Desk) -> None:
    """Every owed mail is delivered."""
    while owed := await desk.store.next_mail(desk.now, LEASE):
        await desk.store.mail_sent(owed.id, desk.now)


async def receive(desk: Desk, *, join: Join | None = None, complete: bool = True) -> int:
    """A fax of two pages comes in."""
    store = desk.store
    fax = await store.start_received("line", "+482", "+481", ("office@example.org",), desk.now)
    for number in (1, 2):
        assert await store.add_received_page(fax, received_page(number), QUALITY, PageVerdict.MCF)
    report = call_report([page_report(1), page_report(2)])
    if not complete:
        report = replace(report, status=Hangup.PHASE_C_RECEIVE)
    assert await store.end_received(fax, report, desk.now, None, join)
    return fax


async def test_what_was_sent_loses_its_content_first_and_its_record_later(desk: Desk) -> None:
    """Mail, pages and reasons go at their age; who sent what to whom stays until its own."""
    job = await send(desk)
    await pay(desk)
    desk.clock.advance(CONTENT - HOUR)
    assert not any((await sweeper(desk).sweep()).values())

    desk.clock.advance(2 * HOUR)
    gone = await sweeper(desk).sweep()
    assert (gone["mails"], gone["pages"], gone["explanations"]) == (1, 1, 1)
    found = await desk.store.job(job)
    assert found
    assert (found.raw, await desk.store.pages(job)) == (b"", [])
    (recipient,) = await desk.store.recipients_of(job)
    assert recipient.state is RecipientState.SENT
    assert not await desk.store.retry_now(recipient.id, desk.now)

    desk.clock.advance(RECORDS)
    assert (await sweeper(desk).sweep())["records"] == 1
    assert await desk.store.job(job) is None
    assert await desk.store.recipient(recipient.id) is None


async def test_nothing_goes_while_a_receipt_is_owed(desk: Desk) -> None:
    """A receipt quotes the mail and shows its pages, however late it is delivered."""
    job = await send(desk)
    desk.clock.advance(2 * RECORDS)
    assert not any((await sweeper(desk).sweep()).values())
    assert await desk.store.pages(job)

    await pay(desk)
    await sweeper(desk).sweep()
    assert await desk.store.job(job) is None


async def test_nothing_goes_while_a_recipient_waits(desk: Desk) -> None:
    """One recipient that is queued, in a call or in doubt keeps the whole mail."""
    job = await desk.queue(NUMBER, "+48222000003")
    claim = await desk.claim()
    for number in (1, 2):
        await desk.confirm(claim, number)
    await desk.store.finish(claim, call_report(), Sent(), desk.now)
    await pay(desk)
    desk.clock.advance(2 * RECORDS)
    gone = await sweeper(desk).sweep()
    assert (gone["mails"], gone["pages"], gone["records"]) == (0, 0, 0)
    await desk.claim()
    desk.clock.advance(2 * RECORDS)
    await desk.store.expire(desk.now)
    gone = await sweeper(desk).sweep()
    assert (gone["mails"], gone["pages"], gone["records"]) == (0, 0, 0)
    assert len(await desk.store.pages(job)) == 2


async def test_a_mail_that_is_still_in_its_folder_stays(desk: Desk) -> None:
    """What is forgotten too early would be taken from the IMAP folder a second time."""
    key = Posted("box", 1, 7)
    job = await desk.store.accept_posted(key, "digest", mail(), desk.now)
    await desk.store.render_failed(job, (), "no", desk.now)
    await pay(desk)
    desk.clock.advance(2 * RECORDS)
    await sweeper(desk).sweep()
    assert await desk.store.posted(key) == job

    await desk.store.filed(key)
    await sweeper(desk).sweep()
    assert await desk.store.posted(key) is None


async def test_a_signed_mail_is_good_once_for_ever(desk: Desk) -> None:
    """The signature outlives everything else: an old mail is no new order."""
    signed = replace(mail(), signatures=("digest",))
    job = await desk.store.accept(signed, desk.now)
    await desk.store.render_failed(job, (), "no", desk.now)
    await pay(desk)
    desk.clock.advance(2 * RECORDS)
    assert (await sweeper(desk).sweep())["records"] == 1
    assert await desk.store.recipients_of(job) == []
    assert (await sweeper(desk).sweep())["records"] == 0
    again = await desk.store.accept(signed, desk.now)
    assert await desk.store.recipients_of(again) == []


async def test_a_received_fax_goes_after_every_delivery(desk: Desk) -> None:
    """Its pages are deleted at their age, unless a delivery is still under way."""
    fax = await receive(desk)
    desk.clock.advance(2 * CONTENT)
    assert (await sweeper(desk).sweep())["received"] == 0
    assert not await desk.store.retention.delete_received(fax, desk.now)
    await pay(desk)
    assert (await sweeper(desk).sweep())["received"] == 1
    found = await desk.store.received(fax)
    assert found
    assert found.pages == 0
    assert await desk.store.deliver_again(fax, ["a@example.org"], desk.now) is None

    desk.clock.advance(RECORDS)
    assert (await sweeper(desk).sweep())["records"] == 1
    assert (await desk.store.received(fax), await desk.store.deliveries(fax)) == (None, [])


async def test_a_call_that_lasts_is_not_touched(desk: Desk) -> None:
    """Pages of a call that has not ended are nobody's yet."""
    fax = await desk.store.start_received("line", "+482", "+481", (), desk.now)
    await desk.store.add_received_page(fax, received_page(), QUALITY, PageVerdict.MCF)
    desk.clock.advance(2 * RECORDS)
    assert not any((await sweeper(desk).sweep()).values())
    assert not await desk.store.retention.delete_received(fax, desk.now)


async def test_a_replaced_fax_stays_as_long_as_what_holds_its_pages(desk: Desk) -> None:
    """The earlier pages of a fax that was repeated are pages of the later one."""
    first = await receive(desk, complete=False)
    desk.clock.advance(HOUR)
    second = await receive(desk, join=Join(((first, 1), (2, 2)), (first,)))
    await pay(desk)
    assert not await desk.store.retention.delete_received(first, desk.now)
    desk.clock.advance(CONTENT - timedelta(minutes=30))
    assert (await sweeper(desk).sweep())["received"] == 0
    assert len(await desk.store.received_pages(second)) == 2

    desk.clock.advance(HOUR)
    assert (await sweeper(desk).sweep())["received"] == 1
    assert (await sweeper(desk).sweep())["received"] == 1
    assert await desk.store.received_pages(second) == []


async def test_the_administrator_deletes_a_fax(desk: Desk) -> None:
    """With its pages, its record and its deliveries; and nothing of another fax."""
    fax, other = await receive(desk), await receive(desk)
    await pay(desk)
    desk.clock.advance(HOUR)
    assert await desk.store.retention.delete_received(fax, desk.now)
    assert await desk.store.received(fax) is None
    assert len(await desk.store.received_pages(other)) == 2
    assert len(await desk.store.deliveries(other)) == 1
    assert not await desk.store.retention.delete_received(fax, desk.now)


async def test_zero_is_for_ever(desk: Desk) -> None:
    """What has no age is never deleted."""
    await send(desk)
    await receive(desk)
    await pay(desk)
    for_ever = Retention.model_validate(dict.fromkeys((kind.value for kind in Kind), "0"))
    desk.clock.advance(10 * RECORDS)
    assert await sweeper(desk, for_ever).sweep() == {}


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ({"received": "3 h"}, "too short"),
        ({"records": "20 d", "received": "10 d"}, "calendar months"),
        ({"records": "60 d"}, "at least as long"),
        ({"mails": "0"}, "at least as long"),
    ],
)
def test_ages_that_make_no_sense_are_refused(ages: dict[str, str], said: str) -> None:
    """A fax gone before its repeat, or a record before what it tells of, is a mistake."""
    with pytest.raises(ValueError, match=said):
        Retention.model_validate(ages)


async def test_a_large_mail_goes_in_small_pieces(desk: Desk) -> None:
    """Between two of them others commit: nobody waits for the whole of it."""
    job = await desk.store.accept(mail(raw=bytes(30_000_000)), desk.now)
    await desk.store.render_failed(job, (), "no", desk.now)
    await pay(desk)
    desk.clock.advance(CONTENT + HOUR)
    commits = 0
    done = asyncio.Event()

    async def others(store: Store) -> None:
        nonlocal commits
        while not done.is_set():
            await store.filed(Posted("nothing", 1, 1))
            commits += 1

    async with asyncio.TaskGroup() as group:
        group.create_task(others(desk.store))
        assert (await sweeper(desk).sweep())["mails"] == 1
        done.set()
    assert commits >= 30_000_000 // (256 * 1024 * 16)


async def test_room_that_was_given_back_is_used_again(desk: Desk, url: str) -> None:
    """The file of SQLite does not grow while as much is deleted as comes."""
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL's own vacuum sees to it")
    path = url.removeprefix("sqlite:///")
    sizes = []
    for _ in range(3):
        job = await desk.store.accept(mail(raw=bytes(4_000_000)), desk.now)
        await desk.store.render_failed(job, (), "no", desk.now)
        await pay(desk)
        desk.clock.advance(CONTENT + HOUR)
        await sweeper(desk).sweep()
        with closing(sqlite3.connect(path)) as database:
            (pages,) = database.execute("pragma page_count").fetchone()
        sizes.append(pages)
    assert sizes[2] <= sizes[0] * 1.02


async def test_what_was_read_goes_with_the_pages(desk: Desk) -> None:
    """The text of a page is its content; that the fax came stays known as long as its record."""
    store = desk.store
    fax = await store.start_received("line", "+482", "+481", (), desk.now)
    blank = PageContent.BLANK
    await store.add_received_page(fax, received_page(), QUALITY, PageVerdict.MCF, blank)
    await store.end_received(fax, call_report(), desk.now)
    await store.readings.again(fax)
    await store.readings.keep(fax, ReadPage(1, 0, "", b"text"), desk.now)
    await store.readings.done(fax, desk.now)
    desk.clock.advance(timedelta(days=1))

    assert await store.retention.sweep(Kind.RECEIVED, desk.now) == 1
    assert await store.readings.texts(fax) == []
    assert await store.received(fax) is not None
    assert await store.retention.sweep(Kind.RECORDS, desk.now) == 1
    assert await store.received(fax) is None
