"""Received faxes, on both databases."""

from __future__ import annotations

from datetime import timedelta

from gateway.store.received import INTERRUPTED, LONGEST
from gateway.store.records import MailKind, OutgoingMail
from gateway.store.sheet import Heard
from modems.session import Hangup
from modems.terminal import PageQuality, PageVerdict
from tests.gateway.store.samples import (
    LEASE,
    OWNER,
    QUALITY,
    Desk,
    call_report,
    page,
    page_report,
    received_page,
)

TO = ("office@example.org", "archive@example.org")


async def ring(desk: Desk) -> int:
    """A call is answered."""
    return await desk.store.start_received("line 1", "+482", "+481", TO, desk.now)


async def add(desk: Desk, fax: int, number: int, verdict: PageVerdict = PageVerdict.MCF) -> bool:
    """A page comes in."""
    return await desk.store.add_received_page(fax, page(number), QUALITY, verdict)


async def owed(desk: Desk) -> list[OutgoingMail]:
    """Every mail that is due."""
    mails = []
    while mail := await desk.store.next_mail(desk.now, LEASE):
        mails.append(mail)
    return mails


async def test_a_fax_that_ended_owes_a_mail_to_each_address(desk: Desk) -> None:
    """The end of the call and the mails it makes owed are one transaction."""
    fax = await ring(desk)
    assert await add(desk, fax, 1)
    assert await add(desk, fax, 2)
    report = call_report([page_report(1), page_report(2)])

    assert await desk.store.end_received(fax, report, desk.now + timedelta(seconds=50))

    assert [(m.kind, m.to, m.received) for m in await owed(desk)] == []
    desk.clock.advance(timedelta(minutes=1))
    assert [(m.kind, m.to, m.received) for m in await owed(desk)] == [
        (MailKind.FAX, address, fax) for address in TO
    ]
    found = await desk.store.received(fax)
    assert found is not None
    assert (found.caller, found.called, found.tsi) == ("+481", "+482", report.remote_identity)
    assert (found.complete, found.pages, found.seconds) == (True, 2, report.seconds)
    assert await desk.store.received_report(fax) == report


async def test_pages_come_back_as_they_were_kept(desk: Desk) -> None:
    """Octets, form and quality of each page, in order."""
    fax = await ring(desk)
    await add(desk, fax, 1)
    await add(desk, fax, 2)

    assert await desk.store.received_pages(fax) == [received_page(1), received_page(2)]
    assert await desk.store.received_qualities(fax) == [QUALITY, QUALITY]


async def test_a_crash_leaves_a_fax_whose_caller_is_known(desk: Desk) -> None:
    """What was heard before a page is kept with it, and says who gets it; sealed stays sealed."""
    fax = await ring(desk)
    heard = Heard("LAB", "12", ("lab@example.org",), sealed=True)
    await desk.store.add_received_page(fax, page(1), QUALITY, PageVerdict.MCF, heard=heard)
    await desk.store.recover(OWNER, desk.now)

    found = await desk.store.received(fax)
    assert found is not None
    assert (found.tsi, found.subaddress, found.sealed) == ("LAB", "12", True)
    assert [mail.to for mail in await owed(desk)] == ["lab@example.org"]


async def test_a_rejected_page_gives_way_to_its_repetition(desk: Desk) -> None:
    """A page that was answered with RTN is replaced by its repetition; a confirmed one never."""
    fax = await ring(desk)
    await add(desk, fax, 1, PageVerdict.RTN)
    better = PageQuality(1143, 0, 0)

    assert await desk.store.add_received_page(fax, page(1), better, PageVerdict.MCF)
    assert not await add(desk, fax, 1)

    assert await desk.store.received_qualities(fax) == [better]


async def test_a_call_without_a_page_makes_no_mail(desk: Desk) -> None:
    """A wrong number leaves a row for the log, and nobody is bothered."""
    fax = await ring(desk)

    await desk.store.end_received(fax, call_report(status=Hangup.NO_ANSWER_T1), desk.now)

    assert await owed(desk) == []
    [found] = await desk.store.received_list(10)
    assert (found.id, found.pages, found.complete) == (fax, 0, False)


async def test_a_crash_delivers_what_was_confirmed(desk: Desk) -> None:
    """A fax left open by a stopped gateway is closed as incomplete, and its pages are delivered."""
    fax, empty = await ring(desk), await ring(desk)
    await add(desk, fax, 1)

    await desk.store.recover("another node", desk.now)
    assert await owed(desk) == []
    await desk.store.recover(OWNER, desk.now)

    assert [m.to for m in await owed(desk)] == list(TO)
    for number in (fax, empty):
        found = await desk.store.received(number)
        assert found is not None
        assert (found.complete, found.cause, found.ended_at) == (False, INTERRUPTED, desk.now)
    assert await desk.store.received_report(fax) is None


async def test_a_closed_fax_takes_nothing_more(desk: Desk) -> None:
    """Once a fax has been delivered no page is confirmed into it, and its end is not told twice."""
    fax = await ring(desk)
    await add(desk, fax, 1)
    await desk.store.end_received(fax, call_report(), desk.now)

    assert not await add(desk, fax, 2)
    assert not await desk.store.end_received(fax, call_report(), desk.now)

    assert len(await owed(desk)) == len(TO)


async def test_a_node_that_never_comes_back_keeps_no_fax(desk: Desk) -> None:
    """A call older than any call can be is closed by whoever notices."""
    fax = await ring(desk)
    await add(desk, fax, 1)

    await desk.store.expire(desk.now + LONGEST)
    assert await owed(desk) == []
    desk.clock.advance(LONGEST + timedelta(seconds=1))
    await desk.store.expire(desk.now)

    assert len(await owed(desk)) == len(TO)


async def test_each_address_gets_one_mail(desk: Desk) -> None:
    """An address that a route names twice gets the fax once."""
    fax = await desk.store.start_received("l", "", "", ["a@b", "a@b"], desk.now)
    await add(desk, fax, 1)

    await desk.store.end_received(fax, call_report(), desk.now)

    assert len(await owed(desk)) == 1


async def test_the_list_is_bounded_and_newest_first(desk: Desk) -> None:
    """`received_list` gives the newest faxes, at most as many as asked for."""
    numbers = [await ring(desk) for _ in range(3)]

    assert [f.id for f in await desk.store.received_list(2)] == numbers[:0:-1]
    assert await desk.store.received(99) is None
