"""Accepted mails and their rendering, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.store import Store
from gateway.store.jobs import PIECE, POISON, RENDER_TRIES
from gateway.store.records import DocumentRecord, Job, PageInfo, RecipientState
from modems.session import VR
from tests.gateway.store.samples import (
    DOCUMENTS,
    LEASE,
    NUMBER,
    OWNER,
    RENDITION,
    Desk,
    mail,
    page,
    pages,
)


async def test_an_accepted_mail_is_kept_as_it_came(desk: Desk) -> None:
    """The octets and the envelope come back unchanged."""
    raw = bytes(range(256)) * 1000

    number = await desk.store.accept(mail(raw=raw), desk.now)

    assert await desk.store.job(number) == Job(
        id=number,
        received_at=desk.now,
        sender="sender@example.org",
        raw=raw,
        client="192.0.2.1",
        user="anna",
        envid="e1",
    )


async def test_the_head_of_a_mail_is_read_alone(desk: Desk) -> None:
    """Who only needs a mail's header never has the whole mail in memory."""
    number = await desk.store.accept(mail(raw=b"Subject: x\r\n\r\n" + bytes(3 * PIECE)), desk.now)

    head = await desk.store.job_head(number)

    assert head
    assert (head.id, head.raw[:10], len(head.raw)) == (number, b"Subject: x", PIECE)
    assert await desk.store.job_head(99) is None


async def test_every_recipient_of_a_mail_waits_for_its_rendering(desk: Desk) -> None:
    """Recipients are accepted first, with their number and what they asked to be told."""
    await desk.accept("+481", "+482")

    view = await desk.store.queue_view(10)

    assert [(r.number, r.state, r.notify, r.pages) for r in view] == [
        ("+482", RecipientState.ACCEPTED, "FAILURE", 0),
        ("+481", RecipientState.ACCEPTED, "FAILURE", 0),
    ]


async def test_mails_are_rendered_once_in_their_order(desk: Desk) -> None:
    """Each mail is claimed by one worker, the oldest first."""
    first, second = await desk.accept(), await desk.accept()

    claimed = [await desk.store.next_to_render(desk.now, LEASE) for _ in range(3)]

    assert [job and job.id for job in claimed] == [first, second, None]


async def test_rendered_pages_queue_the_recipients(desk: Desk) -> None:
    """Pages, documents and the new state are one transaction."""
    number = await desk.accept()
    await desk.store.next_to_render(desk.now, LEASE)

    assert await desk.store.rendered(number, DOCUMENTS, pages(2), desk.now)

    [seen] = await desk.store.queue_view(10)
    assert (seen.state, seen.due, seen.pages) == (RecipientState.QUEUED, desk.now, 2)
    assert await desk.store.documents(number) == list(DOCUMENTS)
    assert await desk.store.page(number, 2) == page(2)
    assert await desk.store.pages(number) == [
        PageInfo(n, 1728, 1143, VR.R8_STANDARD, page(n).bits, len(page(n).mmr), RENDITION)
        for n in (1, 2)
    ]


async def test_a_page_that_is_not_there_is_an_error(desk: Desk) -> None:
    """Asking for a page beyond the last one raises LookupError."""
    number = await desk.queue(count=1)

    with pytest.raises(LookupError):
        await desk.store.page(number, 2)


async def test_a_refused_mail_fails_with_receipts(desk: Desk) -> None:
    """Recipients fail with the reason, documents keep theirs, and each is owed a receipt."""
    number = await desk.accept("+481", "+482")
    documents = (DocumentRecord("a.pdf", "application/pdf", 0, "It is encrypted."),)

    assert await desk.store.render_failed(number, documents, "Nothing to send.", desk.now)

    view = await desk.store.queue_view(10)
    assert {(r.state, r.status, r.cause) for r in view} == {
        (RecipientState.FAILED, "5.6.0", "Nothing to send.")
    }
    assert await desk.store.documents(number) == list(documents)
    owed = [await desk.store.next_mail(desk.now, LEASE) for _ in range(3)]
    assert [m and m.recipient for m in owed] == [1, 2, None]


async def test_the_first_result_counts(desk: Desk) -> None:
    """A second rendering of the same mail changes nothing."""
    number = await desk.queue(count=2)

    assert not await desk.store.rendered(number, DOCUMENTS, pages(5), desk.now)
    assert not await desk.store.render_failed(number, (), "too late", desk.now)

    assert len(await desk.store.pages(number)) == 2


async def test_an_abandoned_rendering_is_repeated(desk: Desk) -> None:
    """A mail whose worker fell silent is rendered again after its lease, unless it was renewed."""
    number = await desk.accept()
    await desk.store.next_to_render(desk.now, LEASE)
    await desk.store.renew_rendering(number, desk.now + 2 * LEASE)

    assert await desk.store.next_to_render(desk.now + LEASE, LEASE) is None
    again = await desk.store.next_to_render(desk.now + 2 * LEASE, LEASE)

    assert again is not None
    assert again.id == number


async def test_a_restart_renders_at_once_what_it_was_rendering(desk: Desk) -> None:
    """After `recover` the owner's own renderings need not wait for their leases."""
    number = await desk.accept()
    await desk.store.next_to_render(desk.now, LEASE)
    desk.store.render_changed.clear()

    await desk.store.recover("another node", desk.now)
    assert await desk.store.next_to_render(desk.now, LEASE) is None
    await desk.store.recover(OWNER, desk.now)

    assert desk.store.render_changed.is_set()
    again = await desk.store.next_to_render(desk.now, LEASE)
    assert again is not None
    assert again.id == number


async def test_a_stop_in_good_order_is_not_held_against_a_mail(desk: Desk) -> None:
    """A rendering that was given back is due at once, and costs the mail none of its tries."""
    number = await desk.accept()
    for _ in range(RENDER_TRIES + 1):
        job = await desk.store.next_to_render(desk.now, LEASE)
        assert job is not None
        await desk.store.release_rendering(number)

    await desk.store.rendered(number, DOCUMENTS, pages(1), desk.now)
    await desk.store.release_rendering(number)

    assert await desk.store.next_to_render(desk.now, LEASE) is None


async def test_a_mail_that_kills_its_renderer_is_given_up(desk: Desk) -> None:
    """After three renderings without a result the mail fails with a receipt; others go on."""
    await desk.accept()
    for _ in range(RENDER_TRIES):
        assert await desk.store.next_to_render(desk.now, LEASE) is not None
        desk.clock.advance(timedelta(hours=1))
    healthy = await desk.accept()

    job = await desk.store.next_to_render(desk.now, LEASE)

    assert job is not None
    assert job.id == healthy
    poisoned = await desk.store.recipient(1)
    assert poisoned is not None
    assert (poisoned.state, poisoned.cause) == (RecipientState.FAILED, POISON)
    assert await desk.store.next_mail(desk.now, LEASE) is not None


async def test_a_cancelled_recipient_is_not_queued_by_its_pages(desk: Desk) -> None:
    """Rendering queues only the recipients that still wait."""
    number = await desk.accept("+481", "+482")
    await desk.store.cancel(1, desk.now)

    await desk.store.rendered(number, DOCUMENTS, pages(1), desk.now)

    assert [r.state for r in await desk.store.queue_view(10)] == [
        RecipientState.QUEUED,
        RecipientState.CANCELLED,
    ]


async def test_a_mail_without_pages_or_out_of_order_is_a_bug(desk: Desk) -> None:
    """Pages count from 1 without a gap, and there is at least one."""
    number = await desk.accept()

    for wrong in ([], [page(2)], [page(1), page(1)]):
        with pytest.raises(AssertionError):
            await desk.store.rendered(number, (), wrong, desk.now)


async def test_two_workers_never_render_the_same_mail(desk: Desk, store: Store) -> None:
    """Concurrent claims of renderings are disjoint."""
    numbers = [await desk.accept(NUMBER) for _ in range(5)]

    claimed = await asyncio.gather(*(store.next_to_render(desk.now, LEASE) for _ in range(5)))

    assert sorted(job.id for job in claimed if job) == numbers
