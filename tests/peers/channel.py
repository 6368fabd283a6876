"""One direction of a telephone line: delay, loss, noise, drop-outs, and a silence at a moment.

Works on blocks of 16-bit samples (`tests.peers.spandsp.BLOCK`); repeatable, since the noise is a
fixed one. Levels are in dBm0, where a full-scale sine is +3.14 (G.711).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from tests.peers.spandsp import BLOCK, RATE, SILENCE

FULL_SCALE = 3.14  # dBm0
NOISE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Impairment:
    """What is wrong with a line, the same both ways."""

    gain: float = 0.0  # dB
    noise: float | None = None  # dBm0, white
    drop_every: float = 0.0  # s from one drop-out to the next; 0: none
    drop: float = 0.0  # s that each lasts
    drop_first: float = 0.0  # s after the call is connected; 0: after `drop_every`
    silent_from: float = 0.0  # s after the call is connected; 0: never
    silent: float = 0.0  # s that this one silence lasts
    hang_up_at: float = 0.0  # s after the call is connected the line breaks; 0: never
    delay: float = 0.04  # s one way; 0 would let both ends hear themselves turn round


class Channel:
    """Passes blocks in one direction."""

    def __init__(self, impairment: Impairment, seed: int) -> None:
        self._way = impairment
        self._at = 0  # samples since the call was connected
        self._on_the_way = deque([SILENCE] * round(impairment.delay * RATE / BLOCK))
        self._noise = None
        if impairment.noise is not None:
            level = 32767 / math.sqrt(2) * 10 ** ((impairment.noise - FULL_SCALE) / 20)
            samples = NOISE_SECONDS * RATE + 61  # prime to the block, so that it does not repeat
            self._noise = np.random.default_rng(seed).normal(0, level, samples)

    def carry(self, block: bytes) -> bytes:
        """Put a block in; what comes out at the other end meanwhile."""
        self._on_the_way.append(block)
        block = self._on_the_way.popleft()
        at, self._at = self._at, self._at + BLOCK
        if self._gone(at):
            block = SILENCE
        if self._way.gain == 0 and self._noise is None:
            return block
        samples = np.frombuffer(block, np.int16) * 10 ** (self._way.gain / 20)
        if self._noise is not None:
            start = at % (len(self._noise) - BLOCK)
            samples = samples + self._noise[start : start + BLOCK]
        out: bytes = np.clip(samples, -32768, 32767).astype(np.int16).tobytes()
        return out

    def _gone(self, at: int) -> bool:
        """Whether nothing gets through in the block at `at`."""
        way, seconds = self._way, at / RATE
        since = seconds - (way.drop_first or way.drop_every) + way.drop
        dropped = way.drop_every and since >= 0 and since % way.drop_every < way.drop
        silent = way.silent and way.silent_from <= seconds < way.silent_from + way.silent
        return bool(dropped or silent)
