"""Bits to pels: the hot half of the decoder, plain Python that Cython compiles.

Bits come in pieces of any size and rows go out as soon as they are whole. Between two pieces the
state is that between two codes, so how a stream is split can never change what it means. Nothing
that a stream contains raises: a row that cannot be is a bad row, counted and replaced.

A row is decoded to the list of its changing elements (see `encoder_cy`), then painted. Indices,
and why no stream can make one leave its array: a table is as long as its masked index can say; a
change is stored only when it is beyond the one before it and not beyond the width, so there are at
most `width` + 1, and four sentinels follow; `b` advances only over changes <= a0 < width, which no
sentinel is. Reading stops at `left`, the bits that there really are; a look ahead may see up to 16
octets beyond, which are appended as zeros. Cython checks the indices of the lists besides.

T.4 4.1 and 4.2, T.6 2.2. Not here: uncompressed mode, which no terminal offers; what is too
damaged to keep, which T.30 decides.
"""

from __future__ import annotations

from array import array

from t4codec import lookup, words

MH = 0
MR = 1
MMR = 2

SENTINELS = 4
PADDING = bytes(16)
RUN_BITS = lookup.RUN_BITS
RUN_MASK = (1 << RUN_BITS) - 1
BLACK_RUNS = 1 << RUN_BITS
MODE_BITS = lookup.MODE_BITS
MODE_MASK = (1 << MODE_BITS) - 1
PASS = lookup.PASS
HORIZONTAL = lookup.HORIZONTAL
VERTICAL_ZERO = lookup.VERTICAL_ZERO

EOL_ZEROS = 11
RTC_EOLS = 5  # of six: one may be lost, and none of the terminals we know sends five otherwise
REWIND = 32  # bits before a bad code in which the EOL after it may already have begun

# What became of the attempt to decode a row.
MORE = 0  # the bits ended between two codes
DONE = 1
BAD = 2

# What comes next in the stream.
IN_ROW = 0
BEFORE_EOL = 1  # zeros, then EOL
BEFORE_TAG = 2
AT_END = 3


class RowDecoder:
    """Decodes one page; `feed` it and read the counts."""

    def __init__(self, compression: int, width: int, eol: bool, row_aligned: bool) -> None:
        self.compression = compression
        self.width = width
        self.stride = (width + 7) >> 3
        self.eol = eol  # every row must be followed by EOL
        self.row_aligned = row_aligned
        self.max_rows = 1
        self.run_lengths = lookup.RUNS
        self.modes = lookup.MODES
        self.changes = array("H", [width]) * (2 * (width + 1 + SENTINELS))
        self.one = 0
        self.other = width + 1 + SENTINELS
        # the stream
        self.tail = b""
        self.data = b""
        self.bit = 0  # the next bit of data
        self.end = 0  # bits in data
        self.state = IN_ROW
        self.zeros = 0  # before this bit
        self.eols = 0  # in succession
        # the row
        self.two_dimensional = compression == MMR
        self.count = 0
        self.other_count = 0
        self.a0 = -1
        self.b = self.other
        self.run = 0  # make-up codes so far
        self.runs_left = 0 if compression == MMR else 2
        self.row_bit = 0
        self.row_open = False  # decoded, and its EOL not yet seen
        self.hunting = False  # after a bad row, for the next EOL
        self.trusted = True  # the reference row is as it was coded
        self.started = compression == MMR
        # the page
        self.out = bytearray()
        self.at = 0
        self.rows = 0
        self.bad_rows = 0
        self.bad_run = 0
        self.longest_bad_run = 0

    def ended(self) -> bool:
        """Whether the end of the page has been seen."""
        return self.state == AT_END

    def feed(self, chunk: bytes, final: bool) -> bytes:
        """Decode `chunk`; return the rows that have become whole. After `final` nothing follows."""
        data = self.tail + chunk
        self.data = data + PADDING
        self.end = 8 * len(data)
        self.out = bytearray(64 * self.stride + 8)
        self.at = 0
        while self._step():
            pass
        if final:
            self._close()
        keep = max(0, (min(self.bit, self.end) - REWIND) >> 3)
        if self.state == AT_END:
            keep = len(data)
        self.tail = data[keep:]
        self.bit -= 8 * keep
        self.row_bit = max(0, self.row_bit - 8 * keep)
        return bytes(self.out[: self.at])

    def _step(self) -> bool:
        """Take the next part of the stream; False when the bits or the page have ended."""
        if self.state == IN_ROW:
            return self._after_row(self._row())
        if self.state == BEFORE_EOL:
            return self._zeros()
        if self.state == BEFORE_TAG and self.bit < self.end:
            tag = words.load(self.data, self.bit >> 3) >> (63 - (self.bit & 7)) & 1
            self.bit += 1
            self._begin_row(not tag)
            return True
        return False

    def _begin_row(self, two_dimensional: bool) -> None:
        self.state = IN_ROW
        self.two_dimensional = two_dimensional
        self.runs_left = 0 if two_dimensional else 2
        self.count = 0
        self.a0 = -1
        self.b = self.other
        self.run = 0
        self.row_bit = self.bit

    def _after_row(self, status: int) -> bool:
        if status == MORE:
            return False
        at_start = self.a0 < 0 and self.run == 0 and self.trusted
        if status == DONE and self.eol:
            self.row_open = True
            self._seek_eol(hunting=False)
        elif status == DONE:
            self._emit()
            if self.row_aligned:
                self.bit = (self.bit + 7) & ~7
            if self.state != AT_END:
                self._begin_row(self.two_dimensional)
        elif at_start:
            self._seek_eol(hunting=False)
        else:
            self._bad_row()
        return True

    def _seek_eol(self, hunting: bool) -> None:
        self.state = BEFORE_EOL
        self.zeros = 0
        self.hunting = hunting

    def _bad_row(self) -> None:
        """The row cannot be: count it and look for the next EOL."""
        if self.started:
            self._emit_bad()
        if self.compression == MMR:
            self.state = AT_END
        elif self.state != AT_END:
            self.bit = max(self.row_bit, self.bit - REWIND)
            self._seek_eol(hunting=True)

    def _zeros(self) -> bool:
        """Skip zeros to the next one; 11 or more of them are an EOL (T.4 4.1.2)."""
        octets = self.data
        bit = self.bit
        zeros = self.zeros
        while bit < self.end and not words.load(octets, bit >> 3) >> (63 - (bit & 7)) & 1:
            bit += 1
            zeros += 1
        self.zeros = min(zeros, EOL_ZEROS)
        self.bit = bit
        if bit >= self.end:
            return False
        self.bit += 1
        if zeros >= EOL_ZEROS:
            self._eol_seen()
        elif self.hunting:
            self.zeros = 0
        else:
            self.row_open = False
            self.bit -= 1
            self.row_bit = self.bit
            self._bad_row()
        return True

    def _eol_seen(self) -> None:
        if self.row_open:
            self._emit()
        self.started = True
        self.hunting = False
        self.eols += 1
        if self.state == AT_END or self.compression == MMR or self.eols >= RTC_EOLS:
            self.state = AT_END
        elif self.compression == MR:
            self.state = BEFORE_TAG
        else:
            self._begin_row(False)

    def _close(self) -> None:
        """No more bits will come: settle the row that is open."""
        if self.row_open:
            self._emit()
        elif self.state == IN_ROW and self.started and (self.a0 >= 0 or self.run > 0):
            self._emit_bad()
        self.state = AT_END

    def _row(self) -> int:  # noqa: C901, PLR0915 - one hot loop
        """Decode codes until the row is whole, the bits end or a code cannot be.

        One long loop, so that the decoder's state can stay in machine registers.
        """
        changes, run_lengths, modes, octets = self.changes, self.run_lengths, self.modes, self.data
        width, other, two_dimensional = self.width, self.other, self.two_dimensional
        n, a0, b, run, runs_left = self.one + self.count, self.a0, self.b, self.run, self.runs_left
        left = self.end - self.bit
        at = (self.bit >> 3) + 8
        have = 64 - (self.bit & 7)
        window = words.load(octets, at - 8)
        status = DONE if self.trusted or not two_dimensional else BAD
        while status == DONE and (a0 < width or runs_left == 1):
            if have < RUN_BITS:
                window = (window & RUN_MASK) << 32 | words.load(octets, at) >> 32
                at += 4
                have += 32
            if runs_left == 0:
                entry = modes[window >> (have - MODE_BITS) & MODE_MASK]
                length = entry & 15
                mode = entry >> 4
                if length == 0 or length > left:
                    status = BAD if left >= MODE_BITS else MORE
                    break
                if mode == HORIZONTAL:
                    runs_left = 2
                elif mode == PASS:
                    a0 = changes[b + 1]
                    b += 2
                    if a0 == width:  # then it would not be left of a1
                        status = BAD
                else:
                    a1 = changes[b] + mode - VERTICAL_ZERO
                    if a1 <= a0 or a1 > width:
                        status = BAD
                        break
                    a0 = a1
                    changes[n] = a0
                    n += 1
                    b += 1 if mode >= VERTICAL_ZERO or b == other else -1
                    while changes[b] <= a0 < width:
                        b += 2
            else:
                colour = BLACK_RUNS if (n - self.one) & 1 else 0
                entry = run_lengths[colour + (window >> (have - RUN_BITS) & RUN_MASK)]
                length = entry & 15
                if length == 0 or length > left:
                    status = BAD if left >= RUN_BITS else MORE
                    break
                if entry & 16:
                    run += entry >> 5 << 6
                else:
                    run += entry >> 5
                    a0 = max(a0, 0) + run
                    if a0 > width:
                        status = BAD
                    elif run == 0 and n > self.one and changes[n - 1] == a0:
                        n -= 1  # no pels: the change before it is none
                    else:
                        changes[n] = a0
                        n += 1
                    run = 0
                    if two_dimensional:
                        runs_left -= 1
                        while changes[b] <= a0 < width:
                            b += 2
                if run > width:
                    status = BAD
            have -= length
            left -= length
        self.count, self.a0, self.b = n - self.one, a0, b
        self.run, self.runs_left = run, runs_left
        self.bit = self.end - left
        return status

    def _emit(self) -> None:
        """The row is good: paint it, and let it be the reference row."""
        for i in range(SENTINELS):
            self.changes[self.one + self.count + i] = self.width
        self._paint(self.one, self.count)
        self.one, self.other = self.other, self.one
        self.other_count = self.count
        self.trusted = True
        self.bad_run = 0

    def _emit_bad(self) -> None:
        """The row is bad: repeat the row above. An MR row may not refer to it."""
        self._paint(self.other, self.other_count)
        self.trusted = self.compression != MR
        self.bad_rows += 1
        self.bad_run += 1
        self.longest_bad_run = max(self.longest_bad_run, self.bad_run)

    def _paint(self, base: int, count: int) -> None:
        """Write a row from its changing elements: each inverts all pels to its right."""
        if self.at + self.stride + 8 > len(self.out):
            self.out.extend(bytes(len(self.out)))
        changes, out, at = self.changes, self.out, self.at
        one = 1
        full = (one << 63) - 1 + (one << 63)
        word = 0
        pel = 0  # where the word begins
        for i in range(base, base + (count + 1 & ~1)):  # a last black run ends at a sentinel
            change = changes[i]
            while pel + 64 <= change:
                words.store(out, at + (pel >> 3), word)
                word = full if i - base & 1 else 0
                pel += 64
            word ^= full >> (change - pel)
        if pel < self.width:
            words.store(out, at + (pel >> 3), word)
        self.at += self.stride
        self.rows += 1
        self.eols = 0
        self.row_open = False
        if self.rows >= self.max_rows:
            self.state = AT_END
