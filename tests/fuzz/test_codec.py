"""The fuzzers themselves work; they run for long by `python -m tests.fuzz.codec`."""

from __future__ import annotations

import random

import pytest

from tests.bench.pages import charts
from tests.fuzz import codec


def test_a_few_attacks_are_survived() -> None:
    """A hundred mutated streams break no invariant."""
    rng = random.Random(1)
    seeds = [page.rows for page in charts()]

    for _ in range(100):
        codec.attack(rng, seeds)


def test_what_breaks_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken invariant prints the target, the coding and the octets, and is raised."""

    def breaks(stream: bytes, coding: object, rng: random.Random) -> None:
        raise AssertionError

    monkeypatch.setattr(codec, "TARGETS", [breaks])
    with pytest.raises(AssertionError):
        codec.attack(random.Random(1), [bytes(5000)])

    assert capsys.readouterr().err.startswith("breaks broke: Coding(")
