"""What a crash leaves, and what becomes of it, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.store.records import AttemptOutcome, RecipientState, Resolution
from gateway.store.recovery import INTERRUPTED, LOST, LOST_LIMIT, InDoubt
from tests.gateway.store.samples import LEASE, NUMBER, OWNER, Desk


async def lose(desk: Desk) -> int:
    """The gateway is killed and started again."""
    return await desk.store.recover(OWNER, desk.now)


async def test_an_expired_call_is_unknown_and_nobodys(desk: Desk) -> None:
    """A call whose lease ended goes to unknown, never straight back to the queue."""
    await desk.queue()
    claim = await desk.claim()

    assert await desk.store.expire(desk.now + LEASE) == 1

    [seen] = await desk.store.queue_view(1)
    assert seen.state is RecipientState.UNKNOWN
    assert await desk.store.claim(OWNER, desk.now + LEASE, LEASE) is None
    [attempt] = await desk.store.attempts(claim.recipient)
    assert (attempt.outcome, attempt.cause, attempt.report) == (AttemptOutcome.LOST, LOST, None)


async def test_a_restart_ends_its_own_leases_only(desk: Desk) -> None:
    """`recover` takes what the same node held, at once, and nothing of another node."""
    await desk.queue("+481", "+482")
    await desk.claim(OWNER)
    await desk.claim("another")

    assert await lose(desk) == 1

    states = {r.number: r.state for r in await desk.store.queue_view(10)}
    assert states == {"+481": RecipientState.UNKNOWN, "+482": RecipientState.CALLING}


@pytest.mark.parametrize("policy", ["report", "resend"])
async def test_a_call_without_a_page_in_doubt_goes_on(desk: Desk, policy: InDoubt) -> None:
    """Nothing may have arrived unseen: the fax is due at once, from its first unconfirmed page."""
    await desk.queue(count=3)
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    await lose(desk)

    resolved = await desk.store.resolve_unknown(desk.now, policy)

    assert resolved == [Resolution(claim.recipient, RecipientState.QUEUED, LOST)]
    again = await desk.claim()
    assert (again.pages_confirmed, again.attempt, again.tries) == (1, 2, 0)


async def test_a_page_in_doubt_is_reported(desk: Desk) -> None:
    """The receipt names the pages that arrived, the one that may have, and those that did not."""
    await desk.queue(count=5)
    claim = await desk.claim()
    for number in (1, 2):
        await desk.confirm(claim, number)
    await desk.store.confirming(claim, 3)
    await lose(desk)

    await desk.store.resolve_unknown(desk.now, "report")

    seen = await desk.store.recipient(claim.recipient)
    assert seen is not None
    assert (seen.state, seen.status) == (RecipientState.FAILED, INTERRUPTED)
    assert seen.cause == (
        "The gateway was stopped while page 3 was being confirmed. Pages 1 to 2 were confirmed. "
        "Page 3 may or may not have arrived. Pages 4 to 5 were not sent."
    )
    receipt = await desk.store.next_mail(desk.now, LEASE)
    assert receipt is not None
    assert receipt.recipient == claim.recipient


async def test_the_only_page_in_doubt_is_all_there_is_to_say(desk: Desk) -> None:
    """A one-page fax in doubt has no other pages to speak of."""
    await desk.queue(count=1)
    claim = await desk.claim()
    await desk.store.confirming(claim, 1)
    await lose(desk)

    [resolved] = await desk.store.resolve_unknown(desk.now, "report")

    assert resolved.cause == (
        "The gateway was stopped while page 1 was being confirmed. "
        "Page 1 may or may not have arrived."
    )


async def test_a_page_in_doubt_is_sent_again_where_that_is_wanted(desk: Desk) -> None:
    """With `resend` the doubtful page is the first of the next call."""
    await desk.queue(count=3)
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    await desk.store.confirming(claim, 2)
    await lose(desk)

    [resolved] = await desk.store.resolve_unknown(desk.now, "resend")

    assert resolved.state is RecipientState.QUEUED
    assert (await desk.claim()).pages_confirmed == 1


async def test_a_doubt_of_an_earlier_call_is_over(desk: Desk) -> None:
    """Only the lost call's own page can be in doubt, not one that was sent again since."""
    await desk.queue(count=2)
    first = await desk.claim()
    await desk.store.confirming(first, 1)
    await lose(desk)
    await desk.store.resolve_unknown(desk.now, "resend")
    await desk.claim()
    await lose(desk)

    [resolved] = await desk.store.resolve_unknown(desk.now, "report")

    assert resolved.state is RecipientState.QUEUED


async def test_a_fax_whose_every_page_was_confirmed_is_sent(desk: Desk) -> None:
    """The far end answered for the last page; only our own note of the end is missing."""
    await desk.queue(count=2)
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    await desk.confirm(claim, 2)
    await lose(desk)

    [resolved] = await desk.store.resolve_unknown(desk.now, "report")

    assert resolved == Resolution(claim.recipient, RecipientState.SENT, "")
    assert await desk.store.next_mail(desk.now, LEASE) is not None


async def test_a_fax_that_takes_the_gateway_down_is_given_up(desk: Desk) -> None:
    """After five lost calls of one recipient it fails with a receipt, even with `resend`."""
    await desk.queue()
    states = []
    for _ in range(LOST_LIMIT):
        await desk.claim()
        await lose(desk)
        [resolved] = await desk.store.resolve_unknown(desk.now, "resend")
        states.append(resolved.state)

    assert states == [RecipientState.QUEUED] * (LOST_LIMIT - 1) + [RecipientState.FAILED]


async def test_an_unknown_call_does_not_hold_its_number_for_ever(desk: Desk) -> None:
    """Another fax to that number may be called once the lost call is unknown."""
    await desk.queue(NUMBER)
    await desk.queue(NUMBER)
    await desk.claim()
    desk.clock.advance(timedelta(hours=1))
    await desk.store.expire(desk.now)

    assert (await desk.claim()).recipient == 2


async def test_nothing_lost_is_nothing_to_do(desk: Desk) -> None:
    """Recovery of a quiet store changes nothing."""
    await desk.queue()
    before = await desk.store.queue_view(10)

    assert await lose(desk) == 0
    assert await desk.store.expire(desk.now) == 0
    assert await desk.store.resolve_unknown(desk.now, "report") == []

    assert await desk.store.queue_view(10) == before
