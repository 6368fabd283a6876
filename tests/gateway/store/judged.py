"""Rendered faxes of Anna's, judged by rules and ceilings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from gateway.admission.placing import Placing
from gateway.config.sending import Ceiling, Rule
from gateway.store import Store
from gateway.store.records import Recipient, RecipientState
from tests.gateway.admission.policies import policy
from tests.gateway.store.samples import DOCUMENTS, Desk, mail, pages

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
