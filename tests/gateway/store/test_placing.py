"""gateway.store.placing, charges: rendered faxes are judged, and ceilings hold for all at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.admission.placing import Placing
from gateway.admission.policy import Word
from gateway.admission.senders import Senders
from gateway.config.sending import Ceiling, Rule
from gateway.explain import Explainer, Keeping
from gateway.offramp.render import Rendered
from gateway.retry import Later, Never, Sent
from gateway.store import Store
from gateway.store.records import MailKind, Recipient, RecipientState
from modems.session import Dialled, Hangup
from tests.gateway.admission.policies import ceiling, policy, rule
from tests.gateway.store.samples import DOCUMENTS, LEASE, NOW, Desk, call_report, mail, pages
from tests.gateway.store.samples import page_report as page_said

GERMANY = "+4930123456"
MINUTE = 60.0  # s, predicted for every fax here
PATIENCE = timedelta(days=2)
TARIFF = {"prices": [{"prefix": "+", "minute": "0.10"}]}


def placing(*rules: Rule, ceilings: Sequence[Ceiling] = ()) -> Placing:
    """A judge of rendered faxes."""
    return Placing(policy(*rules, ceilings=tuple(ceilings), tariff=TARIFF), PATIENCE)


async def hand_in(desk: Desk, judge: Placing, *numbers: str, user: str = "anna") -> int:
    """A mail of two pages is accepted and rendered; the id of its first recipient."""
    whose = replace(mail(*numbers), user=user, groups=("staff",), proof="login")
    job = await desk.store.accept(whose, desk.now)
    await desk.store.rendered(job, DOCUMENTS, pages(2), desk.now, judge, MINUTE)
    return min(r.id for r in await desk.store.queue_view(100) if r.job == job)


async def found(store: Store, number: int) -> Recipient:
    """The recipient, which must be there."""
    recipient = await store.recipient(number)
    assert recipient is not None
    return recipient


async def state(store: Store, number: int) -> RecipientState:
    """Where it stands."""
    return (await found(store, number)).state


async def owed(store: Store) -> list[MailKind]:
    """The kinds of the mails that are due now."""
    kinds = []
    while (due := await store.next_mail(NOW, LEASE)) is not None:
        kinds.append(due.kind)
    return kinds


async def test_what_the_rules_allow_is_queued_and_what_they_refuse_has_ended(desk: Desk) -> None:
    """With the rule and its reason, and a receipt."""
    judge = placing(rule("short", max_pages=1))
    refused = await hand_in(desk, judge)
    allowed = await hand_in(desk, placing())

    assert await state(desk.store, allowed) is RecipientState.QUEUED
    failed = await found(desk.store, refused)
    assert (failed.state, failed.status) == (RecipientState.FAILED, "5.7.1")
    assert failed.cause == "The fax has 2 pages, and 1 are the most. (rule: short)"
    assert await owed(desk.store) == [MailKind.RECEIPT]


async def test_a_fax_outside_the_hours_is_due_when_they_begin(desk: Desk) -> None:
    """06:00 UTC is 07:00 in Warsaw."""
    number = await hand_in(desk, placing(rule(hours="08:00-18:00")))

    recipient = await found(desk.store, number)
    assert (recipient.state, recipient.due) == (RecipientState.QUEUED, NOW + timedelta(hours=1))
    assert await desk.store.claim("node", NOW, LEASE) is None
    claim = await desk.store.claim("node", NOW + timedelta(hours=1), LEASE)
    assert claim is not None
    assert claim.accepted_at == NOW + timedelta(hours=1)  # its tries begin then


async def test_a_first_fax_to_a_country_is_held_until_it_is_confirmed(desk: Desk) -> None:
    """The sender is asked; afterwards the country is known to this sender, and to no other."""
    judge = placing(rule(new_country="hold"))
    number = await hand_in(desk, judge, GERMANY)
    assert await state(desk.store, number) is RecipientState.HELD
    assert await owed(desk.store) == [MailKind.CONFIRM]
    assert await desk.store.claim("node", desk.now, LEASE) is None

    placed = await desk.store.confirm(number, "anna", judge, MINUTE, desk.now)

    assert placed is not None
    assert placed.word is Word.ALLOW
    assert await state(desk.store, number) is RecipientState.QUEUED
    again = await hand_in(desk, judge, GERMANY)
    other = await hand_in(desk, judge, GERMANY, user="x")
    assert await state(desk.store, again) is RecipientState.QUEUED
    assert await state(desk.store, other) is RecipientState.HELD


async def test_an_explanation_has_the_word_that_counts(desk: Desk) -> None:
    """Before a fax is placed, it is explained by the same past: sums and countries."""
    judge = placing(rule(new_country="hold"), ceilings=[ceiling(pages=5)])
    explainer = Explainer(Senders((), ()), judge.policy, ["a"])
    numbers = ("+48222000002", "+48222000003", GERMANY)
    await hand_in(desk, judge, numbers[0])
    whose = replace(mail(*numbers), user="anna", groups=("staff",), proof="login")
    number = await desk.store.accept(whose, desk.now)
    job, to = await desk.store.job(number), await desk.store.recipients_of(number)
    assert job is not None

    why = Keeping(desk.store, explainer)
    said = await why.of_job(job, to, Rendered((), tuple(pages(2))), desk.now)
    await desk.store.rendered(number, DOCUMENTS, pages(2), desk.now, judge, MINUTE)

    placed = [(r.state, r.cause) for r in await desk.store.recipients_of(number)]
    assert [to["verdict"] for to in said["recipients"]] == ["allow", "hold", "hold"]
    assert [state for state, _ in placed] == [
        *(RecipientState.QUEUED, RecipientState.HELD, RecipientState.HELD)
    ]
    assert [to["reason"] for to in said["recipients"]] == [cause for _, cause in placed]


async def test_only_its_sender_confirms_a_fax_and_only_once(desk: Desk) -> None:
    """Somebody else changes nothing, nor does the same reply again; the administrator may."""
    judge = placing(rule(do="hold"))
    number, second = await hand_in(desk, judge), await hand_in(desk, judge, GERMANY)

    assert await desk.store.confirm(number, "eve", judge, MINUTE, desk.now) is None
    assert await state(desk.store, number) is RecipientState.HELD
    assert await desk.store.confirm(number, "anna", judge, MINUTE, desk.now) is not None
    assert await desk.store.confirm(number, "anna", judge, MINUTE, desk.now) is None
    assert await desk.store.confirm(second, None, judge, MINUTE, desk.now) is not None


async def test_what_nobody_confirms_in_time_is_given_up(desk: Desk) -> None:
    """With a receipt; a confirmation after that changes nothing."""
    judge = placing(rule(do="hold"))
    number = await hand_in(desk, judge)
    desk.clock.advance(PATIENCE)

    assert await desk.store.confirm(number, "anna", judge, MINUTE, desk.now) is None
    (ended,) = await desk.store.expire_holds(desk.now)
    assert (ended.recipient, await state(desk.store, number)) == (number, RecipientState.FAILED)
    assert await desk.store.expire_holds(desk.now) == []


async def test_the_operator_may_cancel_what_is_held(desk: Desk) -> None:
    """As any other that waits."""
    number = await hand_in(desk, placing(rule(do="hold")))

    assert await desk.store.cancel(number, desk.now)
    assert await state(desk.store, number) is RecipientState.CANCELLED


@pytest.mark.parametrize("given", [{"minutes": 3}, {"pages": 6}, {"money": "0.30"}])
@pytest.mark.parametrize("together", [False, True])
async def test_a_ceiling_holds_when_many_mails_come_at_once(
    desk: Desk, url: str, given: dict[str, Any], together: bool
) -> None:
    """Of twenty mails through two gateways, exactly as many go as fit under it."""
    who: dict[str, Any] = {"who": ["staff"], "shared": True} if together else {}
    judge = placing(ceilings=[ceiling(**who, **given)])
    other = Desk(await Store.open(url, owner="other"))
    try:
        numbers = await asyncio.gather(
            *(hand_in((desk, other)[n % 2], judge, f"+4822200{n:04}") for n in range(20))
        )
        states = Counter([await state(desk.store, number) for number in numbers])
    finally:
        await other.store.close()

    assert states == {RecipientState.QUEUED: 3, RecipientState.HELD: 17}


async def test_recipients_of_one_mail_are_added_up(desk: Desk) -> None:
    """A list of four numbers is four faxes."""
    judge = placing(ceilings=[ceiling(minutes=3, over="refuse")])
    await hand_in(desk, judge, *(f"+4822200000{n}" for n in range(4)))

    states = Counter(r.state for r in await desk.store.queue_view(10))
    assert states == {RecipientState.QUEUED: 3, RecipientState.FAILED: 1}


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

    assert await used(desk, judge, 28 / 60)


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


async def test_the_administrators_own_faxes_are_not_judged(desk: Desk) -> None:
    """`faxgate send` keeps no proof of a sender: whoever may run it may write the rules too."""
    job = await desk.store.accept(mail(), desk.now)
    await desk.store.rendered(job, DOCUMENTS, pages(2), desk.now, placing(rule(do="hold")), MINUTE)

    (recipient,) = await desk.store.queue_view(1)
    assert recipient.state is RecipientState.QUEUED


async def test_a_signature_orders_once(desk: Desk) -> None:
    """A copy of a signed mail is the job that the first one made; a new number is a new order."""
    signed = replace(mail(), user="anna", proof="dkim", signatures=("d1", "d2"))
    first = await desk.store.accept(signed, desk.now)
    copy = await desk.store.accept(replace(signed, signatures=("d2",)), desk.now)
    more = replace(mail("+48222000002", GERMANY), proof="dkim", signatures=("d1",))
    second = await desk.store.accept(more, desk.now)

    assert copy == first
    assert [(r.job, r.number) for r in await desk.store.queue_view(9)] == [
        (second, GERMANY),
        (first, "+48222000002"),
    ]


async def test_a_shared_key_is_made_once(desk: Desk) -> None:
    """Whoever asks first makes it."""
    key = await desk.store.secret("a")

    assert len(key) == 32
    assert await desk.store.secret("a") == key
    assert await desk.store.secret("b") != key


NIGHT = rule("night", hours="20:00-24:00")  # in Warsaw; the desk's clock begins at 7:00 there
DAY = placing(rule("day", hours="06:00-08:00"))


async def test_hours_bind_when_a_line_was_awaited(desk: Desk) -> None:
    """A fax that is due and finds its line after closing waits for the opening; no call is made."""
    number = await hand_in(desk, DAY)
    other = await hand_in(desk, placing(), GERMANY)
    desk.clock.advance(timedelta(hours=2))

    claim = await desk.store.claim("node", desk.now, LEASE, DAY.opening)
    waits = await found(desk.store, number)
    assert claim is None  # the rules that are in force bind every fax: the other one waits too
    assert (await found(desk.store, other)).due == waits.due == NOW + timedelta(hours=23)
    assert (waits.state, waits.tries) == (RecipientState.QUEUED, 0)
    assert "in these hours only: 06:00-08:00" in waits.cause
    assert await desk.store.attempts(number) == []
    assert not await desk.store.is_due(desk.now)

    desk.clock.advance(timedelta(hours=21))
    first = await desk.store.claim("node", desk.now, LEASE, DAY.opening)
    assert first is not None
    assert (first.recipient, first.attempt) == (number, 1)


async def test_the_sender_is_told_of_hours(desk: Desk) -> None:
    """Once, whether it had to wait at its acceptance or later."""
    later = await hand_in(desk, placing(NIGHT))
    put_off = await hand_in(desk, DAY)
    desk.clock.advance(timedelta(hours=2))
    assert await desk.store.claim("node", desk.now, LEASE, DAY.opening) is None

    assert await desk.store.tell_delays(desk.now, timedelta(minutes=30)) == 2
    assert await desk.store.tell_delays(desk.now, timedelta(minutes=30)) == 0
    told = [await desk.store.next_mail(desk.now, LEASE) for _ in range(2)]
    assert [mail and (mail.kind, mail.recipient) for mail in told] == [
        (MailKind.DELAY, later),
        (MailKind.DELAY, put_off),
    ]


async def test_closed_hours_are_no_time_without_a_line(desk: Desk) -> None:
    """Nobody gives up a fax at night that may only go by day; by day it has its time."""
    number = await hand_in(desk, DAY)
    wait = timedelta(minutes=90)  # until 8:00 an hour is open
    for hours, ended in [(20, []), (23.4, []), (23.6, [number])]:
        desk.clock.advance(NOW + timedelta(hours=hours) - desk.now)
        given_up = await desk.store.give_up(desk.now, wait, DAY.opening)
        assert [one.recipient for one in given_up] == ended


async def test_the_administrators_own_fax_goes_at_any_hour(desk: Desk) -> None:
    """It is not judged, so no rule's hours are its."""
    await desk.queue()
    desk.clock.advance(timedelta(hours=2))

    assert await desk.store.claim("node", desk.now, LEASE, DAY.opening) is not None


async def used(desk: Desk, judge: Placing, minutes: float) -> bool:
    """Whether a ceiling of so many minutes, less one for the next fax, is all used up."""
    full = placing(ceilings=[ceiling(minutes=minutes + 0.99)])
    fits = placing(ceilings=[ceiling(minutes=minutes + 1.01)])
    assert judge is not None
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

    assert await used(desk, judge, (48.25 + 30) / 60)


async def test_a_fax_that_failed_gives_back_what_it_did_not_use(desk: Desk) -> None:
    """Only its call has been used."""
    judge = placing()
    await hand_in(desk, judge)
    await broken_call(desk, ends=True)

    assert await used(desk, judge, 48.25 / 60)


async def test_a_retry_reserves_again(desk: Desk) -> None:
    """What the first calls took, and the pages that are left; and it ends like any other."""
    judge = placing()
    await hand_in(desk, judge)
    number = await broken_call(desk, ends=True)
    taken = await desk.store.retry_now(number, desk.now, judge, 30.0)

    assert taken is not None
    assert taken.due == desk.now
    assert await used(desk, judge, (48.25 + 30) / 60)
    claim = await desk.claim()
    await desk.confirm(claim, 2)
    await desk.store.finish(claim, call_report([page_said(1)]), Sent(), desk.now)
    assert await used(desk, judge, 2 * 48.25 / 60)


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


async def test_a_retry_keeps_to_the_hours(desk: Desk) -> None:
    """The administrator is told when it will go."""
    number = await hand_in(desk, DAY)
    desk.clock.advance(timedelta(hours=2))
    taken = await desk.store.retry_now(number, desk.now, DAY, MINUTE)

    assert taken is not None
    assert taken.due == NOW + timedelta(hours=23)


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
    assert await used(desk, judge, 48.25 / 60)

    desk.clock.advance(timedelta(hours=24))
    assert await used(desk, judge, 30 / 60)
    claim = await desk.claim()
    await desk.confirm(claim, 2)
    await desk.store.finish(claim, call_report([page_said(1)]), Sent(), desk.now)
    assert await used(desk, judge, 48.25 / 60)


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
