"""The derived tables say what the printed ones say."""

from __future__ import annotations

import pytest

from t4codec import lookup, tables


@pytest.mark.parametrize("run", [0, 1, 63, 64, 100, 1728, 1792, 2560, 2623])
def test_a_run_code_is_make_up_and_terminating_code(run: int) -> None:
    """A run is coded by its make-up code, if it needs one, and its terminating code."""
    for base, codes in ((0, tables.WHITE), (lookup.BLACK, tables.BLACK)):
        entry = lookup.RUN_CODES[base + run]
        make_up = codes[run // 64 * 64] if run >= 64 else ""
        assert f"{entry >> 5:0{entry & 31}b}" == make_up + codes[run % 64]


def test_the_longest_run_codes_fit_the_word_that_holds_them() -> None:
    """White runs take 20 bits at most and black ones 25."""
    lengths = [entry & 31 for entry in lookup.RUN_CODES]
    assert max(lengths[: lookup.BLACK]) == 20
    assert max(lengths[lookup.BLACK :]) == 25


@pytest.mark.parametrize("colour", [0, 1])
def test_a_run_is_found_by_whatever_follows_its_code(colour: int) -> None:
    """Each of the 8192 indices finds the code that it begins with, or none."""
    codes = {code: run for run, code in (tables.WHITE, tables.BLACK)[colour].items()}
    for index in range(1 << lookup.RUN_BITS):
        bits = f"{index:0{lookup.RUN_BITS}b}"
        entry = lookup.RUNS[(colour << lookup.RUN_BITS) + index]
        code = bits[: entry & 15]
        if entry:
            assert codes[code] == entry >> 5
            assert bool(entry & lookup.MAKE_UP) == (codes[code] >= 64)
        else:
            assert not [c for c in codes if bits.startswith(c)]


def test_a_pair_of_runs_is_what_two_looks_would_find() -> None:
    """Where two short runs are found at once, they are those found one after the other."""
    for index, entry in enumerate(lookup.RUN_PAIRS):
        if entry:
            bits = f"{index:0{lookup.RUN_BITS}b}"
            white, black = entry >> 10, entry >> 4 & 63
            assert bits[: entry & 15] == tables.WHITE[white] + tables.BLACK[black]
            assert white * black > 0


def test_a_mode_is_found_by_whatever_follows_its_code() -> None:
    """Each of the 128 indices finds the mode that it begins with, or none."""
    codes = {tables.PASS: lookup.PASS, tables.HORIZONTAL: lookup.HORIZONTAL}
    codes |= {code: delta + lookup.VERTICAL_ZERO for delta, code in tables.VERTICAL.items()}
    for index, entry in enumerate(lookup.MODES):
        bits = f"{index:0{lookup.MODE_BITS}b}"
        if entry:
            assert codes[bits[: entry & 15]] == entry >> 4
        else:
            assert not [c for c in codes if bits.startswith(c)]


def test_octets_are_reversed_bit_by_bit() -> None:
    """The table turns an octet round, so twice is as before."""
    assert lookup.REVERSED[0b1] == 0b10000000
    assert bytes(range(256)).translate(lookup.REVERSED).translate(lookup.REVERSED) == bytes(
        range(256)
    )
