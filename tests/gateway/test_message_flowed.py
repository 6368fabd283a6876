"""format=flowed is undone as RFC 3676 says."""

from __future__ import annotations

import pytest

from gateway.message.flowed import unflow


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> quoted \n> goes on\nmine", "> quoted goes on\nmine"),
        (">> deep \n> less deep", ">> deep \n> less deep"),
        ("text\n-- \nJan", "text\n-- \nJan"),
        ("flows \n-- \nJan", "flows \n-- \nJan"),
        (" stuffed\n From x", "stuffed\nFrom x"),
        ("open ", "open "),
        ("", ""),
    ],
)
def test_soft_breaks_are_joined_and_hard_ones_stay(wire: str, text: str) -> None:
    """A line that ends in a space goes on in the next of its depth; signatures never do."""
    assert unflow(wire) == text


def test_delsp_takes_the_space_away() -> None:
    """With DelSp=yes a break inside a word leaves no trace."""
    assert unflow("Donau \ndampf", delsp=True) == "Donaudampf"
