from __future__ import annotations

import pytest

from modems.simulated import Exchange
from tests.modems.conformance import LineConformance, Pair
from tests.modems.simulated.telephones import connected

pytestmark = pytest.mark.virtual_time


class TestSimulatedLine(LineConformance):
    """The simulated line at the speed of life."""

    tolerance = 1e-6

    @pytest.fixture
    async def pair(self) -> Pair:
        """Both ends of a call over an exchange."""
        return await connected(Exchange())


class TestFarAway(LineConformance):
    """The simulated line with the delay of a satellite."""

    tolerance = 0.6

    @pytest.fixture
    async def pair(self) -> Pair:
        """Both ends of a call with 0.27 s each way."""
        return await connected(Exchange(delay=0.27))
