"""Policies and senders for the tests of rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.admission.policy import Policy
from gateway.admission.sender import Proof, Sender
from gateway.config.sending import Ceiling, Rule, Tariff

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Warsaw
NATIONAL, FOREIGN, PREMIUM = "+48221234567", "+4930123456", "+48704123456"
ANNA = Sender("anna", ("staff", "board"), Proof.LOGIN, "logged in as anna")


def rule(name: str = "all", **given: Any) -> Rule:
    """A rule of the YAML."""
    return Rule.model_validate({"name": name, **given})


def ceiling(name: str = "day", **given: Any) -> Ceiling:
    """A ceiling of the YAML."""
    return Ceiling.model_validate({"name": name, **given})


def policy(*rules: Rule, ceilings: tuple[Ceiling, ...] = (), tariff: Any = None) -> Policy:
    """A policy of a gateway in Warsaw."""
    prices = Tariff.model_validate(tariff or {})
    return Policy(rules or (rule(),), ceilings, prices, "PL", WARSAW)
