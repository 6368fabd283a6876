"""The administrator's own tests of the rules (`expect:`), which `faxgate check` runs. Pure.

Each is judged as if it were the sender's first fax of the day and month, and as if the sender knew
the country already, unless the test says that it is the first fax there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from gateway.admission.destination import destination
from gateway.admission.fax import Fax
from gateway.admission.policy import Past, Policy, Verdict, judge
from gateway.admission.sender import Sender
from gateway.admission.senders import Senders
from gateway.config.model import Config
from gateway.config.section import Finding
from gateway.config.sending import Expectation

A_MONDAY: Final = datetime(2026, 11, 23, 10, 0)


def unmet(config: Config) -> Iterator[Finding]:
    """The place and the sentence of each test that the rules do not pass."""
    senders, policy = Senders.of(config), Policy.of(config)
    for i, test in enumerate(config.expect):
        sender = next(senders.named(test.sender), None)
        if sender is None:
            yield ("expect", i, "sender"), f"nobody is {test.sender!r}; `senders` names who sends"
            continue
        found = _tried(policy, sender, test)
        if found.word != test.verdict:
            text = f"{test.verdict} was expected, but it is {found.word}{_because(found)}"
            yield ("expect", i, "verdict"), text
        elif test.rule not in ("", found.rule):
            text = f"{test.rule!r} was expected to decide, but {found.rule!r} does"
            yield ("expect", i, "rule"), text


def _tried(policy: Policy, sender: Sender, test: Expectation) -> Verdict:
    at = (test.at or A_MONDAY).replace(tzinfo=policy.zone)
    at = at if policy.zone is not None else at.astimezone()
    minutes = test.pages if test.minutes is None else test.minutes
    fax = Fax(test.to, at, test.pages, minutes * 60)
    country = destination(test.to, policy.country).country
    return judge(policy, sender, fax, Past(frozenset(() if test.first else (country,)), {}))


def _because(found: Verdict) -> str:
    by = f", by {found.rule!r}"
    return f"{by}: {found.reason}" if found.reason else by
