"""What happens in one round: people mail, lines fail, and the gateway is killed again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.chaos.judge import judge
from tests.chaos.post import Ledger, posting
from tests.chaos.scene import configuration
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
class Round:
    """One round and what it came to."""

    seed: int
    directory: Path
    seconds: float
    blows: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    async def play(self) -> None:
        """Play the round and judge it; AssertionError when something does not hold."""
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
        state = self.directory / "state"
        mailboxes = self.directory / "mailboxes"
        mailboxes.mkdir()
        state.mkdir()
        (state / "mail").symlink_to(mailboxes)
        port = free_port()
        config = self.directory / "gateway.yaml"
        config.write_text(configuration(random, state, port, damage=damage))
        return Victim(state, config), port

    def _strike(self, victim: Victim, random: Random) -> None:
        """Kill, stop, or set a rival on the gateway, at any moment."""
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(random.uniform(0.0, LONGEST_LIFE))
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
