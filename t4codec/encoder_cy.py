"""Pels to bits: the hot half of the encoder, plain Python that Cython compiles.

A page is coded row by row, from lists of changing elements (see `changes_cy`): in runs, or against
the row above. A row that equals the one above needs no list.

Indices are not checked here. `a` and `b` stay in their lists: `b` advances only over changes that
are not right of a0, `a` ends at the first sentinel, the width; both look one place further. A run
longer than the code table takes the slow way. The bits of an element never outgrow the word that
holds them: at most 31 wait, a mode and its first run have 23 or 28, a second run 25 after a flush.
An element costs at most 8 bits for each pel that it moves a0, but for the first and last run of a
row (25 bits each): `_reserve` makes that room before a row is coded.

Tried and slower: a loop of its own for runs of V0, whose end no processor can foresee; in MH, to
write only when enough bits wait, for the same reason.

T.4 4.1 and 4.2, T.6 2.2. Not here: the public face (`t4codec.encoder`).
"""

from __future__ import annotations

from t4codec import kernel, lookup, words
from t4codec.changes_cy import Changes

MR = kernel.MR
MMR = kernel.MMR

SLACK = 64  # octets: first and last run, EOL, RTC, and the word that a store may write beyond
FIRST_ROOM = 1 << 16  # octets
LONGEST_RUN = lookup.LONGEST_RUN
BLACK = lookup.BLACK
MAKE_UP_2560 = 0b11111  # in 12 bits
PASS = 0b0001
PASS_BITS = 4
HORIZONTAL = 0b001
HORIZONTAL_BITS = 3
EOL = 1
EOL_BITS = 12


class PageEncoder:
    """Codes the rows of one page. Of a page that is not kept only the bits are counted."""

    def __init__(self, compression: int, width: int, k: int, min_row_bits: int) -> None:
        self.compression = compression
        self.width = width
        self.k = k
        self.min_row_bits = min_row_bits
        self.eol = compression != MMR
        self.eol_aligned = False
        self.row_aligned = False
        self.run_codes = words.ints(lookup.RUN_CODES)
        self.vertical_codes = words.ints(lookup.VERTICAL_CODES)
        self.row = Changes(width)
        self.room = width + min_row_bits // 8 + SLACK
        self.capacity = max(FIRST_ROOM, self.room)
        self.kept = bytearray(self.capacity)
        self.out = self.kept
        self.at = 0  # octets in out
        self.held = 0  # the last bits, at most 31, not yet in out
        self.held_bits = 0
        self.dropped = 0  # octets that were counted and not kept

    def bits(self) -> int:
        """Bits coded so far."""
        return 8 * (self.dropped + self.at) + self.held_bits

    def page(self, rows: bytes, offset: int, height: int, keep: bool) -> None:
        """Code `height` packed rows from `offset` on, which is 8 or more for rows under 57 pels."""
        row = self.row
        octets = rows
        stride = row.stride
        for y in range(height):
            self._reserve()
            two_dimensional = self.compression == MMR or (self.compression == MR and y % self.k > 0)
            self._begin_row(two_dimensional)
            start = 8 * self.at + self.held_bits
            if y > 0 and words.same(octets, offset, offset - stride, stride):
                self._repeat(two_dimensional)
            else:
                row.swap()
                row.take(octets, offset)
                self._row(two_dimensional)
            self._fill(self.min_row_bits - (8 * self.at + self.held_bits - start))
            if not keep:
                self.dropped += self.at
                self.at = 0
            offset += stride

    def end(self, eols: int) -> bytes:
        """Append the end mark, `eols` EOLs, and return the octets, the last filled with zeros."""
        self._reserve()
        self._align()
        for i in range(eols):
            self._put_eol(1, self.eol_aligned and i == 0)
        if self.held_bits > 0:
            words.store(self.out, self.at, self.held << (64 - self.held_bits))
        return bytes(self.kept[: self.at + ((self.held_bits + 7) >> 3)])

    def _reserve(self) -> None:
        """Make room for any row, EOL and RTC included."""
        if self.at + self.room > self.capacity:
            self.kept.extend(bytes(self.capacity))
            self.capacity *= 2
            self.out = self.kept

    def _begin_row(self, two_dimensional: bool) -> None:
        if self.eol:
            self._put_eol(not two_dimensional, self.eol_aligned)
        else:
            self._align()

    def _align(self) -> None:
        if self.row_aligned and not self.eol and self.held_bits & 7:
            self._put(0, -self.held_bits & 7)

    def _put_eol(self, tag: int, aligned: bool) -> None:
        """Append EOL; the tag bit of MR follows it. Aligned, its last bit ends an octet."""
        if aligned:
            self._put(0, (4 - self.held_bits) & 7)
        self._put(EOL, EOL_BITS)
        if self.compression == MR:
            self._put(tag, 1)

    def _fill(self, bits: int) -> None:
        """Append `bits` zeros, none if that is negative (T.4 4.1.3)."""
        while bits > 0:
            self._put(0, min(bits, 32))
            bits -= 32

    def _put(self, code: int, length: int) -> None:
        """Append one code of at most 32 bits."""
        self.held = self.held << length | code
        self.held_bits += length
        if self.held_bits >= 16:
            words.store(self.out, self.at, self.held << (64 - self.held_bits))
            self.at += self.held_bits >> 3
            self.held_bits &= 7
            self.held &= (1 << self.held_bits) - 1

    def _row(self, two_dimensional: bool) -> None:
        if two_dimensional:
            self._row_2d()
        else:
            self._row_1d()

    def _repeat(self, two_dimensional: bool) -> None:
        """Code a row that equals the one above: in 2-D all V0, the one at its end included."""
        if not two_dimensional:
            self._row_1d()
            return
        count = self.row.count + 1
        while count > 0:
            length = min(count, 16)
            self._put((1 << length) - 1, length)
            count -= length

    def _row_1d(self) -> None:
        """Code the row in runs, white first (T.4 4.1.1)."""
        places, codes, out = self.row.places, self.run_codes, self.out
        at, held, bits, width = self.at, self.held, self.held_bits, self.width
        a = self.row.one
        a0 = 0
        while a0 < width:
            a1 = places[a]
            a2 = places[a + 1]
            a += 2
            if a1 - a0 > LONGEST_RUN or a2 - a1 > LONGEST_RUN:
                self.at, self.held, self.held_bits = at, held, bits
                self._put_run(a1 - a0, 0)
                if a1 < self.width:
                    self._put_run(a2 - a1, BLACK)
                at, held, bits = self.at, self.held, self.held_bits
                a0 = a2
                continue
            entry = codes[a1 - a0]
            a0 = a2
            held = held << (entry & 31) | entry >> 5
            bits += entry & 31
            if a1 < width:
                entry = codes[BLACK + a2 - a1]
                held = held << (entry & 31) | entry >> 5
                bits += entry & 31
            words.store(out, at, held << (64 - bits))
            at += bits >> 3
            bits &= 7
            held &= (1 << bits) - 1
        self.at, self.held, self.held_bits = at, held, bits

    def _make_up(self, run: int) -> int:
        """Code a run longer than 2623 pels but for its last part; return that (T.4 4.1.1.1)."""
        while run > LONGEST_RUN:
            self._put(MAKE_UP_2560, 12)
            run -= 2560
        return run

    def _put_run(self, run: int, colour: int) -> None:
        entry = self.run_codes[colour + self._make_up(run)]
        self._put(entry >> 5, entry & 31)

    def _put_long(self, first: int, second: int, colour: int) -> None:
        """Horizontal mode where a run needs more than one make-up code."""
        self._put(HORIZONTAL, HORIZONTAL_BITS)
        self._put_run(first, colour)
        self._put_run(second, BLACK - colour)

    def _row_2d(self) -> None:  # noqa: PLR0915 - one hot loop
        """Code the row against the reference row (T.4 4.2.1.3, T.6 2.2.5).

        One long loop, so that the coder's state can stay in machine registers.
        """
        places, codes, out = self.row.places, self.run_codes, self.out
        at, held, bits, width = self.at, self.held, self.held_bits, self.width
        vertical_codes = self.vertical_codes
        one, b = self.row.one, self.row.other
        a = one
        a0 = 0
        while a0 < width:
            a1 = places[a]
            b1 = places[b]
            if places[b + 1] < a1:
                code = PASS
                length = PASS_BITS
                a0 = places[b + 1]
                b += 2
            elif b1 - 3 <= a1 <= b1 + 3:
                entry = vertical_codes[a1 - b1 + 3]
                code = entry >> 5
                length = entry & 31
                a0 = a1
                a += 1
                b += 1 - 2 * (places[b - 1] > a0)
                while places[b] <= a0:
                    b += 2
            else:
                colour = BLACK if (a - one) & 1 else 0
                first = a1 - a0
                second = places[a + 1] - a1
                a0 = places[a + 1]
                a += 2
                while places[b] <= a0:
                    b += 2
                if first > LONGEST_RUN or second > LONGEST_RUN:
                    self.at, self.held, self.held_bits = at, held, bits
                    self._put_long(first, second, colour)
                    at, held, bits = self.at, self.held, self.held_bits
                    continue
                entry = codes[colour + first]
                code = HORIZONTAL
                length = HORIZONTAL_BITS + (entry & 31)
                held = held << length | code << (entry & 31) | entry >> 5
                bits += length
                words.store(out, at, held << (64 - bits))
                at += bits >> 3
                bits &= 7
                held &= (1 << bits) - 1
                entry = codes[BLACK - colour + second]
                code = entry >> 5
                length = entry & 31
            held = held << length | code
            bits += length
            if bits >= 32:
                words.store(out, at, held << (64 - bits))
                at += bits >> 3
                bits &= 7
                held &= (1 << bits) - 1
        self.at, self.held, self.held_bits = at, held, bits
