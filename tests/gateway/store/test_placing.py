"""gateway.store.placing: rendered faxes are judged, and ceilings hold for all at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.admission.policy import Word
from gateway.admission.senders import Senders
from gateway.explain import Explainer, Keeping
from gateway.offramp.render import Rendered
from gateway.store import Store
from gateway.store.records import MailKind, RecipientState
from tests.gateway.admission.policies import ceiling, rule
from tests.gateway.store.judged import (
    GERMANY,
    MINUTE,
    PATIENCE,
    found,
    hand_in,
    placing,
    state,
)
from tests.gateway.store.samples import DOCUMENTS, LEASE, NOW, Desk, mail, pages


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


async def test_a_retry_keeps_to_the_hours(desk: Desk) -> None:
    """The administrator is told when it will go."""
    number = await hand_in(desk, DAY)
    desk.clock.advance(timedelta(hours=2))
    taken = await desk.store.retry_now(number, desk.now, DAY, MINUTE)

    assert taken is not None
    assert taken.due == NOW + timedelta(hours=23)
