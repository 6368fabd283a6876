"""When a line picks up: the first rule of its `answer` that fits the called number and the hour.

Pure, but for the clock that is given. A line without a rule that fits answers at its own `rings`.
What a call is answered for, and whether a route would rather let it ring, is
`gateway.onramp.routing`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway.clock import Clock
from gateway.config.answer import AnswerRule
from gateway.config.model import AnyLine, Config
from gateway.onramp.numbers import matches_any
from modems.dialler import IncomingCall


@dataclass(frozen=True, slots=True)
class PickingUp:
    """The rules of one line."""

    line: AnyLine
    zone: tzinfo | None = None
    country: str = ""

    @staticmethod
    def of(config: Config) -> dict[str, PickingUp]:
        """Of every line, by its name."""
        return {line.name: PickingUp(line, config.zone, config.country) for line in config.lines}

    def rings(self, called: str, at: datetime) -> int:
        """At which ring a call is answered; where it never is, at which that is found out."""
        rule = self._rule(called, at)[1]
        return self.line.rings if rule is None or rule.rings is None else rule.rings

    def refusal(self, called: str, at: datetime) -> str:
        """Which rule leaves a call alone, for people; empty where the line answers."""
        number, rule = self._rule(called, at)
        refuses = rule is not None and rule.never
        return f"rule {number} of `answer` of line {self.line.name!r}" if refuses else ""

    def _rule(self, called: str, at: datetime) -> tuple[int, AnswerRule | None]:
        fitting = (
            (number, rule)
            for number, rule in enumerate(self.line.answer, 1)
            if self._fits(rule, called or self.line.number, at)
        )
        return next(fitting, (0, None))

    def _fits(self, rule: AnswerRule, called: str, at: datetime) -> bool:
        if rule.called and not matches_any(rule.called, called, self.country):
            return False
        if rule.hours is None:
            return True
        return (rule.hours.opening(at, self.zone) == at) is not rule.outside


def rings_by(
    rules: Mapping[str, PickingUp], clock: Clock
) -> Callable[[AnyLine, IncomingCall], int]:
    """At which ring a line answers a call that rings now."""
    return lambda line, call: rules[line.name].rings(call.called, clock.now())
