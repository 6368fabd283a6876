"""Chance attacks the queue: any order of claims, pages, crashes and administrators.

The model below is what a person would expect of the queue, in thirty lines of dictionaries. After
every step the store must say the same: states, confirmed pages, at most one call for each number,
exactly one receipt for each end, and nothing for whoever holds a claim that is lost.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from gateway.clock import SettableClock
from gateway.retry import Later, Never, Sent
from gateway.store import ClaimLost, Store
from gateway.store.records import Claim, MailKind, RecipientState
from gateway.store.recovery import LOST_LIMIT
from modems.terminal import PageVerdict
from tests.gateway.store.conftest import NewUrl
from tests.gateway.store.samples import LEASE, NOW, Desk, call_report, page_report

T = TypeVar("T")

OWNERS = ("north", "south")
NUMBERS = ("+481", "+482")
ANSWERS = (None, PageVerdict.MCF, PageVerdict.MCF, PageVerdict.RTN, PageVerdict.NONE)
S = RecipientState


@dataclass
class Expected:
    """What a person would expect of one recipient."""

    number: str
    pages: int
    state: RecipientState = S.QUEUED
    attempt: int = 0
    owner: str = ""
    answered: set[int] = field(default_factory=set)  # confirmed
    asked: set[int] = field(default_factory=set)  # in this attempt, without an answer
    lost: int = 0
    ends: int = 0

    @property
    def confirmed(self) -> int:
        """Pages without a gap."""
        return next(n for n in range(self.pages + 1) if n + 1 not in self.answered)

    def end(self, state: RecipientState) -> None:
        """One of the three ends, and one receipt more."""
        self.state, self.ends = state, self.ends + 1

    def lose(self) -> None:
        """The call is lost."""
        self.state, self.lost = S.UNKNOWN, self.lost + 1

    def resolve(self, policy: str) -> None:
        """What becomes of a lost call."""
        if self.confirmed == self.pages:
            self.end(S.SENT)
        elif self.lost >= LOST_LIMIT or (self.asked and policy == "report"):
            self.end(S.FAILED)
        else:
            self.state = S.QUEUED


class QueueMachine(RuleBasedStateMachine):
    """The store beside the model."""

    claims = Bundle("claims")
    url: NewUrl

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.desk = Desk(self.do(Store.open(self.url())), SettableClock(NOW))
        self.model: dict[int, Expected] = {}
        self.receipts: Counter[int | None] = Counter()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step of the store."""
        return self.loop.run(work)

    def teardown(self) -> None:
        """Close the store."""
        self.do(self.desk.store.close())
        self.loop.close()

    def holds(self, claim: Claim) -> Expected | None:
        """What the claim holds, None when it is lost."""
        expected = self.model[claim.recipient]
        same = (S.CALLING, claim.owner, claim.attempt)
        return expected if (expected.state, expected.owner, expected.attempt) == same else None

    def step(self, claim: Claim, work: Coroutine[Any, Any, object]) -> Expected | None:
        """Do a step of a claim; it must succeed exactly when the claim is still held."""
        expected = self.holds(claim)
        if expected is None:
            with pytest.raises(ClaimLost):
                self.do(work)
        else:
            self.do(work)
        return expected

    @initialize()
    def begin(self) -> None:
        """There is something to do."""
        self.accept(NUMBERS[0], 3)
        self.accept(NUMBERS[1], 2)

    @rule(number=st.sampled_from(NUMBERS), pages=st.integers(1, 3))
    def accept(self, number: str, pages: int) -> None:
        """A mail comes and is rendered."""
        self.do(self.desk.queue(number, count=pages))
        self.model[len(self.model) + 1] = Expected(number, pages)

    @rule(target=claims, owner=st.sampled_from(OWNERS))
    def claim(self, owner: str) -> Any:
        """A gateway looks for a call; it finds one exactly when there is one to make."""
        busy = {e.number for e in self.model.values() if e.state is S.CALLING}
        due = {r for r, e in self.model.items() if e.state is S.QUEUED and e.number not in busy}
        claim = self.do(self.desk.store.claim(owner, self.desk.now, LEASE))
        if claim is None:
            assert not due
            return multiple()
        assert claim.recipient in due
        expected = self.model[claim.recipient]
        expected.state, expected.owner, expected.asked = S.CALLING, owner, set()
        expected.attempt += 1
        assert (claim.attempt, claim.pages_confirmed) == (expected.attempt, expected.confirmed)
        return claim

    @rule(claim=claims, page=st.integers(1, 3), verdict=st.sampled_from(ANSWERS))
    def send_page(self, claim: Claim, page: int, verdict: PageVerdict | None) -> None:
        """A page is sent; the far end answers, or nothing is recorded."""
        page = min(page, claim.pages)
        expected = self.step(claim, self.desk.store.confirming(claim, page))
        if expected:
            expected.asked.add(page)
        if verdict is None:
            return
        report = page_report(page, verdict)
        if self.step(claim, self.desk.store.confirmed(claim, page, report)) and expected:
            expected.asked.discard(page)
            expected.answered |= {page} if verdict.confirmed else set()

    @rule(claim=claims)
    def renew(self, claim: Claim) -> None:
        """The call goes on."""
        self.step(claim, self.desk.store.renew(claim, self.desk.now + LEASE))

    @rule(claim=claims, again=st.booleans())
    def finish(self, claim: Claim, again: bool) -> None:
        """The call ends: later or never, unless every page is confirmed."""
        now = self.desk.now
        decision = Later(now, "later", "4.4.2") if again else Never("never", "5.1.2")
        expected = self.step(claim, self.desk.store.finish(claim, call_report(), decision, now))
        if expected and expected.confirmed == expected.pages:
            expected.end(S.SENT)
        elif expected and again:
            expected.state = S.QUEUED
        elif expected:
            expected.end(S.FAILED)

    @rule(claim=claims)
    def boast(self, claim: Claim) -> None:
        """A driver that says Sent with pages unconfirmed is not believed."""
        expected = self.holds(claim)
        if expected and expected.confirmed < expected.pages:
            with pytest.raises(Exception, match="unconfirmed"):
                self.do(self.desk.store.finish(claim, call_report(), Sent(), self.desk.now))

    @rule(owner=st.sampled_from(OWNERS), policy=st.sampled_from(["report", "resend"]))
    def restart(self, owner: str, policy: str) -> None:
        """A gateway is killed, starts again, and goes on."""
        self.crash(owner)
        self.resolve(policy)

    @rule(owner=st.sampled_from(OWNERS))
    def crash(self, owner: str) -> None:
        """A gateway is killed, and ends what it had under way."""
        self.do(self.desk.store.recover(owner, self.desk.now))
        for expected in self.model.values():
            if expected.state is S.CALLING and expected.owner == owner:
                expected.lose()

    @rule()
    def silence(self) -> None:
        """Nobody renews anything until every lease has ended."""
        self.desk.clock.advance(LEASE + timedelta(seconds=1))
        self.do(self.desk.store.expire(self.desk.now))
        for expected in self.model.values():
            if expected.state is S.CALLING:
                expected.lose()

    @rule(policy=st.sampled_from(["report", "resend"]))
    def resolve(self, policy: Any) -> None:
        """Lost calls are decided about."""
        self.do(self.desk.store.resolve_unknown(self.desk.now, policy))
        for expected in self.model.values():
            if expected.state is S.UNKNOWN:
                expected.resolve(policy)

    @rule(data=st.data(), cancel=st.booleans())
    def administer(self, data: st.DataObject, cancel: bool) -> None:
        """An administrator retries or cancels somebody."""
        if not self.model:
            return
        recipient = data.draw(st.sampled_from(sorted(self.model)))
        expected, store, now = self.model[recipient], self.desk.store, self.desk.now
        if cancel:
            assert self.do(store.cancel(recipient, now)) is (expected.state is S.QUEUED)
            if expected.state is S.QUEUED:
                expected.end(S.CANCELLED)
            return
        may = expected.state in {S.QUEUED, S.FAILED}
        assert (self.do(store.retry_now(recipient, now)) is not None) is may
        expected.state = S.QUEUED if may else expected.state

    @invariant()
    def the_store_agrees(self) -> None:
        """States, fences and confirmed pages are those of the model."""
        seen = {r.id: r for r in self.do(self.desk.store.queue_view(1000))}
        assert {r: (s.state, s.pages_confirmed) for r, s in seen.items()} == {
            r: (e.state, e.confirmed) for r, e in self.model.items()
        }

    @invariant()
    def one_call_for_each_number(self) -> None:
        """No destination has two calls."""
        calling = Counter(e.number for e in self.model.values() if e.state is S.CALLING)
        assert not calling or max(calling.values()) == 1

    @invariant()
    def one_receipt_for_each_end(self) -> None:
        """Whoever ended was told, once."""
        store, now = self.desk.store, self.desk.now
        while mail := self.do(store.next_mail(now, timedelta(days=1000))):
            assert mail.kind is MailKind.RECEIPT
            self.receipts[mail.recipient] += 1
        assert self.receipts == Counter({r: e.ends for r, e in self.model.items()})


@pytest.mark.timeout(300)
def test_the_queue_does_what_a_person_would_expect(new_url: NewUrl) -> None:
    """In any order of events the store and the model agree."""

    class Machine(QueueMachine):
        url = staticmethod(new_url)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
