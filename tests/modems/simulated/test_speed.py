from __future__ import annotations

import pytest

from modems.simulated import Exchange
from tests.modems.conformance import LineConformance, Pair
from tests.modems.simulated.telephones import connected


@pytest.mark.parametrize("speed", [100, 1000])
class TestFasterThanLife(LineConformance):
    """The simulated line on asyncio's own loop, with all its lateness."""

    tolerance = 1e-6

    @pytest.fixture
    async def pair(self, speed: float) -> Pair:
        """Both ends of a call over a fast exchange."""
        return await connected(Exchange(speed=speed))
