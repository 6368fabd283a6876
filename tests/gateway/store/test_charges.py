"""gateway.store.charges: what calls used of a ceiling, what is reserved, and for which day."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from gateway.retry import Later, Never, Sent
from gateway.store.records import RecipientState
from modems.session import Dialled, Hangup
from tests.gateway.admission.policies import ceiling, rule
from tests.gateway.store.judged import (
    GERMANY,
    MINUTE,
    found,
    hand_in,
    placing,
    state,
)
from tests.gateway.store.samples import NOW, Desk, call_report
from tests.gateway.store.samples import page_report as page_said


async def test_what_a_call_took_replaces_what_was_predicted(desk: Desk) -> None:
    """A call of 48.25 s leaves more of a ceiling than the minute that was reserved."""
    judge = placing(ceilings=[ceiling(minutes=1.8)])
    await hand_in(desk, judge)
    assert await state(desk.store, await hand_in(desk, judge)) is RecipientState.HELD
    claim = await desk.claim()
    for number in (1, 2):
        await desk.confirm(claim, number)
    said = [page_said(1), page_said(2)]
    await desk.store.finish(claim, call_report(said), Sent(), desk.now)

    assert await state(desk.store, await hand_in(desk, judge)) is RecipientState.HELD
    roomier = placing(ceilings=[ceiling(minutes=1.81)])  # 48.25 s + 60 s = 1.804 min
    assert await state(desk.store, await hand_in(desk, roomier)) is RecipientState.QUEUED


async def test_ringing_is_not_charged(desk: Desk) -> None:
    """A call is counted from its answer on, as it was predicted."""
    judge = placing()
    await hand_in(desk, judge)
    claim = await desk.claim()
    for number in (1, 2):
        await desk.confirm(claim, number)
    rang = replace(call_report([page_said(1), page_said(2)]), ringing=20.25)
    await desk.store.finish(claim, rang, Sent(), desk.now)

    assert await used(desk, 28 / 60)


async def test_a_fax_that_never_got_through_has_used_nothing(desk: Desk) -> None:
    """Busy costs nothing; and while it is tried again, its minute stays reserved."""
    judge = placing(ceilings=[ceiling(minutes=1)])
    await hand_in(desk, judge)
    busy = call_report(status=Hangup.ABORTED, dialled=Dialled.BUSY)
    claim = await desk.claim()
    await desk.store.finish(claim, busy, Later(desk.now, "busy", "4.4.1"), desk.now)
    assert await state(desk.store, await hand_in(desk, judge)) is RecipientState.HELD
    claim = await desk.claim()
    await desk.store.finish(claim, busy, Never("busy", "5.4.1"), desk.now)

    assert await state(desk.store, await hand_in(desk, judge)) is RecipientState.QUEUED


async def test_a_new_day_is_a_new_ceiling(desk: Desk) -> None:
    """By the calendar of the gateway's zone."""
    judge = placing(ceilings=[ceiling(minutes=1)])
    await hand_in(desk, judge)
    assert await state(desk.store, await hand_in(desk, judge)) is RecipientState.HELD
    desk.clock.advance(timedelta(hours=18))

    assert await state(desk.store, await hand_in(desk, judge)) is RecipientState.QUEUED


async def used(desk: Desk, minutes: float) -> bool:
    """Whether a ceiling of so many minutes, less one for the next fax, is all used up."""
    full = placing(ceilings=[ceiling(minutes=minutes + 0.99)])
    fits = placing(ceilings=[ceiling(minutes=minutes + 1.01)])
    held = await hand_in(desk, full)
    queued = await hand_in(desk, fits)
    states = [await state(desk.store, one) for one in (held, queued)]
    for one in (held, queued):
        await desk.store.cancel(one, desk.now)
    return states == [RecipientState.HELD, RecipientState.QUEUED]


BROKEN = call_report([page_said(1)], Hangup.MPS_NO_ANSWER)  # 48.25 s, one page of two


async def broken_call(desk: Desk, *, ends: bool, again: timedelta = timedelta()) -> int:
    """A call that confirms the first of two pages."""
    claim = await desk.claim()
    await desk.confirm(claim, 1)
    decision = Never("broke", "4.4.2") if ends else Later(desk.now + again, "broke", "4.4.2")
    await desk.store.finish(claim, BROKEN, decision, desk.now)
    return claim.recipient


async def test_between_calls_what_was_used_counts_and_what_is_left(desk: Desk) -> None:
    """48.25 seconds are gone, and half of the minute that was predicted is still to come."""
    judge = placing()
    await hand_in(desk, judge)
    await broken_call(desk, ends=False)

    assert await used(desk, (48.25 + 30) / 60)


async def test_a_fax_that_failed_gives_back_what_it_did_not_use(desk: Desk) -> None:
    """Only its call has been used."""
    judge = placing()
    await hand_in(desk, judge)
    await broken_call(desk, ends=True)

    assert await used(desk, 48.25 / 60)


async def test_a_retry_reserves_again(desk: Desk) -> None:
    """What the first calls took, and the pages that are left; and it ends like any other."""
    judge = placing()
    await hand_in(desk, judge)
    number = await broken_call(desk, ends=True)
    taken = await desk.store.retry_now(number, desk.now, judge, 30.0)

    assert taken is not None
    assert taken.due == desk.now
    assert await used(desk, (48.25 + 30) / 60)
    claim = await desk.claim()
    await desk.confirm(claim, 2)
    await desk.store.finish(claim, call_report([page_said(1)]), Sent(), desk.now)
    assert await used(desk, 2 * 48.25 / 60)


async def test_a_retry_over_a_ceiling_is_refused(desk: Desk) -> None:
    """Where the ceiling refuses; where it holds, the administrator's retry is a confirmation."""
    strict = placing(ceilings=[ceiling(minutes=1.2, over="refuse")])
    await hand_in(desk, strict)
    number = await broken_call(desk, ends=True)

    refused = await desk.store.retry_now(number, desk.now, strict, 30.0)
    assert refused is not None
    assert refused.due is None
    assert "are left of your ceiling" in refused.refused
    assert await state(desk.store, number) is RecipientState.FAILED
    holding = placing(ceilings=[ceiling(minutes=1.2)])
    assert (await desk.store.retry_now(number, desk.now, holding, 30.0)) is not None
    assert await state(desk.store, number) is RecipientState.QUEUED


async def test_retries_at_once_do_not_pass_a_ceiling(desk: Desk) -> None:
    """Of eight that are taken up at the same moment, three fit."""
    numbers = [await hand_in(desk, placing()) for _ in range(8)]
    for _ in numbers:
        busy = call_report(status=Hangup.ABORTED, dialled=Dialled.BUSY)
        await desk.store.finish(await desk.claim(), busy, Never("busy", "4.4.1"), desk.now)
    strict = placing(ceilings=[ceiling(minutes=3, over="refuse")])
    taken = await asyncio.gather(
        *(desk.store.retry_now(number, desk.now, strict, MINUTE) for number in numbers)
    )

    assert Counter(one is not None and one.due is not None for one in taken) == {True: 3, False: 5}


async def test_what_goes_tomorrow_is_tomorrows(desk: Desk) -> None:
    """A fax that waits for its hours leaves today's ceiling alone, and is held by tomorrow's."""
    tomorrow = rule("early", to=["foreign"], hours="05:00-06:00")
    judge = placing(tomorrow, rule("all"), ceilings=[ceiling(minutes=1)])
    first = await hand_in(desk, judge, GERMANY)
    today = await hand_in(desk, judge)
    second = await hand_in(desk, judge, GERMANY)

    assert (await found(desk.store, first)).due == NOW + timedelta(hours=22)
    assert await state(desk.store, today) is RecipientState.QUEUED
    assert await state(desk.store, second) is RecipientState.HELD


async def test_a_call_counts_for_the_day_on_which_it_is_made(desk: Desk) -> None:
    """A fax that is retried tomorrow has used 48.25 s of today, and reserves half a minute then."""
    judge = placing()
    await hand_in(desk, judge)
    await broken_call(desk, ends=False, again=timedelta(hours=24))
    assert await used(desk, 48.25 / 60)

    desk.clock.advance(timedelta(hours=24))
    assert await used(desk, 30 / 60)
    claim = await desk.claim()
    await desk.confirm(claim, 2)
    await desk.store.finish(claim, call_report([page_said(1)]), Sent(), desk.now)
    assert await used(desk, 48.25 / 60)


async def test_retries_of_old_faxes_count_today(desk: Desk) -> None:
    """However much of them went on earlier days: of two that are taken up again, one fits."""
    numbers = []
    for _ in range(2):
        await hand_in(desk, placing())
        numbers.append(await broken_call(desk, ends=True))
    desk.clock.advance(timedelta(days=3))
    strict = placing(ceilings=[ceiling(minutes=0.9, over="refuse")])
    taken = [await desk.store.retry_now(number, desk.now, strict, 30.0) for number in numbers]

    assert [one is not None and one.due is not None for one in taken] == [True, False]
