"""What an administrator may do to a recipient, on both databases."""

from __future__ import annotations

from datetime import timedelta

from gateway.retry import Later, Never, Sent
from gateway.store.recipients import NO_LINE
from gateway.store.records import MailKind, RecipientState
from tests.gateway.store.samples import LEASE, OWNER, Desk, call_report, mail


async def test_a_waiting_recipient_can_be_called_now(desk: Desk) -> None:
    """A deferred recipient becomes due at once."""
    await desk.queue()
    claim = await desk.claim()
    later = Later(desk.now + timedelta(hours=1), "busy", "4.4.1")
    await desk.store.finish(claim, call_report(), later, desk.now)

    assert await desk.store.retry_now(claim.recipient, desk.now)

    assert (await desk.claim()).recipient == claim.recipient


async def test_a_failed_recipient_starts_afresh_where_it_stopped(desk: Desk) -> None:
    """Retrying a failed fax gives it all of its tries, and sends no confirmed page again."""
    await desk.queue(count=2)
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    await desk.store.finish(claim, call_report(), Never("gave up", "4.4.2"), desk.now)

    assert await desk.store.retry_now(claim.recipient, desk.now)

    seen = await desk.store.recipient(claim.recipient)
    assert seen is not None
    assert (seen.state, seen.cause, seen.ended_at) == (RecipientState.QUEUED, "", None)
    again = await desk.claim()
    assert (again.tries, again.pages_confirmed, again.attempt) == (0, 1, 2)


async def test_what_has_no_pages_cannot_be_called(desk: Desk) -> None:
    """A recipient whose mail could not be rendered, or is not yet, is not retried."""
    await desk.accept()
    assert not await desk.store.retry_now(1, desk.now)
    await desk.store.render_failed(1, (), "bad", desk.now)

    assert not await desk.store.retry_now(1, desk.now)
    assert not await desk.store.retry_now(99, desk.now)


async def test_a_waiting_recipient_can_be_cancelled(desk: Desk) -> None:
    """A cancelled recipient is never called, and its sender is told."""
    await desk.queue()

    assert await desk.store.cancel(1, desk.now)

    assert await desk.store.claim(OWNER, desk.now, LEASE) is None
    receipt = await desk.store.next_mail(desk.now, LEASE)
    assert receipt is not None
    assert not await desk.store.cancel(1, desk.now)


async def test_a_call_under_way_is_not_cut(desk: Desk) -> None:
    """Neither cancel nor retry touches a recipient that is being called."""
    await desk.queue()
    claim = await desk.claim()

    assert not await desk.store.cancel(claim.recipient, desk.now)
    assert not await desk.store.retry_now(claim.recipient, desk.now)

    await desk.store.renew(claim, desk.now)


async def test_the_null_sender_gets_no_receipt(desk: Desk) -> None:
    """A mail from <> is answered by nothing, so that no two machines talk for ever."""
    await desk.store.accept(mail(sender=""), desk.now)

    await desk.store.cancel(1, desk.now)

    assert await desk.store.next_mail(desk.now, LEASE) is None


async def test_the_view_is_bounded_and_newest_first(desk: Desk) -> None:
    """`queue_view` gives the newest recipients, at most as many as asked for."""
    await desk.accept("+481", "+482", "+483")

    assert [r.number for r in await desk.store.queue_view(2)] == ["+483", "+482"]
    assert await desk.store.recipient(99) is None


async def test_who_never_got_a_line_is_given_up_and_told(desk: Desk) -> None:
    """A fax that no line was free for in all its time fails with RFC 3463's expired, once."""
    await desk.queue()
    allowed = timedelta(hours=12)
    desk.clock.advance(allowed - timedelta(seconds=1))
    assert await desk.store.give_up(desk.now, allowed) == []
    desk.clock.advance(timedelta(seconds=1))

    (found,) = await desk.store.give_up(desk.now, allowed)

    seen = await desk.store.recipient(found.recipient)
    assert seen
    assert (seen.state, seen.status, seen.cause) == (RecipientState.FAILED, "4.4.7", NO_LINE)
    assert await desk.store.next_mail(desk.now, LEASE) is not None
    assert await desk.store.give_up(desk.now, allowed) == []


async def test_who_is_called_or_taken_up_again_is_not_given_up(desk: Desk) -> None:
    """A call under way is left alone, and an operator's new try has the whole time again."""
    await desk.queue()
    allowed = timedelta(hours=12)
    desk.clock.advance(allowed)
    claim = await desk.claim()
    assert await desk.store.give_up(desk.now, allowed) == []
    await desk.store.finish(claim, call_report(), Never("gave up", "4.4.2"), desk.now)
    assert await desk.store.retry_now(claim.recipient, desk.now)
    desk.clock.advance(allowed - timedelta(seconds=1))

    assert await desk.store.give_up(desk.now, allowed) == []

    desk.clock.advance(timedelta(seconds=1))
    assert len(await desk.store.give_up(desk.now, allowed)) == 1


async def test_a_sender_is_told_of_a_delay_once(desk: Desk) -> None:
    """A fax that has been due for so long owes one mail, however often one looks."""
    await desk.queue()
    limit = timedelta(minutes=30)
    desk.clock.advance(limit - timedelta(seconds=1))
    assert await desk.store.tell_delays(desk.now, limit) == 0
    desk.clock.advance(timedelta(seconds=1))

    assert await desk.store.tell_delays(desk.now, limit) == 1
    assert await desk.store.tell_delays(desk.now, limit) == 0

    owed = await desk.store.next_mail(desk.now, LEASE)
    assert owed
    assert owed.kind is MailKind.DELAY
    assert await desk.store.next_mail(desk.now, LEASE) is None


async def test_a_fax_that_was_tried_and_waits_is_delayed(desk: Desk) -> None:
    """Also when its next try is not due yet."""
    await desk.queue()
    claim = await desk.claim()
    limit = timedelta(minutes=30)
    desk.clock.advance(limit)
    later = Later(desk.now + timedelta(minutes=10), "busy", "4.4.1")
    await desk.store.finish(claim, call_report(), later, desk.now)

    assert await desk.store.tell_delays(desk.now, limit) == 1


async def test_a_delay_is_of_no_concern_once_it_has_ended(desk: Desk) -> None:
    """What was sent in time owes its receipt and nothing else."""
    await desk.queue(count=1)
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    desk.clock.advance(timedelta(hours=1))
    await desk.store.finish(claim, call_report(), Sent(), desk.now)

    assert await desk.store.tell_delays(desk.now, timedelta(minutes=30)) == 0
