"""The tables of the Recommendations, held by their mathematics."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest

from t4codec import tables

MODES = [tables.PASS, tables.HORIZONTAL, *tables.VERTICAL.values(), tables.EXTENSION_2D]


def kraft(codes: list[str]) -> Fraction:
    """The share of all infinite bit strings that begin with one of the codes."""
    return sum((Fraction(1, 1 << len(code)) for code in codes), Fraction(0))


@pytest.mark.parametrize("codes", [tables.WHITE, tables.BLACK], ids=["white", "black"])
def test_run_codes_fill_everything_but_eight_zeros(codes: dict[int, str]) -> None:
    """Run codes are prefix-free and leave exactly 00000000 free, which announces an EOL."""
    assert not [pair for pair in permutations(codes.values(), 2) if pair[1].startswith(pair[0])]
    assert kraft(list(codes.values())) == Fraction(255, 256)
    assert not [code for code in codes.values() if code.startswith("00000000")]


@pytest.mark.parametrize("codes", [tables.WHITE, tables.BLACK], ids=["white", "black"])
def test_every_run_has_its_codes(codes: dict[int, str]) -> None:
    """There is a terminating code for 0 to 63 and a make-up code for each 64 up to 2560."""
    assert list(codes) == [*range(64), *range(64, 2561, 64)]


def test_mode_codes_fill_everything_but_seven_zeros() -> None:
    """Mode codes are prefix-free and with the extension leave exactly 0000000 free."""
    assert not [pair for pair in permutations(MODES, 2) if pair[1].startswith(pair[0])]
    assert kraft(MODES) == Fraction(127, 128)
    assert not [code for code in MODES if code.startswith("0000000")]


def test_no_codes_in_a_row_look_like_eol() -> None:
    """Between two codes of a row there are never 11 zeros, so EOL is unique."""
    codes = {*tables.WHITE.values(), *tables.BLACK.values(), *MODES}
    trailing = max(len(code) - len(code.rstrip("0")) for code in codes)
    leading = max(len(code) - len(code.lstrip("0")) for code in codes)
    assert trailing + leading < tables.EOL.count("0")


@pytest.mark.parametrize(
    ("run", "white", "black"),
    [(0, "00110101", "0000110111"), (2, "0111", "11"), (63, "00110100", "000001100111")],
)
def test_examples_from_the_printed_page(run: int, white: str, black: str) -> None:
    """The columns are the right way round."""
    assert (tables.WHITE[run], tables.BLACK[run]) == (white, black)
