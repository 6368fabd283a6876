"""Faults on demand: which signal of a simulated line is lost, spoiled or cut off.

A fault counts the signals that it could strike, over the life of its line and in both directions,
and strikes those from the `nth` on, `times` of them. So a fault passes, and a call that is tried
again meets a sound line. The damage is the same in every run.

Frames go by the names of T.30 (`MCF`, `PRI-EOP`), the training check by `TCF`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from modems.t30.fcf import from_octet
from modems.t30.line import Frame

TCF = "TCF"
PPS_NULL = b"\0"  # FCF2 of a PPS after which the same page goes on (T.30 Annex A)
ERROR_OCTETS = 2  # one error on the line: so many octets in a row are noise
SPARED = 12  # octets at the end of a page that stay whole: its RTC


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    lose_frame     the frame named `frame` (any, when empty) goes unheard
    fail_training  TCF arrives spoiled, at rates above `above_rate` bit/s
    damage_rows    about `rows` rows of page number `page` of a call arrive with errors; with error
                   correction, so many of its frames
    hang_up        the call is lost `after` that fraction of the burst that holds the frame
                   `frame`, of a TCF, or, with no `frame`, of page number `page` of a call
    """

    kind: Literal["lose_frame", "fail_training", "damage_rows", "hang_up"]
    frame: str = ""
    nth: int = 1
    times: int = 1
    above_rate: int = 0
    page: int = 1
    rows: int = 10
    after: float = 0.5


class FaultBook:
    """The faults of one line and how often each could have struck."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = tuple(faults)
        self._seen = [0] * len(self._faults)

    def strike(self, kind: str, fits: Callable[[Fault], bool]) -> Fault | None:
        """The fault of this kind that strikes now; every one that fits counts the signal."""
        struck = None
        for i, fault in enumerate(self._faults):
            if fault.kind == kind and fits(fault):
                self._seen[i] += 1
                if 0 <= self._seen[i] - fault.nth < fault.times:
                    struck = fault
        return struck


class CallFaults:
    """The faults of both lines of one call, and which page the call is at."""

    def __init__(self, books: Sequence[FaultBook], seed: int = 0) -> None:
        self._books = books
        self._random = random.Random(seed)
        self._page = 1
        self._page_out = False

    def loses(self, frame: Frame) -> bool:
        """Whether this frame goes unheard."""
        name = name_of(frame)
        return self._strike("lose_frame", lambda f: f.frame in {"", name}) is not None

    def spoils_training(self, bit_rate: int) -> bool:
        """Whether this TCF arrives spoiled."""
        return self._strike("fail_training", lambda f: bit_rate > f.above_rate) is not None

    def damaged(self, coded: bytes) -> bytes:
        """The page's octets as they arrive."""
        fault = self._strike("damage_rows", lambda f: f.page == self._page)
        return noisy(coded, fault.rows, self._random) if fault else coded

    def damaged_frames(self, frames: Sequence[Frame]) -> list[Frame]:
        """The frames of one block of a page, with error correction, as they arrive."""
        fault = self._strike("damage_rows", lambda f: f.page == self._page)
        hit = self._random.sample(range(len(frames)), min(fault.rows, len(frames))) if fault else ()
        return [replace(frame, ok=frame.ok and i not in hit) for i, frame in enumerate(frames)]

    def cut_in_burst(self, names: Iterable[str]) -> float | None:
        """The fraction of a burst with these signals at which the call is lost."""
        struck = [self._strike("hang_up", partial(at_signal, name)) for name in names]
        return next((fault.after for fault in struck if fault), None)

    def cut_in_page(self) -> float | None:
        """The fraction of this page at which the call is lost."""
        fault = self._strike("hang_up", lambda f: not f.frame and f.page == self._page)
        return fault.after if fault else None

    def page_went_out(self) -> None:
        """A page is over: what is said next is about it."""
        self._page_out = True

    def follow(self, frames: Sequence[Frame]) -> None:
        """Count the pages: once confirmed, the next one has the next number."""
        if any(name_of(f) == "PPS" and f.octets[3:4] == PPS_NULL for f in frames):
            self._page_out = False  # what is confirmed now is a block; its page goes on
        if self._page_out and any(name_of(f) in {"MCF", "RTP", "PIP"} for f in frames):
            self._page += 1
            self._page_out = False

    def _strike(self, kind: str, fits: Callable[[Fault], bool]) -> Fault | None:
        struck = [book.strike(kind, fits) for book in self._books]  # every book counts
        return next((fault for fault in struck if fault), None)


def at_signal(name: str, fault: Fault) -> bool:
    """Whether a fault waits for a signal of this name."""
    return fault.frame == name != ""


def name_of(frame: Frame) -> str:
    """T.30's name of a frame; empty for one that has none."""
    fcf = from_octet(frame.octets[2]) if len(frame.octets) > 2 else None
    return fcf.label if fcf else ""


def noisy(coded: bytes, errors: int, noise: random.Random) -> bytes:
    """A page with so many short bursts of errors, evenly spread, its RTC spared."""
    octets = bytearray(coded)
    room = len(octets) - SPARED
    for i in range(errors if room >= ERROR_OCTETS else 0):
        at = (2 * i + 1) * room // (2 * errors)
        for j in range(at, min(at + ERROR_OCTETS, room)):
            octets[j] ^= noise.randrange(1, 256)
    return bytes(octets)
