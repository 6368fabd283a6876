"""Where a rendered fax goes: into the queue, on hold, or back to its sender. Pure.

The store asks, within the transaction in which it acts on the answer, so that what two mails of one
sender use at the same moment is added up one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.admission.ceilings import Account, account_names
from gateway.admission.destination import destination
from gateway.admission.fax import Fax
from gateway.admission.opening import Opening, latest
from gateway.admission.policy import Past, Policy, Verdict, Word, judge
from gateway.admission.sender import Proof, Sender
from gateway.admission.tariff import Rate
from gateway.config.model import Config
from gateway.said import Said


@dataclass(frozen=True, slots=True)
class Case:
    """One fax to one recipient, rendered, and whose it is."""

    number: str
    user: str
    groups: tuple[str, ...]
    at: datetime  # when it would go
    pages: int
    seconds: float  # predicted, on the line
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of it, and what is entered to which accounts if it goes."""

    word: Word
    rule: str
    reason: Said
    country: str
    due: datetime  # ALLOW, LATER: when it goes; HOLD: until when it waits
    rate: Rate
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placing:
    """One gateway's judge of rendered faxes; `patience` is how long a held one waits."""

    policy: Policy
    patience: timedelta

    @classmethod
    def of(cls, config: Config) -> Placing:
        """As the configuration has it."""
        return cls(Policy.of(config), config.confirm_within)

    def accounts(self, case: Case) -> list[Account]:
        """The sums that `place` must know."""
        return self.policy.accounts(_sender(case), case.at)

    def place(self, case: Case, past: Past, now: datetime) -> Placement:
        """Decide."""
        sender = _sender(case)
        fax = Fax(case.number, case.at, case.pages, case.seconds, case.confirmed)
        verdict = judge(self.policy, sender, fax, past)
        return Placement(
            verdict.word,
            verdict.rule,
            verdict.reason,
            destination(case.number, self.policy.country).country,
            self._due(case, verdict, now),
            self.policy.rate(case.number),
            tuple(dict.fromkeys(account_names(sender))),
        )

    def opening(self, number: str, user: str, groups: Sequence[str]) -> Opening | None:
        """The hours in which this sender's faxes to a number go out, if they have any."""
        sender = Sender(user, tuple(groups), Proof.LOCAL, "kept with the mail")
        return self.policy.opening(sender, number)

    def until(
        self,
        wait: timedelta,
        number: str,
        user: str,
        groups: Sequence[str],
        proof: str,
        at: datetime,
    ) -> datetime:
        """Until when a fax that could go `at` is tried for so long, as it is open."""
        return latest(at, wait, self.opening(number, user, groups) if proof else None)

    def _due(self, case: Case, verdict: Verdict, now: datetime) -> datetime:
        if verdict.word is Word.HOLD:
            return now + self.patience
        return verdict.at or case.at


def _sender(case: Case) -> Sender:
    return Sender(case.user, case.groups, Proof.LOCAL, "kept with the mail")
