from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modems.t30.nsf import MAKERS, machine


@pytest.mark.parametrize(
    ("fif", "named"),
    [
        (b"\x00\x00\x0e\x00\x00\x00\x96\x0f", "Panasonic"),
        (b"\xb5\x00\xaa", "HylaFAX"),
        (b"\xad\x00\x55", "HylaFAX"),  # the same, its bits in the other order
        (b"\x20\x41\x07", "Siemens"),  # one octet of provider code
        (b"\x00\x00\x56\x00MFC-8600\x00", "Brother MFC-8600"),
        (b"\x00\x00\x11\x80\x00Canon MF4500\x00", "Canon MF4500"),  # not the maker twice
        (b"\x99\x12\x34\x00OfficeJet\x00", "OfficeJet"),  # of an unknown maker
        (b"\x99\x12\x34\x00\x01\x02", ""),
        (b"\x00", ""),
        (b"", ""),
    ],
)
def test_what_an_nsf_says(fif: bytes, named: str) -> None:
    """Maker and model are read where they are known, in either order of the bits."""
    assert machine(fif) == named


@given(st.binary(max_size=300))
def test_any_octets_make_a_name_or_none(fif: bytes) -> None:
    """Whatever comes, the name is short and printable."""
    named = machine(fif)
    assert named.isprintable()
    assert len(named) < 60


def test_the_table_of_makers() -> None:
    """Every maker has a country and a provider code of one or two octets, and a name."""
    assert len(MAKERS) > 150
    assert {len(code) for code in MAKERS} == {2, 3}
    assert all(maker.strip() == maker != "" for maker in MAKERS.values())
