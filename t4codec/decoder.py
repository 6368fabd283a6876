"""Decode T.4 and T.6 pages, whole or as they arrive.

`Decoder.feed` takes any bytes at any split and returns the rows that have become whole. It never
raises on a damaged page: a bad row is replaced, counted, and the next EOL begins afresh (MH, MR);
a damaged MMR page ends, since nothing in it can be found again. What is *too* damaged is decided
by the caller (T.30 copy quality), not here. The work is in `decoder_cy`.

Rows are packed: (width + 7) // 8 octets each, most significant bit leftmost, 1 is black, bits
beyond the width 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from t4codec.coding import KERNEL_CODES, Coding, Octets
from t4codec.decoder_cy import PageDecoder
from t4codec.errors import CodingError
from t4codec.lookup import REVERSED

MAX_ROWS = 40_000  # 2.5 m at 400 dpi; a few octets of MMR could claim millions

# A page is half a megabyte of rows. glibc's malloc gives blocks of that size back to the kernel at
# once, and the page faults of taking them again cost more than decoding a page does, until a larger
# block has been freed: then it keeps them (mallopt(3), M_MMAP_THRESHOLD). So free one, untouched.
_freed_at_once = bytes(4 << 20)
del _freed_at_once


@dataclass(frozen=True, slots=True)
class Quality:
    """What the decoder counted: all rows, those that were bad, and the longest run of bad ones."""

    rows: int = 0
    bad_rows: int = 0
    longest_bad_run: int = 0


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded page: packed rows, how many, and how good."""

    rows: bytes
    height: int
    quality: Quality


class Decoder:
    """Decodes one page in pieces.

    `max_rows` bounds the page: further rows are not decoded and the page counts as ended.
    """

    def __init__(self, coding: Coding, max_rows: int = MAX_ROWS) -> None:
        if max_rows < 1:
            raise CodingError(f"a page is bounded by 1 row or more, not {max_rows}")
        self.coding = coding
        self._kernel = PageDecoder(
            KERNEL_CODES[coding.compression],
            coding.width,
            coding.eol and KERNEL_CODES[coding.compression] < 2,
            coding.row_aligned,
        )
        self._kernel.max_rows = max_rows

    def feed(self, chunk: Octets) -> bytes:
        """Take the next octets of the page; return the rows that they complete, packed."""
        return self._feed(chunk, final=False)

    def close(self) -> bytes:
        """No more octets will come: return what rows that settles. Harmless when repeated."""
        return self._feed(b"", final=True)

    def _feed(self, chunk: Octets, *, final: bool) -> bytes:
        if self.ended:
            return b""
        octets = bytes(chunk)
        return self._kernel.feed(
            octets.translate(REVERSED) if self.coding.lsb_first else octets, final
        )

    @property
    def ended(self) -> bool:
        """Whether RTC, EOFB, the end of a damaged MMR page or `close` has ended the page."""
        return self._kernel.ended()

    @property
    def quality(self) -> Quality:
        """The counts so far."""
        kernel = self._kernel
        return Quality(kernel.rows, kernel.bad_rows, kernel.longest_bad_run)


def decode(data: Octets, coding: Coding, max_rows: int = MAX_ROWS) -> Decoded:
    """Decode a whole page. Damage is counted in `quality`, never raised."""
    decoder = Decoder(coding, max_rows)
    rows = decoder.feed(data) + decoder.close()
    return Decoded(rows, decoder.quality.rows, decoder.quality)
