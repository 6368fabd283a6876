"""What a bad line does to a page costs rows, never an exception, and never more than it must."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from t4codec import Coding, Compression, Decoder, Quality, decode, encode, tables
from tests.t4codec.bits import RTC, octets, runs, string
from tests.t4codec.strategies import Rows, codings, packed, pages, row_of_runs
from tests.t4codec.variants import interpreted

WIDTH = 64
MH = Coding(Compression.MH, width=WIDTH)
MR = Coding(Compression.MR, width=WIDTH, k=4)
MMR = Coding(Compression.MMR, width=WIDTH)
EOL = tables.EOL
ROW = runs(10, 20, 34)
BLACK_ROW = runs(0, 64)
STRIDE = WIDTH // 8
PELS = packed([row_of_runs([10, 20, 34], WIDTH)], WIDTH)
BLACK = b"\xff" * STRIDE
NO_CODE = "00000000011"  # nine zeros begin no code and are no EOL


def a_page(rows: int) -> bytes:
    """Rows that all differ."""
    return packed([row_of_runs([5 + y % 40, 3 + y % 7, 2, 4], WIDTH) for y in range(rows)], WIDTH)


@pytest.mark.usefixtures("variant")
class TestBothVariants:
    """Every rule here holds for the compiled codec and for the interpreted one."""

    def test_a_bad_row_repeats_the_row_above(self) -> None:
        """A row that cannot be is a copy of the one above; the next EOL begins afresh."""
        stream = EOL + ROW + EOL + runs(10) + NO_CODE + EOL + BLACK_ROW + RTC

        decoded = decode(octets(stream), MH)

        assert decoded.rows == PELS + PELS + BLACK
        assert decoded.quality == Quality(rows=3, bad_rows=1, longest_bad_run=1)

    def test_a_bad_first_row_is_white(self) -> None:
        """Above the first row there is white paper."""
        decoded = decode(octets(EOL + runs(10) + NO_CODE + EOL + ROW + RTC), MH)

        assert decoded.rows == bytes(STRIDE) + PELS

    @pytest.mark.parametrize(
        "row",
        [runs(10, 20), runs(10, 20, 33), runs(10, 20, 35), runs(10, 20, 34) + "1", runs(2560, 1)],
        ids=["short", "one pel short", "one pel long", "a bit more", "far too long"],
    )
    def test_a_row_of_another_width_is_bad(self, row: str) -> None:
        """The runs of a row end exactly at the width, and EOL follows."""
        decoded = decode(octets(EOL + BLACK_ROW + EOL + row + EOL + ROW + RTC), MH)

        assert decoded.rows == BLACK + BLACK + PELS
        assert decoded.quality.bad_rows == 1

    def test_the_longest_run_of_bad_rows_is_counted(self) -> None:
        """Bad rows in succession are counted as a run, the longest of which is reported."""
        good, bad = EOL + ROW, EOL + runs(10) + NO_CODE
        decoded = decode(octets(good + bad * 2 + good + bad * 3 + good + bad + RTC), MH)

        assert decoded.quality == Quality(rows=9, bad_rows=6, longest_bad_run=3)

    def test_an_eol_whose_zeros_a_bad_row_swallowed_is_found(self) -> None:
        """The hunt for EOL begins before the code that could not be."""
        swallowing = runs(10) + "00110"  # with the zeros of EOL, 0011 0000 0000 000
        decoded = decode(octets(EOL + BLACK_ROW + EOL + swallowing + EOL + ROW + RTC), MH)

        assert decoded.rows == BLACK + BLACK + PELS

    def test_no_mr_row_refers_to_a_bad_one(self) -> None:
        """After a bad row of MR, rows are repeated until one is coded one-dimensionally."""
        page = a_page(12)
        bits = string(encode(page, MR))
        third = [i for i in range(len(bits)) if bits.startswith(EOL, i)][2]
        hit = bits[: third + 13] + NO_CODE + bits[third + 13 :]

        decoded = decode(octets(hit), MR)

        assert decoded.quality == Quality(rows=12, bad_rows=2, longest_bad_run=2)
        assert decoded.rows[: 2 * STRIDE] == page[: 2 * STRIDE]
        assert decoded.rows[2 * STRIDE : 4 * STRIDE] == page[STRIDE : 2 * STRIDE] * 2
        assert decoded.rows[4 * STRIDE :] == page[4 * STRIDE :]

    @pytest.mark.parametrize("cannot", ["0000001111", "000000001", "0001" * 4])
    def test_a_damaged_mmr_page_ends(self, cannot: str) -> None:
        """Nothing can be found again in MMR: rows so far stay, one is bad, the page ends."""
        page = a_page(3)
        bits = string(encode(page, Coding(Compression.MMR, width=WIDTH, end_mark=False)))
        stream = octets(bits.rstrip("0") + tables.VERTICAL[1] + cannot + "1" * 99)
        decoder = Decoder(MMR)

        rows = decoder.feed(stream)

        assert decoder.ended
        assert rows.startswith(page)
        assert decoder.quality.bad_rows == 1

    @pytest.mark.parametrize("eols", [5, 6, 9])
    def test_rtc_ends_a_page_also_with_one_eol_lost(self, eols: int) -> None:
        """Five EOLs in succession or more are the end; what follows is nobody's."""
        decoder = Decoder(MH)

        rows = decoder.feed(octets(EOL + ROW + EOL * eols + ROW + EOL))

        assert decoder.ended
        assert rows == PELS
        assert decoder.feed(b"\xff") == b""

    @pytest.mark.parametrize("eols", [2, 3, 4])
    def test_a_few_eols_in_succession_end_nothing(self, eols: int) -> None:
        """An empty row is no row and no end."""
        decoded = decode(octets(EOL + ROW + EOL * eols + ROW + RTC), MH)

        assert decoded.rows == PELS * 2
        assert decoded.quality.bad_rows == 0

    @pytest.mark.parametrize("noise", ["", "0" * 200, "1" * 200, "0110100001111" * 9, ROW + "11"])
    def test_what_comes_before_the_first_eol_is_noise(self, noise: str) -> None:
        """Zeros, ones and leftovers of training before the first EOL are no rows."""
        decoded = decode(octets(noise + EOL + ROW + RTC), MH)

        assert decoded.rows == PELS
        assert decoded.quality.bad_rows == 0

    def test_the_first_eol_may_be_missing(self) -> None:
        """A page that begins with a row, and EOL after it, loses nothing."""
        assert decode(octets(ROW + EOL + ROW + RTC), MH).rows == PELS * 2

    def test_fill_before_an_eol_may_be_long(self) -> None:
        """Any number of zeros before EOL is fill."""
        assert decode(octets(EOL + ROW + "0" * 5000 + EOL + ROW + RTC), MH).rows == PELS * 2

    @pytest.mark.parametrize("coding", [MH, MR, MMR], ids=lambda c: c.compression.name)
    def test_a_page_cut_in_a_row_has_one_bad_row_more(self, coding: Coding) -> None:
        """When the carrier goes in the middle of a row, that row is bad and the others stay."""
        page = a_page(9)
        coded = encode(page, coding)

        decoded = decode(coded[: len(coded) // 2], coding)

        good = decoded.height - decoded.quality.bad_rows
        assert 2 <= good <= 6
        assert decoded.rows.startswith(page[: good * STRIDE])

    def test_zero_runs_are_no_changes(self) -> None:
        """A run of no pels joins its neighbours, in MH and in horizontal mode."""
        split = runs(10, 5, 0, 15, 34)
        horizontal = tables.HORIZONTAL + runs(10, 20) + tables.HORIZONTAL + runs(34, 0)

        assert decode(octets(EOL + split + RTC), MH).rows == PELS
        assert decode(octets(horizontal + EOL * 2), MMR).rows == PELS

    def test_a_bound_on_rows_ends_the_page(self) -> None:
        """A stream of ones claims a row with each bit; `max_rows` of them are decoded."""
        decoder = Decoder(MMR, max_rows=1000)

        rows = decoder.feed(b"\xff" * 10_000)

        assert decoder.ended
        assert len(rows) == 1000 * STRIDE

    def test_a_bound_reached_at_an_eol_ends_the_page(self) -> None:
        """The bound holds where EOL confirms the row."""
        assert decode(octets((EOL + ROW) * 9 + RTC), MH, max_rows=4).rows == PELS * 4

    def test_a_bound_reached_at_a_bad_row_ends_the_page(self) -> None:
        """The bound holds where the last row is bad."""
        stream = octets(EOL + ROW + (EOL + runs(10) + NO_CODE) * 5 + EOL + ROW + RTC)

        assert decode(stream, MH, max_rows=3).quality == Quality(3, bad_rows=2, longest_bad_run=2)

    def test_a_few_octets_may_hold_many_rows(self) -> None:
        """White rows of MMR are a bit each; all of them are there and white."""
        assert decode(b"\xff" * 400, MMR).rows == bytes(3200 * STRIDE)

    def test_any_buffer_of_octets_is_fed(self) -> None:
        """Octets may come as bytes, bytearray or memoryview, whatever the bit order."""
        for lsb_first in (False, True):
            coding = Coding(Compression.MH, width=WIDTH, lsb_first=lsb_first)
            coded = encode(bytearray(PELS), coding)
            assert decode(bytearray(coded), coding).rows == PELS
            assert decode(memoryview(coded), coding).rows == PELS

    def test_closing_twice_is_harmless(self) -> None:
        """After `close` there is nothing more."""
        decoder = Decoder(MH)

        assert decoder.feed(octets(EOL + ROW)) + decoder.close() + decoder.close() == PELS
        assert decoder.ended

    def test_lines_without_eol_end_at_a_bad_code(self) -> None:
        """Without EOLs a damaged MH page has rows up to the damage."""
        coding = Coding(Compression.MH, width=WIDTH, eol=False)
        stream = octets(ROW * 3 + runs(10) + NO_CODE + ROW * 3)

        assert decode(stream, coding).rows.startswith(PELS * 3)

    @given(st.data(), pages(max_rows=8))
    @settings(max_examples=150)
    def test_damage_is_survived_the_same_way_in_any_pieces(
        self, data: st.DataObject, page: Rows
    ) -> None:
        """A mutated stream decodes to whole rows, within the bound, however it is split."""
        coding = data.draw(codings(page.width))
        coded = bytearray(encode(page.packed, coding))
        for _ in range(data.draw(st.integers(1, 5)) if coded else 0):
            coded[data.draw(st.integers(0, len(coded) - 1))] ^= data.draw(st.integers(1, 255))
        pieces = Decoder(coding, max_rows=50)

        decoded = decode(bytes(coded), coding, max_rows=50)
        by_octet = b"".join(pieces.feed(bytes([octet])) for octet in coded) + pieces.close()

        assert len(decoded.rows) == decoded.height * coding.stride <= 50 * coding.stride
        assert (by_octet, pieces.quality) == (decoded.rows, decoded.quality)
        assert decoded.quality.longest_bad_run <= decoded.quality.bad_rows <= decoded.height


@given(st.data(), st.binary(max_size=300), st.integers(1, 3000))
@settings(max_examples=150)
def test_rubbish_means_the_same_to_both_variants(
    data: st.DataObject, rubbish: bytes, width: int
) -> None:
    """Any octets at all give the same rows and counts from the compiled and the interpreted."""
    coding = data.draw(codings(width))

    decoded = decode(rubbish, coding, max_rows=100)

    with interpreted():
        assert decode(rubbish, coding, max_rows=100) == decoded
