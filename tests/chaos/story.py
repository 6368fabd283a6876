"""What happens in one round, while the gateway is killed again and again.

In a `Round` people mail and lines fail; in a `Siege` fax machines call over soft modems.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.chaos.judge import judge, judge_calls
from tests.chaos.post import Ledger, posting
from tests.chaos.scene import ANSWERERS, configuration, with_modems
from tests.chaos.telephones import Caller, telephones
from tests.chaos.victim import Victim
from tests.gateway.running import free_port

PAUSE = 1.5  # s between two mails of one person
LONGEST_LIFE = 6.0  # s from one blow to the next
SETTLED = 240.0  # s in which the last gateway pays every debt
BLOWS: dict[Callable[[Victim], None], int] = {  # and how likely each is
    Victim.kill: 12,
    Victim.stop: 4,
    Victim.rival: 1,
    Victim.fill_the_disk: 3,
    Victim.lock_the_database: 1,
    Victim.take_the_mailboxes_away: 2,
}
SPARE_DESCRIPTORS = 24  # more than at the start: five database connections, two warm workers


@dataclass
class Story(ABC):
    """A gateway under blows, and what it came to."""

    seed: int
    directory: Path
    seconds: float
    blows: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    longest_life: float = LONGEST_LIFE

    @abstractmethod
    async def play(self) -> None:
        """Play the round and judge it; AssertionError when something does not hold."""

    def _places(self) -> tuple[Path, Path, int]:
        """The state directory, the configuration, and a port, of a gateway with real mailboxes."""
        state = self.directory / "state"
        mailboxes = self.directory / "mailboxes"
        mailboxes.mkdir()
        state.mkdir()
        (state / "mail").symlink_to(mailboxes)
        return state, self.directory / "gateway.yaml", free_port()

    def _strike(self, victim: Victim, random: Random) -> None:
        """Kill, stop, or set a rival on the gateway, at any moment."""
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(random.uniform(0.0, self.longest_life))
            (blow,) = random.choices(tuple(BLOWS), tuple(BLOWS.values()))
            self.blows[blow.__name__] = self.blows.get(blow.__name__, 0) + 1
            blow(victim)
            victim.start()

    def _settle(self, victim: Victim) -> None:
        """Leave the gateway alone until it owes nobody anything."""
        deadline = time.monotonic() + SETTLED
        before = victim.descriptors()
        while victim.owes():
            assert time.monotonic() < deadline, f"still owes after {SETTLED:.0f} s"
            time.sleep(0.2)
        assert victim.descriptors() <= before + SPARE_DESCRIPTORS, "descriptors are left open"
        self.counted["MB"] = victim.memory() // 1_000_000


@dataclass
class Round(Story):
    """People mail, and others call, over simulated lines."""

    async def play(self) -> None:
        """Play it."""
        random = Random(self.seed)
        damage = random.random() < 0.3
        victim, port = self._scene(random, damage=damage)
        ledger = Ledger()
        victim.start()
        try:
            with posting(self.seed, port, ledger, PAUSE):
                self._strike(victim, random)
            victim.leave_alone()
            self._settle(victim)
            victim.stop()
        finally:
            victim.end()
        self.counted = {
            "promised": len(ledger.promised),
            "unsure": len(ledger.unsure),
            **await judge(victim, ledger, damage=damage),
            **self.counted,
        }

    def _scene(self, random: Random, *, damage: bool) -> tuple[Victim, int]:
        state, config, port = self._places()
        config.write_text(configuration(random, state, port, damage=damage))
        return Victim(state, config, "tests.chaos.besieged"), port


@dataclass
class Siege(Story):
    """Fax machines call the gateway's modems."""

    longest_life: float = 45.0  # s, two calls

    async def play(self) -> None:
        """Play it."""
        random = Random(self.seed)
        state, config, port = self._places()
        links = {number: self.directory / f"modem{number[1:]}" for number in ANSWERERS}
        config.write_text(with_modems(state, port, links))
        victim = Victim(state, config)
        with telephones(self.directory, links, random) as callers:
            victim.start()
            try:
                self._strike(victim, random)
                for caller in callers:
                    caller.quiet = True
                await self._rest(callers)
                self._settle(victim)
                victim.stop()
            finally:
                victim.end()
        self.counted |= await judge_calls(victim)

    async def _rest(self, callers: Sequence[Caller]) -> None:
        """Until no machine calls any more."""
        async with asyncio.timeout(SETTLED):
            while not all(caller.idle for caller in callers):
                await asyncio.sleep(0.2)
