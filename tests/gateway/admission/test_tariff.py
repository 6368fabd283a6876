"""gateway.admission.tariff: money is counted exactly, by the longest prefix."""

from __future__ import annotations

from gateway.admission.tariff import Rate, money, rate_of
from gateway.config.sending import Tariff

TARIFF = Tariff.model_validate(
    {
        "step": "60 s",
        "prices": [
            {"prefix": "+", "minute": "1.50"},
            {"prefix": "+48", "minute": "0.02", "call": "0.05"},
        ],
    }
)


def test_the_longest_prefix_counts() -> None:
    """Whatever the order in the YAML."""
    assert rate_of(TARIFF, "+48221234567") == Rate(50_000, 20_000, 60.0)
    assert rate_of(TARIFF, "+4930123456") == Rate(0, 1_500_000, 60.0)


def test_calls_are_charged_in_whole_steps() -> None:
    """61 seconds are two minutes where minutes are sold."""
    rate = rate_of(TARIFF, "+48221234567")

    assert rate.cost(60) == 50_000 + 20_000
    assert rate.cost(61) == 50_000 + 40_000
    assert rate.cost(0, calls=0) == 0


def test_money_is_shown_as_people_write_it() -> None:
    """Two places and the currency."""
    assert money(1_250_000, "EUR") == "1.25 EUR"
