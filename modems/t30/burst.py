"""How many frames go out in one burst under error correction, and whether the rate is to blame.

A line that drops out for a moment takes the rest of a burst with it, since no receiver trains again
in the middle. So on a line that has shown trouble bursts are short; and a burst of which the most
was lost is followed by a shorter one, or whatever comes again and again would hit each at the same
place. Frames lost one here, one there are another matter; those a lower rate saves.

T.30 Annex A leaves both to the transmitter. Not here: what is sent (`send_blocks`).
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import takewhile
from typing import Final

from modems.t30.dis import Agreement
from modems.t30.ecm import FRAMES, frames_within

SHAKY: Final = 4.5  # s; T2 less its tolerance, and training: who has lost the carrier waits so long
SHORTEST: Final = 2.0  # s; what hits a burst that is shorter hits it not for its length
HOLES: Final = 0.1  # of the frames sent; more than that, lost here and there, is too much


class BurstLength:
    """What the bursts of a call so far say of the next."""

    def __init__(self) -> None:
        self._most = FRAMES  # of the next burst only
        self._sent = self._arrived = self._holes = 0  # frames since `judged`

    def begin(self) -> None:
        """A page begins: what hit the burst before it is somewhere else by now."""
        self._most = FRAMES

    def most(self, agreed: Agreement, *, shaky: bool) -> int:
        """Frames of the next burst, on a line that has shown trouble or has not."""
        rate, ec = agreed.modulation.bit_rate, agreed.parameters.ec
        short, enough = (frames_within(seconds, rate, ec) for seconds in (SHORTEST, SHAKY))
        most = max(self._most, short)
        return min(most, enough) if shaky else most

    def learn(self, sent: Sequence[int], missing: Set[int]) -> None:
        """A burst has been answered for."""
        lost = len(missing & set(sent))
        cut = sum(1 for _ in takewhile(missing.__contains__, reversed(sent)))
        self._sent += len(sent)
        self._arrived += len(sent) - lost
        self._holes += lost - cut
        self._most = max(1, len(sent) // 2) if 2 * cut > len(sent) else FRAMES

    def judged(self) -> bool:
        """Whether the losses since the last verdict are the rate's.

        A rate that lets nothing through is to blame too.
        """
        blamed = self._arrived == 0 or self._holes > HOLES * self._sent
        self._sent = self._arrived = self._holes = 0
        return blamed
