"""What is coded is decoded again, by the compiled and by the interpreted codec."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from t4codec import Coding, Compression, Decoder, coded_bits, decode, encode
from tests.t4codec.strategies import Rows, codings, packed, pages, row_of_runs
from tests.t4codec.variants import interpreted


@pytest.mark.usefixtures("variant")
class TestBothVariants:
    """Every rule here holds for the compiled codec and for the interpreted one."""

    @given(st.data(), pages())
    @settings(max_examples=150)
    def test_a_page_comes_back(self, data: st.DataObject, page: Rows) -> None:
        """Decoding a coded page gives its rows, none of them bad."""
        coding = data.draw(codings(page.width))

        decoded = decode(encode(page.packed, coding), coding)

        assert decoded.rows == page.packed
        assert (decoded.height, decoded.quality.bad_rows) == (page.height, 0)

    @given(st.data(), pages())
    @settings(max_examples=100)
    def test_the_split_of_a_stream_means_nothing(self, data: st.DataObject, page: Rows) -> None:
        """Octet by octet, or in any pieces, a stream decodes as in one."""
        coding = data.draw(codings(page.width))
        coded = encode(page.packed, coding)
        cut = data.draw(st.integers(0, len(coded)))

        octets, pieces = Decoder(coding), Decoder(coding)
        by_octet = b"".join(octets.feed(coded[i : i + 1]) for i in range(len(coded)))
        ended = octets.ended
        by_piece = pieces.feed(coded[:cut]) + pieces.feed(coded[cut:]) + pieces.close()

        assert by_octet + octets.close() == page.packed
        assert by_piece == page.packed
        assert ended or not coding.end_mark

    @given(st.data(), pages())
    @settings(max_examples=100)
    def test_bits_are_counted_without_being_kept(self, data: st.DataObject, page: Rows) -> None:
        """`coded_bits` is the exact length of what `encode` writes, before the last octet fills."""
        coding = data.draw(codings(page.width))

        bits, coded = coded_bits(page.packed, coding), encode(page.packed, coding)

        assert (bits + 7) // 8 == len(coded)

    @pytest.mark.parametrize("compression", Compression)
    @pytest.mark.parametrize("width", [1, 7, 8, 63, 64, 65, 1728, 2432, 2623, 2624, 5184, 10_000])
    def test_pels_beyond_the_width_are_nobodys(self, compression: Compression, width: int) -> None:
        """What the last octet of a row holds beyond the width changes nothing and never returns."""
        coding = Coding(compression, width=width)
        stride = coding.stride
        beyond = (1 << 8 * stride - width) - 1
        rows = packed([row_of_runs([3, 9, 4000, width], width)] * 3, width)
        littered = b"".join(
            (int.from_bytes(rows[i : i + stride]) | beyond).to_bytes(stride)
            for i in range(0, len(rows), stride)
        )

        assert encode(littered, coding) == encode(rows, coding)
        assert decode(encode(littered, coding), coding).rows == rows

    @pytest.mark.parametrize("compression", Compression)
    def test_the_worst_pages_fit_their_room(self, compression: Compression) -> None:
        """Pels that alternate, in phase with the row above or not, cost at most 8 bits each."""
        width = 10_000
        stripes = row_of_runs([1] * width, width)
        rows = packed([stripes, stripes >> 1, 0, stripes, (1 << width) - 1] * 8, width)
        coding = Coding(compression, width=width)

        assert decode(encode(rows, coding), coding).rows == rows
        assert coded_bits(rows, coding) <= 8 * width * 40

    def test_a_repeated_row_of_many_changes_is_one_bit_for_each(self) -> None:
        """An MMR row that equals the one above is a bit for each change and one at its end."""
        width = 1728
        row = packed([row_of_runs([2] * 800, width)], width)
        coding = Coding(Compression.MMR, width=width)

        assert coded_bits(row * 2, coding) - coded_bits(row, coding) == 800 + 1


@given(st.data(), pages())
@settings(max_examples=100)
def test_both_variants_write_the_same_bits(data: st.DataObject, page: Rows) -> None:
    """The interpreted encoder writes what the compiled one writes."""
    coding = data.draw(codings(page.width))

    coded = encode(page.packed, coding)

    with interpreted():
        assert encode(page.packed, coding) == coded
