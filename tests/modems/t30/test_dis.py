"""DIS and DCS: worked examples from real machines, round trips, and any octets at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modems.session import BR, DF, EC, LN, ST, VR, WD, SessionParameters
from modems.t30 import table2
from modems.t30.dis import Agreement, Capabilities, read_dcs, read_dis, write_dcs, write_dis
from modems.t30.line import Modulation
from modems.t30.negotiate import FALL_BACK
from tests.modems.t30.hostile import agreements, capabilities


def test_a_real_dis() -> None:
    """The DIS of a Fuji Xerox machine says what its manual says."""
    can = read_dis(bytes.fromhex("20 EE FA C4 80 1F"))

    assert can == Capabilities(
        modulations=table2.OFFERED_RATES["1101"],
        resolutions=frozenset(VR),
        width=WD.A3,
        length=LN.UNLIMITED,
        codings=frozenset(DF),
        ec=EC.ECM_256,
        st=ST.MS_0,
        subaddress=False,
    )


def test_a_dis_of_three_octets() -> None:
    """The oldest machines send three octets; what is missing is off."""
    can = read_dis(bytes.fromhex("00 02 00"))

    assert can.modulations == {Modulation.V27TER_2400}
    assert can.resolutions == {VR.R8_STANDARD, VR.INCH_200X100}
    assert (can.receives, can.ec, can.st) == (True, EC.OFF, ST.MS_20)


def test_octets_after_the_last_extend_bit_are_not_read() -> None:
    """Without an extend bit an octet is not there, whatever follows."""
    assert table2.to_bits(bytes.fromhex("00 00 00 FF")) == frozenset()
    assert table2.to_bits(bytes.fromhex("00 00 80 04 FF")) == {27}


@given(st.frozensets(st.integers(1, 127).filter(lambda n: n not in table2.EXTEND)))
def test_bits_come_back(bits: frozenset[int]) -> None:
    """Octets hold the bits that were put into them, and are as few as they can be."""
    octets = table2.to_octets(bits)

    assert table2.to_bits(octets) == bits
    assert len(octets) == max(3, (max(bits, default=0) + 7) // 8)


@given(capabilities)
def test_a_dis_never_promises_more(can: Capabilities) -> None:
    """What is read from our DIS is what we can, and nothing beyond it."""
    read = read_dis(write_dis(can))

    assert read.modulations <= can.modulations or read.modulations == table2.OFFERED_RATES["0000"]
    coded = can.codings - (frozenset() if can.ec else {DF.MMR})
    assert read.codings == coded
    assert read == replace(read, width=can.width, length=can.length, ec=can.ec, st=can.st)
    assert {table2.RESOLUTIONS[vr] - {table2.INCH} for vr in read.resolutions} == {
        table2.RESOLUTIONS[vr] - {table2.INCH} for vr in can.resolutions
    }


@given(agreements)
def test_a_dcs_comes_back(agreed: Agreement) -> None:
    """What is written into a DCS is read from it, but for MMR without ECM, which is foreign."""
    read = read_dcs(write_dcs(agreed))

    assert read is not None
    br = BR(agreed.modulation.bit_rate // 2400 - 1)
    assert read.parameters == replace(agreed.parameters, br=br)
    assert read.modulation is agreed.modulation
    wrong = agreed.parameters.df is DF.MMR and not agreed.parameters.ec
    assert read.foreign == ({table2.MMR} if wrong else frozenset())


@given(st.binary(max_size=40))
def test_any_octets_are_read(octets: bytes) -> None:
    """No far end can make reading a DIS or DCS fail."""
    assert read_dis(octets).modulations
    read_dcs(octets)


@pytest.mark.parametrize("modulation", FALL_BACK)
def test_a_dcs_to_an_old_machine_has_three_octets(modulation: Modulation) -> None:
    """A DCS for what Group 3 began with is as short as its machines expect."""
    agreed = Agreement(SessionParameters(vr=VR.R8_FINE, df=DF.MR, st=ST.MS_20), modulation)

    assert len(write_dcs(agreed)) == 3


def test_v33_is_no_modulation_of_ours() -> None:
    """A rate that we have no modem for gives no agreement."""
    assert read_dcs(table2.to_octets({table2.RECEIVE, 13})) is None


def test_foreign_features_are_named() -> None:
    """JBIG or colour in a DCS is reported by its bit."""
    read = read_dcs(table2.to_octets({table2.RECEIVE, 14, 27, 68, 78}))

    assert read is not None
    assert read.foreign == {68, 78}


@pytest.mark.parametrize(
    ("limit", "offered"), [(14400, "1101"), (12000, "1100"), (9600, "1100"), (4800, "0100")]
)
def test_a_limited_terminal_offers_no_faster_modulation(limit: int, offered: str) -> None:
    """`up_to` keeps the DIS to families that are wholly within the limit."""
    can = Capabilities().up_to(limit)

    assert read_dis(write_dis(can)).modulations == table2.OFFERED_RATES[offered]


def test_the_slowest_modulation_is_everybodys() -> None:
    """A limit below every modulation leaves V.27ter at 2400 bit/s."""
    assert Capabilities().up_to(300).modulations == {Modulation.V27TER_2400}


@pytest.mark.parametrize(
    ("table", "numbers"),
    [
        (table2.WIDTHS, table2.WIDTH),
        (table2.LENGTHS, table2.LENGTH),
        (table2.SCAN_TIMES, table2.SCAN_TIME),
    ],
)
def test_every_code_has_a_meaning(table: dict[str, object], numbers: tuple[int, ...]) -> None:
    """A field of n bits has 2^n codes, and the table gives each a meaning."""
    assert len(table) == 2 ** len(numbers)
    assert all(table2.code(table2.ones(code, numbers), numbers) == code for code in table)


def test_chosen_rates_are_one_to_one() -> None:
    """Each rung of the ladder has exactly one code in DCS."""
    assert sorted(m.value for m in table2.CHOSEN_RATES.values()) == sorted(
        m.value for m in FALL_BACK
    )
