"""Rows, EOLs and the end of a page: the decoder's outer half, plain Python that Cython compiles.

Octets come in pieces of any size and rows go out as soon as they are known to be good or bad. A
row of MH or MR is good when EOL follows it, of MMR when its codes reach the width. Nothing that a
stream contains raises. Work and memory are linear in the octets: a row takes 12 bits at least where
there are EOLs, and `max_rows` bounds those that MMR can claim with one bit each.

After a bad row the next EOL is looked for, a little before the code that could not be: damage may
have let earlier codes swallow its zeros. T.4 4.1.2 and 4.1.4, 4.2.2, T.6 2.4.1.1. Not here: what is
too damaged to keep, which T.30 decides.
"""

from __future__ import annotations

from io import BytesIO

from t4codec import kernel, words
from t4codec.rows_cy import RowReader

MR = kernel.MR
MMR = kernel.MMR
MORE = kernel.MORE
DONE = kernel.DONE

EOL_ZEROS = 11
RTC_EOLS = 5  # of six: one may be lost, and no terminal sends so many for another reason
WORD = 8
REWIND = 32  # bits before a bad code where EOL is looked for; kept from one piece to the next
FEW_ROWS = 64
PAGE_ROWS = 2400  # room at first where a whole page may come at once

# What comes next in the stream.
IN_ROW = 0
BEFORE_EOL = 1  # zeros, then EOL
BEFORE_TAG = 2
AT_END = 3


class PageDecoder:
    """Decodes one page; `feed` it and read the counts."""

    def __init__(self, compression: int, width: int, eol: bool, row_aligned: bool) -> None:
        self.compression = compression
        self.eol = eol  # every row must be followed by EOL
        self.row_aligned = row_aligned
        self.max_rows = 1
        self.reader = RowReader(width)
        self.row = self.reader.row
        # the stream
        self.tail = b""  # octets from a little before the next bit on
        self.state = IN_ROW
        self.started = compression == MMR  # else not before the first EOL
        self.zeros = 0  # just before the next bit
        self.eols = 0  # since the last row
        self.hunting = False  # after a bad row, for the next EOL
        # the row
        self.row_bit = 0  # where it begins; 0 if that is not among the octets any more
        self.row_open = False  # decoded, and its EOL not yet seen
        self.trusted = True  # the reference row is as it was coded
        # the page
        self.sheet = BytesIO()  # its buffer becomes the bytes that feed returns, uncopied
        self.view = memoryview(b"")
        self.room = 0  # octets of rows in the sheet, after which a word more may be written
        self._make_room()
        self.at = 0
        self.rows = 0
        self.bad_rows = 0
        self.bad_run = 0
        self.longest_bad_run = 0
        self._begin_row(compression == MMR)

    def ended(self) -> bool:
        """Whether the end of the page has been seen."""
        return self.state == AT_END

    def feed(self, chunk: bytes, final: bool) -> bytes:
        """Decode `chunk`; return the rows that have become whole. After `final` nothing follows."""
        reader = self.reader
        data = self.tail + chunk
        reader.supply(data)
        self.sheet = BytesIO()
        rows = FEW_ROWS if len(chunk) < PAGE_ROWS else PAGE_ROWS
        self.room = min(rows, self.max_rows - self.rows) * self.row.stride
        self._make_room()
        self.at = 0
        while self._step():
            pass
        if final:
            self._close()
        keep = max(0, (reader.bit - REWIND) >> 3)
        if self.state == AT_END:
            keep = len(data)
        self.tail = data[keep:]
        reader.bit -= 8 * keep
        self.row_bit = max(0, self.row_bit - 8 * keep)
        self.view.release()
        self.sheet.truncate(self.at)
        return self.sheet.getvalue()

    def _step(self) -> bool:
        """Take the next part of the stream; False when the bits or the page have ended."""
        reader = self.reader
        if self.state == IN_ROW:
            if reader.two_dimensional and not self.trusted:
                self._bad_row()
                return True
            status = reader.read()
            if status != MORE:
                self._end_row(status == DONE)
            return status != MORE
        if self.state == BEFORE_EOL:
            return self._skip_zeros()
        if self.state == BEFORE_TAG and reader.bit < reader.end:
            tag = reader.peek()
            reader.bit += 1
            self._begin_row(not tag)
            return True
        return False

    def _begin_row(self, two_dimensional: bool) -> None:
        self.state = IN_ROW
        self.reader.begin(two_dimensional)
        self.row_bit = self.reader.bit

    def _end_row(self, done: bool) -> None:
        """The codes of a row have ended, whole or not."""
        if done and self.eol:
            self.row_open = True
            self._seek_eol(False)
        elif done:
            self._emit()
            if self.row_aligned:
                self.reader.bit = (self.reader.bit + 7) & ~7
            if self.state != AT_END:
                self._begin_row(self.compression == MMR)
        elif self.reader.bit == self.row_bit:  # no row, an EOL perhaps
            self._seek_eol(False)
        else:
            self._bad_row()

    def _seek_eol(self, hunting: bool) -> None:
        self.state = BEFORE_EOL
        self.zeros = 0
        self.hunting = hunting

    def _bad_row(self) -> None:
        """A row cannot be: count it, and look for the next EOL. MMR has none: the page ends.

        What comes before the first EOL is no row but the noise after training.
        """
        self.row_open = False
        if self.started:
            self._emit_bad()
        if self.compression == MMR:
            self.state = AT_END
        elif self.state != AT_END:
            self.reader.bit = max(self.row_bit, self.reader.bit - REWIND)
            self._seek_eol(True)

    def _skip_zeros(self) -> bool:
        """Skip zeros and the one after them; 11 zeros or more and a one are an EOL (T.4 4.1.2)."""
        reader = self.reader
        self.zeros += reader.skip_zeros()
        if reader.bit >= reader.end:
            self.zeros = min(self.zeros, EOL_ZEROS)
            return False
        if self.zeros >= EOL_ZEROS:
            reader.bit += 1
            self._end_eol()
        elif self.hunting:
            reader.bit += 1
            self.zeros = 0
        else:
            self.row_bit = reader.bit
            self._bad_row()
        return True

    def _end_eol(self) -> None:
        """An EOL has been seen: of the row before it, of RTC, or of EOFB."""
        if self.row_open:
            self._emit()
        self.started = True
        self.eols += 1
        if self.compression == MMR or self.eols >= RTC_EOLS:
            self.state = AT_END
        elif self.state != AT_END and self.compression == MR:
            self.state = BEFORE_TAG
        elif self.state != AT_END:
            self._begin_row(False)

    def _close(self) -> None:
        """No more bits will come: settle the row that is open."""
        if self.row_open:
            self._emit()
        elif self.state == IN_ROW and self.started and self.reader.bit > self.row_bit:
            self._emit_bad()
        self.state = AT_END

    def _emit(self) -> None:
        """The row is good: paint it, and let it be the reference row."""
        self._paint(False)
        self.row.swap()
        self.trusted = True
        self.bad_run = 0

    def _emit_bad(self) -> None:
        """The row is bad: repeat the row above. An MR row must not refer to it.

        Measured on the charts with 60 hits a page: its beginning up to the bad code, then the row
        above, has 1 to 5 % more wrong pels, since a code that cannot be comes late; decoding MR
        rows against the repaired one is no better than repeating until a one-dimensional one.
        """
        self._paint(True)
        self.trusted = self.compression != MR
        self.bad_rows += 1
        self.bad_run += 1
        self.longest_bad_run = max(self.longest_bad_run, self.bad_run)

    def _make_room(self) -> None:
        """Let the sheet grow to its room, white where it is new."""
        self.view.release()
        self.sheet.seek(self.room + WORD - 1)
        self.sheet.write(b"\0")
        self.view = self.sheet.getbuffer()
        self.octets = words.octets(self.view)

    def _paint(self, reference: bool) -> None:
        """Append the row, or the reference row, to what `feed` returns."""
        stride = self.row.stride
        if self.at + stride > self.room:
            self.room *= 2
            self._make_room()
        self.row.paint(self.octets, self.at, reference)
        self.at += stride
        self.rows += 1
        self.eols = 0
        self.row_open = False
        if self.rows >= self.max_rows:
            self.state = AT_END
