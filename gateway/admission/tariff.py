"""What a call costs: whole millionths of the currency, so that sums are exact. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gateway.config.sending import Tariff
from gateway.said import Said, arranged

MILLIONTHS: Final = 1_000_000  # of one unit of the currency


@dataclass(frozen=True, slots=True)
class Rate:
    """What calls to one number cost, in millionths of the currency; every call, every minute."""

    call: int = 0
    minute: int = 0
    step: float = 1.0  # s; a call is charged in whole steps

    def cost(self, seconds: float, calls: int = 1) -> int:
        """Millionths for calls that were connected for `seconds` together."""
        charged = math.ceil(seconds / self.step) * self.step
        return calls * self.call + math.ceil(self.minute * charged / 60)


def rate_of(tariff: Tariff, number: str) -> Rate:
    """The rate of an E.164 number: the longest prefix that fits; nothing is free of charge only
    because it was not listed where money has a ceiling (`gateway.config.rules` sees to a price).
    """
    fitting = [price for price in tariff.prices if number.startswith(price.prefix)]
    step = tariff.step.total_seconds()
    if not fitting:
        return Rate(step=step)
    price = max(fitting, key=lambda p: len(p.prefix))
    return Rate(millionths(price.call), millionths(price.minute), step)


def millionths(amount: Decimal) -> int:
    """An amount of the YAML."""
    return int(amount * MILLIONTHS)


def money(amount: int, currency: str) -> Said:
    """Millionths for people: `1.25 EUR`."""
    units = Decimal(f"{amount / MILLIONTHS:.2f}")
    return arranged("{amount} {currency}", amount=units, currency=currency)
