"""The queue's promises, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.options import Options, Priority
from gateway.retry import Later, Never, Sent
from gateway.store import ClaimLost, StoreError, queue
from gateway.store.engine import Database, Node, Transaction, parse_url
from gateway.store.records import AttemptOutcome, Claim, RecipientState
from modems.session import Dialled, Hangup
from modems.terminal import PageVerdict
from tests.gateway.store.samples import LEASE, NUMBER, OWNER, Desk, call_report, page_report

OTHER = "+48223000003"


async def state_of(desk: Desk, recipient: int) -> RecipientState:
    """Where a recipient stands."""
    found = await desk.store.recipient(recipient)
    assert found is not None
    return found.state


async def test_a_claim_says_all_that_a_call_needs(desk: Desk) -> None:
    """A claim carries number, fence, pages and age."""
    job = await desk.queue(count=3)

    claim = await desk.claim()

    assert claim == Claim(
        recipient=1,
        job=job,
        attempt=1,
        owner=OWNER,
        number=NUMBER,
        address=f"{NUMBER}@fax.example",
        subaddress="",
        tries=0,
        pages_confirmed=0,
        pages=3,
        accepted_at=desk.now,
    )
    assert await state_of(desk, claim.recipient) is RecipientState.CALLING


async def test_what_is_not_rendered_is_not_claimed(desk: Desk) -> None:
    """A recipient whose mail has no pages yet is nobody's call."""
    await desk.accept()

    assert await desk.store.claim(OWNER, desk.now, LEASE) is None


async def test_what_is_due_can_be_asked_without_taking_it(desk: Desk) -> None:
    """`is_due` says whether a claim would find anybody: not early, nor for an engaged number."""
    assert not await desk.store.is_due(desk.now)
    await desk.queue(NUMBER)
    await desk.queue(NUMBER)

    assert not await desk.store.is_due(desk.now - timedelta(seconds=1))
    assert await desk.store.is_due(desk.now)
    await desk.claim()
    assert not await desk.store.is_due(desk.now)


async def test_the_longest_due_comes_first(desk: Desk) -> None:
    """Claims follow due times, then the order of acceptance."""
    await desk.queue("+481")
    desk.clock.advance(timedelta(seconds=1))
    await desk.queue("+482", "+483")

    numbers = [(await desk.claim()).number for _ in range(3)]

    assert numbers == ["+481", "+482", "+483"]


async def test_one_call_per_destination(desk: Desk) -> None:
    """A number that is being called is not claimed again until that call has ended."""
    await desk.queue(NUMBER, count=1)
    await desk.queue(NUMBER, count=1)
    await desk.queue(OTHER, count=1)

    first, second = await desk.claim(), await desk.claim()

    assert (first.number, second.number) == (NUMBER, OTHER)
    assert await desk.store.claim(OWNER, desk.now, LEASE) is None
    await desk.store.finish(first, call_report(), Never("no", "5.0.0"), desk.now)
    assert (await desk.claim()).number == NUMBER


async def test_a_number_that_is_claimed_this_very_moment_is_left(url: str, desk: Desk) -> None:
    """A claim that loses a destination to a rival, before it can see that, finds nothing."""
    await desk.queue(NUMBER)
    await desk.queue(NUMBER)
    rival = Database(parse_url(url), Node("rival", ""))
    claimed, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> Claim | None:
        claim = await queue.claim(tx, "rival", desk.now, LEASE)
        claimed.set()
        await go_on.wait()
        return claim

    first = asyncio.create_task(rival.write(slow))
    await claimed.wait()
    second = asyncio.create_task(desk.store.claim(OWNER, desk.now, LEASE))
    while url.startswith("postgresql") and not await rival.read(somebody_waits):
        pass
    desk.store.queue_changed.clear()
    go_on.set()

    assert await second is None
    assert desk.store.queue_changed.is_set() is url.startswith("postgresql")
    assert await first is not None
    await rival.close()


async def somebody_waits(tx: Transaction) -> bool:
    """Whether PostgreSQL keeps a transaction waiting for another."""
    waiting = text("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1")
    return bool(await tx.rows(waiting))


async def test_a_deferred_recipient_waits_for_its_time(desk: Desk) -> None:
    """Later puts the recipient back with its reason and its count, due at that time."""
    await desk.queue()
    claim = await desk.claim()
    later = Later(desk.now + timedelta(minutes=3), "It was busy.", "4.4.1")

    state = await desk.store.finish(claim, call_report(dialled=Dialled.BUSY), later, desk.now)

    assert state is RecipientState.QUEUED
    assert await desk.store.claim(OWNER, desk.now, LEASE) is None
    seen = await desk.store.recipient(claim.recipient)
    assert seen is not None
    assert (seen.due, seen.tries, seen.cause, seen.status) == (later.at, 1, later.why, "4.4.1")
    desk.clock.advance(timedelta(minutes=3))
    again = await desk.claim()
    assert (again.attempt, again.tries) == (2, 1)


async def test_our_own_fault_is_no_try(desk: Desk) -> None:
    """A Later that does not count leaves the number of tries alone."""
    await desk.queue()
    claim = await desk.claim()

    await desk.store.finish(
        claim, call_report(), Later(desk.now, "no line", "4.4.0", counts=False), desk.now
    )

    assert (await desk.claim()).tries == 0


async def test_the_next_call_begins_at_the_first_unconfirmed_page(desk: Desk) -> None:
    """What a call has confirmed is not sent by the next."""
    await desk.queue(count=3)
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    await desk.store.confirming(claim, 2)
    rejected = page_report(2, PageVerdict.RTN)
    assert await desk.store.confirmed(claim, 2, rejected) == 1
    await desk.store.finish(claim, call_report(), Later(desk.now, "broke", "4.4.2"), desk.now)

    again = await desk.claim()

    assert again.pages_confirmed == 1
    attempts = await desk.store.attempts(again.recipient)
    assert [a.first_page for a in attempts] == [1, 2]


async def test_a_gap_is_not_jumped(desk: Desk) -> None:
    """A confirmed page behind an unconfirmed one counts once the gap is closed."""
    await desk.queue(count=3)
    claim = await desk.claim()
    await desk.confirm(claim, 1)

    assert await desk.store.confirmed(claim, 3, page_report(3)) == 1
    assert await desk.store.confirmed(claim, 2, page_report(2)) == 3


async def test_a_sent_fax_owes_a_receipt(desk: Desk) -> None:
    """The end of a recipient and its receipt are one transaction."""
    await desk.queue(count=1)
    claim = await desk.claim()
    await desk.confirm(claim, 1)

    state = await desk.store.finish(claim, call_report(), Sent(), desk.now)

    assert state is RecipientState.SENT
    receipt = await desk.store.next_mail(desk.now, LEASE)
    assert receipt is not None
    assert (receipt.to, receipt.recipient) == ("sender@example.org", claim.recipient)


async def test_a_failed_fax_says_why(desk: Desk) -> None:
    """Never ends the recipient with its status and cause, and owes a receipt."""
    await desk.queue()
    claim = await desk.claim()

    await desk.store.finish(claim, call_report(), Never("Not in service.", "5.1.2"), desk.now)

    seen = await desk.store.recipient(claim.recipient)
    assert seen is not None
    assert (seen.state, seen.status, seen.cause) == (
        RecipientState.FAILED, "5.1.2", "Not in service.",
    )  # fmt: skip
    assert seen.ended_at == desk.now
    assert await desk.store.next_mail(desk.now, LEASE) is not None


async def test_sent_needs_every_page(desk: Desk) -> None:
    """The store does not believe Sent while a page is unconfirmed."""
    await desk.queue(count=2)
    claim = await desk.claim()
    await desk.confirm(claim, 1)

    with pytest.raises(StoreError, match="1 pages unconfirmed"):
        await desk.store.finish(claim, call_report(), Sent(), desk.now)

    assert await state_of(desk, claim.recipient) is RecipientState.CALLING


async def test_every_page_confirmed_is_sent(desk: Desk) -> None:
    """With every page confirmed the fax is sent, whatever became of the call."""
    await desk.queue(count=1)
    claim = await desk.claim()
    await desk.confirm(claim, 1)

    state = await desk.store.finish(claim, call_report(), Later(desk.now, "?", "4.4.2"), desk.now)

    assert state is RecipientState.SENT


async def test_an_attempt_keeps_its_call_report(desk: Desk) -> None:
    """Parameters, seconds, pages and trace of a call can be read back as they were."""
    await desk.queue(count=1)
    claim = await desk.claim()
    report = call_report([page_report()], Hangup.EOP_NO_ANSWER)
    began = await desk.store.attempts(claim.recipient)
    desk.clock.advance(timedelta(seconds=50))

    await desk.store.finish(claim, report, Never("no", "5.0.0"), desk.now)

    assert [(a.outcome, a.report, a.ended_at) for a in began] == [
        (AttemptOutcome.CALLING, None, None)
    ]
    [attempt] = await desk.store.attempts(claim.recipient)
    assert attempt.report == report
    assert (attempt.outcome, attempt.cause) == (AttemptOutcome.NEVER, report.cause)
    assert (attempt.started_at, attempt.ended_at) == (claim.accepted_at, desk.now)


async def test_each_answer_is_kept(desk: Desk) -> None:
    """A page that was rejected and then confirmed leaves both answers, in order."""
    await desk.queue(count=1)
    claim = await desk.claim()
    for verdict in (PageVerdict.RTN, PageVerdict.MCF):
        await desk.store.confirming(claim, 1)
        await desk.store.confirming(claim, 1)
        await desk.store.confirmed(claim, 1, page_report(1, verdict))

    answers = await desk.store.page_reports(claim.recipient)

    assert [a.report and a.report.verdict for a in answers] == [PageVerdict.RTN, PageVerdict.MCF]
    assert {(a.attempt, a.page) for a in answers} == {(1, 1)}


async def test_a_page_nobody_answered_for_is_no_longer_in_doubt(desk: Desk) -> None:
    """When the call ends without an answer, the page's row says so; it is sent again."""
    await desk.queue(count=2)
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    await desk.store.confirming(claim, 2)
    silent = page_report(2, PageVerdict.NONE)

    await desk.store.finish(
        claim, call_report([page_report(), silent]), Later(desk.now, "?", "4.4.2"), desk.now
    )

    answers = await desk.store.page_reports(claim.recipient)
    assert [a.report for a in answers] == [page_report(), silent]


async def test_a_late_owner_is_refused(desk: Desk) -> None:
    """Every step of a claim whose lease has ended raises ClaimLost and changes nothing."""
    await desk.queue()
    claim = await desk.claim()
    await desk.store.expire(desk.now + LEASE)
    before = await desk.store.queue_view(10)

    for step in (
        desk.store.renew(claim, desk.now + LEASE),
        desk.store.confirming(claim, 1),
        desk.store.confirmed(claim, 1, page_report()),
        desk.store.finish(claim, call_report(), Never("no", "5.0.0"), desk.now),
    ):
        with pytest.raises(ClaimLost):
            await step

    assert await desk.store.queue_view(10) == before
    assert await desk.store.page_reports(claim.recipient) == []


async def test_the_same_owner_with_an_older_attempt_is_late_too(desk: Desk) -> None:
    """The fence is owner and attempt, so a gateway cannot be confused with its former self."""
    await desk.queue()
    old = await desk.claim()
    await desk.store.recover(OWNER, desk.now)
    await desk.store.resolve_unknown(desk.now, "report")
    await desk.claim()

    with pytest.raises(ClaimLost):
        await desk.store.confirmed(old, 1, page_report())


async def test_a_renewed_lease_holds(desk: Desk) -> None:
    """A claim whose lease was made longer is not expired at its first end."""
    await desk.queue()
    claim = await desk.claim()

    await desk.store.renew(claim, desk.now + 2 * LEASE)

    assert await desk.store.expire(desk.now + LEASE) == 0
    assert await desk.store.expire(desk.now + 2 * LEASE) == 1


async def test_priority_goes_before_age(desk: Desk) -> None:
    """Urgent faxes first, those of low priority last, and each kind by age."""
    for number, priority in (
        ("+481", Priority.LOW),
        ("+482", Priority.NORMAL),
        ("+483", Priority.HIGH),
        ("+484", Priority.HIGH),
    ):
        await desk.queue(number, options=Options(priority=priority))
        desk.clock.advance(timedelta(seconds=1))

    numbers = [(await desk.claim()).number for _ in range(4)]

    assert numbers == ["+483", "+484", "+482", "+481"]


async def test_a_fax_waits_for_its_hour(desk: Desk) -> None:
    """Not called before it, and its time to be tried begins then."""
    hour = desk.now + timedelta(days=2)
    await desk.queue(options=Options(not_before=hour, tries=2))

    assert await desk.store.claim(OWNER, hour - timedelta(seconds=1), LEASE) is None
    assert await desk.store.give_up(hour - timedelta(seconds=1), timedelta(hours=12)) == []
    claim = await desk.store.claim(OWNER, hour, LEASE)

    assert claim is not None
    assert claim.accepted_at == hour
    assert claim.options.tries == 2


async def test_an_hour_that_has_passed_is_now(desk: Desk) -> None:
    """A mail that was rendered late is called at once."""
    await desk.queue(options=Options(not_before=desk.now - timedelta(minutes=1)))

    assert (await desk.claim()).accepted_at == desk.now
