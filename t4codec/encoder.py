"""Code packed rows as T.4 or T.6 says, or count exactly how many bits that takes.

Rows are packed: (width + 7) // 8 octets each, most significant bit leftmost, 1 is black; bits
beyond the width are ignored. The work is in `encoder_cy`; this is what its callers see.
"""

from __future__ import annotations

from t4codec import tables
from t4codec.coding import KERNEL_CODES, Coding, Compression, Octets
from t4codec.encoder_cy import PageEncoder
from t4codec.errors import CodingError
from t4codec.lookup import REVERSED

_WORD = 8  # octets


def encode(rows: Octets, coding: Coding) -> bytes:
    """The coded page. Raises CodingError when `rows` is not a whole number of rows."""
    encoder = _encoder(coding)
    _code(encoder, bytes(rows), coding, keep=True)
    coded = encoder.end(_end_eols(coding))
    return coded.translate(REVERSED) if coding.lsb_first else coded


def coded_bits(rows: Octets, coding: Coding) -> int:
    """How many bits `encode` would write, end mark included, the filling of the last octet not.

    Counted by the encoder itself, one row at a time, without keeping its output.
    """
    encoder = _encoder(coding)
    _code(encoder, bytes(rows), coding, keep=False)
    encoder.end(_end_eols(coding))
    return encoder.bits()


def _code(encoder: PageEncoder, rows: bytes, coding: Coding, *, keep: bool) -> None:
    height = _height(rows, coding)
    if coding.stride < _WORD:  # the kernel reads a word from its end: up to 8 octets before the row
        encoder.page(bytes(_WORD) + rows, _WORD, height, keep)
    else:
        encoder.page(rows, 0, height, keep)


def _height(rows: bytes, coding: Coding) -> int:
    height, rest = divmod(len(rows), coding.stride)
    if rest:
        raise CodingError(f"{len(rows)} octets are no whole number of {coding.stride}-octet rows")
    return height


def _encoder(coding: Coding) -> PageEncoder:
    eol = coding.eol and coding.compression is not Compression.MMR
    encoder = PageEncoder(
        KERNEL_CODES[coding.compression],
        coding.width,
        coding.k,
        max(0, coding.min_row_bits - _eol_bits(coding)) if eol else 0,  # fill ends in EOL
    )
    encoder.eol = eol
    encoder.eol_aligned = coding.eol_aligned
    encoder.row_aligned = coding.row_aligned
    return encoder


def _eol_bits(coding: Coding) -> int:
    """Bits of an EOL with its tag."""
    return len(tables.EOL) + (coding.compression is Compression.MR)


def _end_eols(coding: Coding) -> int:
    if not coding.end_mark:
        return 0
    return tables.EOFB_EOLS if coding.compression is Compression.MMR else tables.RTC_EOLS
