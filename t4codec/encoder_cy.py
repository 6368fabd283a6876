"""Pels to bits: the hot half of the encoder, plain Python that Cython compiles.

A page is coded row by row. The changing elements of a row (T.4 4.2.1.1) go to a list: strictly
increasing, below the width, then four sentinels equal to the width; even places turn white to
black, odd ones black to white. The list of the row above stays beside it as reference row.

Indices, and why none can leave its array: a list has room for a change on every pel and the
sentinels. `b` advances only over changes <= a0, and no sentinel is, while the row lasts; only
vertical mode steps past the first one, by one place, so b + 1 stays within the four. An element
costs at most 8 bits for each pel that it moves a0, but for the first and last run of a row (25
bits each): `_reserve` makes that room before a row is coded.

T.4 4.1 and 4.2, T.6 2.2. Not here: the public face (`t4codec.encoder`).
"""

from __future__ import annotations

from array import array

from t4codec import lookup, words

MH = 0
MR = 1
MMR = 2

SENTINELS = 4
SLACK = 64  # octets: first and last run, EOL, RTC, and the word that a store may write beyond
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
        self.run_codes = lookup.RUN_CODES
        self.vertical_codes = lookup.VERTICAL_CODES
        self.changes = array("H", [width]) * (2 * (width + SENTINELS))
        self.one = 0  # where the list of the row begins
        self.other = width + SENTINELS  # where that of the reference row begins
        self.count = 0  # changes in the row
        self.room = width + min_row_bits // 8 + SLACK
        self.out = bytearray(16 * self.room)
        self.at = 0  # octets in out
        self.held = 0  # the last bits, fewer than 16, not yet in out
        self.held_bits = 0
        self.dropped = 0  # octets that were counted and not kept

    def bits(self) -> int:
        """Bits coded so far."""
        return 8 * (self.dropped + self.at) + self.held_bits

    def page(self, rows: bytes, height: int, keep: bool) -> None:
        """Code `height` rows of (width + 7) // 8 octets; `rows` ends in 8 octets more."""
        stride = (self.width + 7) >> 3
        offset = 0
        for y in range(height):
            self._reserve()
            two_dimensional = self.compression == MMR or (self.compression == MR and y % self.k > 0)
            self._begin_row(two_dimensional)
            start = 8 * self.at + self.held_bits
            if y > 0 and words.same(rows, offset, offset - stride, stride):
                self._repeat(two_dimensional)
            else:
                self.one, self.other = self.other, self.one
                self._take(rows, offset)
                self._row(two_dimensional)
            self._fill(self.min_row_bits - (8 * self.at + self.held_bits - start))
            if not keep:
                self.dropped += self.at
                self.at = 0
            offset += stride

    def end(self, eols: int) -> bytes:
        """Append the end mark, `eols` EOLs, and return the octets, the last filled with zeros."""
        self._reserve()
        for i in range(eols):
            self._put_eol(1, self.eol_aligned and i == 0)
        if self.held_bits > 0:
            words.store(self.out, self.at, self.held << (64 - self.held_bits))
        return bytes(self.out[: self.at + ((self.held_bits + 7) >> 3)])

    def _reserve(self) -> None:
        """Make room for any row, EOL and RTC included."""
        if self.at + self.room > len(self.out):
            self.out.extend(bytes(len(self.out)))

    def _begin_row(self, two_dimensional: bool) -> None:
        if self.eol:
            self._put_eol(not two_dimensional, self.eol_aligned)
        elif self.row_aligned and self.held_bits & 7:
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

    def _take(self, rows: bytes, offset: int) -> None:
        """Find the changing elements of the row at `offset`, 64 pels at a time."""
        changes, width = self.changes, self.width
        octets = rows
        one = 1
        top = one << 63
        n = self.one
        left = 0  # the pel before the word, as its top bit
        for pel in range(0, width, 64):
            word = words.load(octets, offset + (pel >> 3))
            if pel + 64 > width:  # what lies beyond the width is nobody's
                word = word >> (pel + 64 - width) << (pel + 64 - width)
            edges = word ^ (word >> 1 | left)
            left = (word & 1) << 63
            while edges:
                zeros = words.leading_zeros(edges)
                changes[n] = pel + zeros
                n += 1
                edges ^= top >> zeros
        if n > self.one and changes[n - 1] == width:  # black up to an edge inside the last word
            n -= 1
        self.count = n - self.one
        for i in range(SENTINELS):
            changes[n + i] = width

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
        count = self.count + 1
        while count > 0:
            length = min(count, 16)
            self._put((1 << length) - 1, length)
            count -= length

    def _row_1d(self) -> None:
        """Code the row in runs, white first (T.4 4.1.1)."""
        changes, codes, out = self.changes, self.run_codes, self.out
        at, held, bits = self.at, self.held, self.held_bits
        a = self.one
        a0 = 0
        colour = 0
        while a0 < self.width:
            run = changes[a] - a0
            if run > LONGEST_RUN:
                self.at, self.held, self.held_bits = at, held, bits
                run = self._make_up(run)
                at, held, bits = self.at, self.held, self.held_bits
            entry = codes[colour + run]
            held = held << (entry & 31) | entry >> 5
            bits += entry & 31
            if bits >= 16:
                words.store(out, at, held << (64 - bits))
                at += bits >> 3
                bits &= 7
                held &= (1 << bits) - 1
            a0 = changes[a]
            a += 1
            colour = BLACK - colour
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
        changes, codes, out = self.changes, self.run_codes, self.out
        at, held, bits = self.at, self.held, self.held_bits
        width = self.width
        a, b = self.one, self.other
        a0 = 0
        while a0 < width:
            a1 = changes[a]
            delta = a1 - changes[b]
            if delta == 0:  # V0, and every V0 that follows it at once
                a0 = a1
                length = 1
                while a0 < width and length < 32 and changes[a + length] == changes[b + length]:
                    a0 = changes[a + length]
                    length += 1
                code = 1
                code = (code << length) - 1
                a += length
                b += length
            elif changes[b + 1] < a1:
                code = PASS
                length = PASS_BITS
                a0 = changes[b + 1]
                b += 2
            elif -3 <= delta <= 3:
                entry = self.vertical_codes[delta + 3]
                code = entry >> 5
                length = entry & 31
                a0 = a1
                a += 1
                b += 1 if delta > 0 or b == self.other else -1
                while changes[b] <= a0 < width:
                    b += 2
            else:
                colour = BLACK if (a - self.one) & 1 else 0
                first = a1 - a0
                second = changes[a + 1] - a1
                a0 = changes[a + 1]
                a += 2
                while changes[b] <= a0 < width:
                    b += 2
                if first > LONGEST_RUN or second > LONGEST_RUN:
                    self.at, self.held, self.held_bits = at, held, bits
                    self._put_long(first, second, colour)
                    at, held, bits = self.at, self.held, self.held_bits
                    continue
                entry = codes[colour + first]
                code = HORIZONTAL
                code = code << (entry & 31) | entry >> 5
                length = HORIZONTAL_BITS + (entry & 31)
                entry = codes[BLACK - colour + second]
                code = code << (entry & 31) | entry >> 5
                length += entry & 31
            held = held << length | code
            bits += length
            if bits >= 16:
                words.store(out, at, held << (64 - bits))
                at += bits >> 3
                bits &= 7
                held &= (1 << bits) - 1
        self.at, self.held, self.held_bits = at, held, bits
