"""T.30 5.3.6.1 as a table: the octets that are seen on real lines, and its mathematics."""

from __future__ import annotations

import pytest

from modems.t30.fcf import FCF, POST_PAGE, from_octet

# LSB view with X = 0, as seen on real serial lines.
OCTETS = {
    "DIS": 0x80,
    "CSI": 0x40,
    "NSF": 0x20,
    "DTC": 0x81,
    "CIG": 0x41,
    "PWD": 0xC1,
    "NSC": 0x21,
    "SEP": 0xA1,
    "PSA": 0x61,
    "DCS": 0x82,
    "TSI": 0x42,
    "SUB": 0xC2,
    "NSS": 0x22,
    "SID": 0xA2,
    "CTC": 0x12,
    "CFR": 0x84,
    "FTT": 0x44,
    "CTR": 0xC4,
    "EOM": 0x8E,
    "MPS": 0x4E,
    "EOR": 0xCE,
    "EOP": 0x2E,
    "RR": 0x6E,
    "EOS": 0x1E,
    "PRI_EOM": 0x9E,
    "PRI_MPS": 0x5E,
    "PRI_EOP": 0x3E,
    "PPS": 0xBE,
    "MCF": 0x8C,
    "RTN": 0x4C,
    "RTP": 0xCC,
    "PIN": 0x2C,
    "PIP": 0xAC,
    "PID": 0x6C,
    "RNR": 0xEC,
    "ERR": 0x1C,
    "PPR": 0xBC,
    "FDM": 0xFC,
    "DCN": 0xFA,
    "CRP": 0x1A,
    "FNV": 0xCA,
    "TNR": 0xEA,
    "TR": 0x6A,
    "FCD": 0x06,
    "RCP": 0x86,
    "CSA": 0x24,
    "CIA": 0xE1,
    "ISP": 0x11,
    "TSA": 0x62,
    "IRA": 0xE2,
}


def test_octets_are_those_of_real_lines() -> None:
    """Each field's octet, derived from its line bits, is the one that terminals send."""
    assert {fcf.name: fcf.octet(x=False) for fcf in FCF} == OCTETS


def test_every_field_has_eight_bits() -> None:
    """The table is written as two groups of four."""
    for fcf in FCF:
        high, low = fcf.value.split()
        assert len(high) == len(low) == 4
        assert set(high[1:] + low) <= set("01")


@pytest.mark.parametrize("fcf", FCF)
@pytest.mark.parametrize("x", [False, True])
def test_both_values_of_x_are_read(fcf: FCF, x: bool) -> None:
    """A field is known whatever its X, and no two fields share an octet."""
    assert from_octet(fcf.octet(x=x)) is fcf


def test_x_is_the_first_bit() -> None:
    """X is the lowest bit of the LSB view, and changes nothing where it is fixed."""
    assert FCF.EOP.octet(x=True) == 0x2F
    assert FCF.DIS.octet(x=True) == 0x80


def test_unknown_octets_are_no_field() -> None:
    """What T.30 does not give is None."""
    assert from_octet(0x00) is None


def test_labels_are_t30s() -> None:
    """Names are written as T.30 writes them."""
    assert FCF.PRI_EOP.label == "PRI-EOP"


def test_pri_commands_are_their_plain_ones() -> None:
    """Without an operator PRI-Q means Q."""
    assert POST_PAGE[FCF.PRI_MPS] is FCF.MPS
    assert set(POST_PAGE.values()) == {FCF.MPS, FCF.EOM, FCF.EOP}
