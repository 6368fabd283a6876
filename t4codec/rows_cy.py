"""Bits to rows: the inmost part of the decoder, plain Python that Cython compiles.

`RowReader` takes codes from a run of octets until a row is whole. Where the bits end first, it
stops between two codes and goes on with the next octets, so that how a stream is split never
changes what it means. A code that cannot be ends the row as bad; nothing raises.

Indices are not checked, and no stream can make one leave its array. A table has an entry for every
value of its masked index. A change is stored only if it is right of the one before and at most the
width: no more than width + 1, for which there is room (`changes_cy`). `b` advances only over
changes that are not right of a0, so at a0 < width it stops at the first or second sentinel at the
latest and b + 1 is a sentinel still; at a0 = width the row ends, and the last two sentinels stop
it. Of octets, a look ahead sees up to 12 beyond the last: `PADDING` is theirs. Whether a code is
there at all is known from `left`, which counts real bits only.

Given up for a readable loop: two vertical modes in one look (3 % faster for 20 lines more),
painting only where a row differs from the one above, one loop for all the rows of a page.

T.4 4.1.1 and 4.2.1, T.6 2.2. Not here: uncompressed mode, which no terminal offers.
"""

from __future__ import annotations

from t4codec import kernel, lookup, words
from t4codec.changes_cy import Changes

PADDING = bytes(16)
RUN_BITS = lookup.RUN_BITS
RUN_MASK = (1 << RUN_BITS) - 1
BLACK_RUNS = 1 << RUN_BITS
MAKE_UP = lookup.MAKE_UP
MODE_BITS = lookup.MODE_BITS
MODE_MASK = (1 << MODE_BITS) - 1
PASS = lookup.PASS
HORIZONTAL = lookup.HORIZONTAL
VERTICAL_ZERO = lookup.VERTICAL_ZERO
REST = (1 << 64) - 1
MORE = kernel.MORE
DONE = kernel.DONE
BAD = kernel.BAD


class RowReader:
    """Decodes rows from `octets`, which the caller sets together with `bit` and `end`."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.row = Changes(width)
        self.run_lengths = words.ints(lookup.RUNS)
        self.run_pairs = words.shorts(lookup.RUN_PAIRS)
        self.modes = lookup.MODES
        self.data = PADDING
        self.octets = self.data
        self.bit = 0  # the next bit of octets
        self.end = 0  # bits in octets without the padding
        self.begin(False)

    def supply(self, data: bytes) -> None:
        """Go on with the octets `data`; the next bit keeps its number."""
        self.data = data + PADDING
        self.octets = self.data
        self.end = 8 * len(data)

    def begin(self, two_dimensional: bool) -> None:
        """A new row begins."""
        self.two_dimensional = two_dimensional
        self.n = self.row.one  # where the next change goes
        self.a0 = -1 if two_dimensional else 0
        self.b = self.row.other
        self.run = 0  # make-up codes so far
        self.runs_left = 0  # of horizontal mode

    def read(self) -> int:
        """Decode until the row is whole, the bits end, or a code cannot be."""
        status = self._read_2d() if self.two_dimensional else self._read_1d()
        if status == DONE:
            row = self.row
            if self.n > row.one and row.places[self.n - 1] == self.width:
                self.n -= 1  # the edge of the page is no change
            row.close(self.n)
        return status

    def peek(self) -> int:
        """The next bit; there is one."""
        return words.load(self.octets, self.bit >> 3) >> (63 - (self.bit & 7)) & 1

    def skip_zeros(self) -> int:
        """Skip zeros to the next one or the end of the bits; return how many."""
        start = self.bit
        while self.bit < self.end:
            word = words.load(self.octets, self.bit >> 3) & REST >> (self.bit & 7)
            if word:
                self.bit = (self.bit & ~7) + words.leading_zeros(word)
                break
            self.bit = (self.bit & ~7) + 64
        self.bit = min(self.bit, self.end)
        return self.bit - start

    def _read_1d(self) -> int:  # noqa: PLR0915 - one hot loop, its state in registers
        """Runs, white first (T.4 4.1.1): a pair of short ones at a time, or one code."""
        places, run_lengths, run_pairs = self.row.places, self.run_lengths, self.run_pairs
        octets, width, one = self.octets, self.width, self.row.one
        n, a0, run = self.n, self.a0, self.run
        colour = BLACK_RUNS if (n - one) & 1 else 0
        left = self.end - self.bit
        at = (self.bit >> 3) + 8
        have = 64 - (self.bit & 7)
        window = words.load(octets, at - 8)
        status = DONE
        while a0 < width:
            if have < RUN_BITS:
                window = (window & RUN_MASK) << 32 | words.load(octets, at) >> 32
                at += 4
                have += 32
            index = window >> (have - RUN_BITS) & RUN_MASK
            if colour == 0:
                entry = run_pairs[index]
                length = entry & 15
                a1 = a0 + run + (entry >> 10)
                a2 = a1 + (entry >> 4 & 63)
                if 0 < length <= left and a2 <= width:
                    have -= length
                    left -= length
                    places[n] = a1
                    places[n + 1] = a2
                    n += 2
                    a0 = a2
                    run = 0
                    continue
            entry = run_lengths[colour + index]
            length = entry & 15
            if length == 0 or length > left:
                status = BAD if left >= RUN_BITS else MORE
                break
            have -= length
            left -= length
            run += entry >> 5
            if entry & MAKE_UP and run <= width:
                continue
            a0 += run
            if a0 > width:
                status = BAD
                break
            if run == 0 and n > one and places[n - 1] == a0:
                n -= 1  # no pels: the change before it is none
            else:
                places[n] = a0
                n += 1
            run = 0
            colour = BLACK_RUNS - colour
        self.bit, self.n, self.a0, self.run = self.end - left, n, a0, run
        return status

    def _read_2d(self) -> int:  # noqa: C901, PLR0915 - one hot loop, its state in registers
        """Modes (T.4 4.2.1.3, T.6 2.2.5) and the runs of horizontal mode."""
        places, run_lengths, modes = self.row.places, self.run_lengths, self.modes
        octets, width, one = self.octets, self.width, self.row.one
        n, a0, b, run, runs_left = self.n, self.a0, self.b, self.run, self.runs_left
        left, at, have = self.end - self.bit, (self.bit >> 3) + 8, 64 - (self.bit & 7)
        window = words.load(octets, at - 8)
        status = DONE
        while a0 < width or runs_left == 1:
            if have < RUN_BITS:
                window = (window & RUN_MASK) << 32 | words.load(octets, at) >> 32
                at, have = at + 4, have + 32
            if runs_left == 0:
                entry = modes[window >> (have - MODE_BITS) & MODE_MASK]
                length = entry & 15
                mode = entry >> 4
                if length == 0 or length > left:
                    status = BAD if left >= MODE_BITS else MORE
                    break
                have, left = have - length, left - length
                if mode == HORIZONTAL:
                    runs_left = 2
                    a0 = max(a0, 0)
                    continue
                a1 = places[b + 1] if mode == PASS else places[b] + mode - VERTICAL_ZERO
                if a1 <= a0 or a1 + (mode == PASS) > width:  # b2 is left of a1, so of the edge
                    status = BAD
                    break
                a0 = a1
                if mode == PASS:
                    b += 2
                    continue
                places[n] = a0
                n += 1
                b += 1 - 2 * (places[b - 1] > a0)
            else:
                colour = BLACK_RUNS if (n - one) & 1 else 0
                entry = run_lengths[colour + (window >> (have - RUN_BITS) & RUN_MASK)]
                length = entry & 15
                if length == 0 or length > left:
                    status = BAD if left >= RUN_BITS else MORE
                    break
                have, left = have - length, left - length
                run += entry >> 5
                if entry & MAKE_UP and run <= width:
                    continue
                a0 += run
                if a0 > width:
                    status = BAD
                    break
                if run == 0 and n > one and places[n - 1] == a0:
                    n -= 1  # no pels: the change before it is none
                else:
                    places[n] = a0
                    n += 1
                run = 0
                runs_left -= 1
            while places[b] <= a0:
                b += 2
        self.bit, self.n, self.a0, self.run = self.end - left, n, a0, run
        self.b, self.runs_left = b, runs_left
        return status
