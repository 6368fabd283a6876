from __future__ import annotations

import asyncio
import random

import pytest

from modems.simulated import Exchange
from tests.modems.conformance import LineConformance, Pair
from tests.modems.documents import chart
from tests.modems.simulated.calls import fax
from tests.modems.simulated.telephones import connected
from tests.virtual_time import VirtualTimeLoop


@pytest.mark.parametrize("speed", [100, 1000])
class TestFasterThanLife(LineConformance):
    """The simulated line on asyncio's own loop, with all its lateness."""

    tolerance = 1e-6

    @pytest.fixture
    async def pair(self, speed: float) -> Pair:
        """Both ends of a call over a fast exchange."""
        return await connected(Exchange(speed=speed))


class CreepingLoop(VirtualTimeLoop):
    """A loop whose clock moves on whenever somebody looks at it, as a real one does."""

    chance = random.Random(0)

    def time(self) -> float:
        """A little later each time, now and then so much that a turn-round is nearly over."""
        late = self.chance.random() < 0.05
        self._jumping.clock += self.chance.uniform(1e-3, 1.3e-3) if late else 2e-5
        return super().time()


@pytest.mark.parametrize("seed", range(60))
def test_time_may_pass_between_any_two_looks(seed: int) -> None:
    """A moment that comes while an end decides to wait for it is not waited for in vain."""

    async def call() -> bool:
        async with asyncio.timeout(60):
            return (await fax(Exchange(speed=60), [chart(1)])).sent.succeeded

    with asyncio.Runner(loop_factory=CreepingLoop) as runner:
        runner.get_loop().chance = random.Random(seed)  # type: ignore[attr-defined]
        assert runner.run(call())
