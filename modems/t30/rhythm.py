"""A line that drops out at regular intervals: when it will do so next, and what fits in between.

Clocks that differ slip at regular intervals, be it between two exchanges or in the buffer of a VoIP
adapter; metering pulses and the beeps of recorders are regular too. Each takes the end of a burst,
a command or an answer with it, and a far end forgives only a few of those. Where three losses agree
in a period, the next are known, and what we send is timed so that they fall where nothing is lost:
into the flags before a V.21 frame, or into silence.

A guess that is wrong costs some seconds of silence, and is given up when the losses disagree. Pure;
times are seconds of the line. T.30 leaves the silences between signals to us, within T2 and T4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LOSSES: Final = 3  # that must agree
KEPT: Final = 12
RECENT: Final = 100.0  # s; older losses say nothing of a period
SHORTEST: Final = 3.5  # s; nothing fits into less
LONGEST: Final = 20.0  # s; what is rarer is luck
STEPS: Final = 8  # that a doubt is cut into, to try a period for each
NEAR: Final = 0.04  # of a period; the best so near to the longest that agrees
SLACK: Final = 0.15  # s; what the modem's buffers add to a loss's own doubt
MARGIN: Final = 0.1  # s, kept from a drop-out on both sides
GRID: Final = 0.1  # s, between two delays that are tried

PREAMBLE: Final = 0.8  # s of flags before a V.21 frame; what hits them does no harm
FLAGS: Final = 0.2  # s; the preamble may be so much longer
AROUND: Final = 7  # octets of a V.21 frame that are not FIF: flags, address to FCF, FCS
TRAINING: Final = 0.6  # s after a response in which the far end begins a page
# Seconds after a burst in which the frames of PPS and MCF are on the line.
PPS_AFTER: Final = (0.85, 1.45)
MCF_AFTER: Final = (2.2, 2.95)
IN_TIME: Final = 5.2  # s until the end of a burst that is held back, so that its PPS is within T2

Window = tuple[float, float]  # seconds from a moment


@dataclass(frozen=True, slots=True)
class Loss:
    """Something was lost at `at`, give or take `doubt`."""

    at: float
    doubt: float


class Rhythm:
    """The losses of a call so far, and what they say of the next."""

    def __init__(self) -> None:
        self._losses: deque[Loss] = deque(maxlen=KEPT)
        self._known: tuple[float, float] | None = None  # the period, and when one drop-out was

    def lost(self, at: float, doubt: float) -> None:
        """Something was lost."""
        self._losses.append(Loss(at, doubt))
        self._known = period(self._losses)

    def delay(self, most: float, begin: float, octets: int, burst: float) -> float:
        """How long to hold back a response with a FIF of so many octets, `most` seconds.

        It would begin at `begin`. At best nothing is hit until the far end's next command is over,
        which comes after a burst of `burst` seconds if one is asked for; at least the response
        itself is not.
        """
        if self._known is None:
            return 0.0
        end = PREAMBLE + FLAGS + (octets + AROUND) * 8 / 300
        frame, training = (PREAMBLE, end), (end, end + TRAINING)
        if not burst:
            return self._first_clear(most, begin, [(frame, training), (frame,)])
        pps = tuple(end + TRAINING + burst + after for after in PPS_AFTER)
        command, page = (pps[0] - FLAGS, pps[1]), (end, end + TRAINING + burst)
        wishes = [(frame, page, command), (frame, command), (frame, training), (frame,)]
        return self._first_clear(most, begin, wishes)

    def fit(
        self, now: float, most: int, begin: float, frame: float, longest: float
    ) -> tuple[int, float]:
        """How many frames to send after which delay: the most in the least time, and unharmed.

        Of at most `most` frames of `frame` seconds, `begin` seconds of training before the first,
        and a delay of `longest` seconds.
        """
        best, chosen = 0.0, (most, 0.0)
        if self._known is None:
            return chosen
        for wait in _grid(longest):
            start = now + wait
            room = self._next(start) - MARGIN - start - begin
            for count in range(min(most, int(room / frame)), 0, -1):
                end = start + begin + count * frame
                gain = count / (end + MCF_AFTER[1] - now)
                if gain <= best:
                    break
                in_time = not wait or end - now <= IN_TIME
                if in_time and self._clear(end, ((start - end, 0.0), PPS_AFTER, MCF_AFTER)):
                    best, chosen = gain, (count, wait)
                    break
        return chosen

    def _next(self, at: float) -> float:
        """The first drop-out after `at`."""
        assert self._known is not None
        every, one = self._known
        return at + (one - at) % every

    def _first_clear(
        self, most: float, begin: float, wishes: Sequence[tuple[Window, ...]]
    ) -> float:
        # A long response leaves hardly more room than itself: then the margin is what gives way.
        for margin, windows in [*((MARGIN, wish) for wish in wishes), (0.0, wishes[-1])]:
            for late in _grid(most):
                if self._clear(begin + late, windows, margin):
                    return late
        return 0.0

    def _clear(self, at: float, windows: Iterable[Window], margin: float = MARGIN) -> bool:
        """Whether no drop-out is expected in any of these windows after `at`."""
        assert self._known is not None
        every, one = self._known
        at -= one
        return all(
            (at + first - margin) // every == (at + last + margin) // every
            for first, last in windows
        )


def period(losses: Sequence[Loss]) -> tuple[float, float] | None:
    """The longest period in which the losses agree, and a moment of it; None where they do not.

    One in four may be of another kind.
    """
    newest = max((loss.at for loss in losses), default=0.0)
    losses = [loss for loss in losses if newest - loss.at < RECENT]
    enough = max(LOSSES, len(losses) - len(losses) // 4)
    if len(losses) < enough:
        return None
    last, *others = sorted(losses, key=lambda loss: (loss.doubt, -loss.at))
    other = next((loss for loss in others if abs(loss.at - last.at) > SHORTEST), last)
    agreed = [
        every
        for every in _periods(last, other)
        if sum(_off(loss, last.at, every) <= 1 for loss in losses) >= enough
    ]
    if not agreed:
        return None
    near = [every for every in agreed if every >= (1 - NEAR) * max(agreed)]
    return min(near, key=lambda every: _disagreement(losses, last.at, every)), last.at


def _periods(one: Loss, other: Loss) -> Iterable[float]:
    """Every period, more or less, that could have brought both."""
    apart = abs(one.at - other.at)
    doubt = one.doubt + other.doubt + SLACK
    for times in range(max(1, int(apart / LONGEST)), int(apart / SHORTEST) + 1):
        for n in range(-STEPS, STEPS + 1):
            every = (apart + n * doubt / STEPS) / times
            if SHORTEST <= every <= LONGEST:
                yield every


def _off(loss: Loss, at: float, every: float) -> float:
    """How far a loss is from the next drop-out of such a rhythm, in terms of its doubt."""
    return abs((loss.at - at + every / 2) % every - every / 2) / (loss.doubt + SLACK)


def _disagreement(losses: Iterable[Loss], at: float, every: float) -> float:
    return sum(min(1.0, _off(loss, at, every)) ** 2 for loss in losses)


def _grid(most: float) -> Iterable[float]:
    return (n * GRID for n in range(int(most / GRID) + 1))
