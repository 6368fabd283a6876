# C types for `decoder_cy.py`; every name means what it means there.
cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint64_t

from t4codec cimport words

cdef int MH, MR, MMR
cdef int SENTINELS, RUN_BITS, BLACK_RUNS, MODE_BITS, PASS, HORIZONTAL, VERTICAL_ZERO
cdef uint64_t RUN_MASK, MODE_MASK
cdef int EOL_ZEROS, RTC_EOLS, REWIND
cdef int MORE, DONE, BAD
cdef int IN_ROW, BEFORE_EOL, BEFORE_TAG, AT_END


@cython.final
cdef class RowDecoder:
    cdef readonly int compression, width
    cdef int stride
    cdef bint eol, row_aligned
    cdef public Py_ssize_t max_rows
    cdef const uint16_t[::1] run_lengths
    cdef const uint8_t[::1] modes
    cdef uint16_t[::1] changes
    cdef Py_ssize_t one, other
    cdef bytes tail, data
    cdef Py_ssize_t bit, end
    cdef int state, zeros, eols
    cdef bint two_dimensional, row_open, hunting, trusted, started
    cdef Py_ssize_t count, other_count, b, row_bit
    cdef int a0, run, runs_left
    cdef bytearray out
    cdef Py_ssize_t at
    cdef readonly Py_ssize_t rows, bad_rows, bad_run, longest_bad_run

    cpdef bint ended(self)
    @cython.locals(data=bytes, keep=Py_ssize_t)
    cpdef bytes feed(self, bytes chunk, bint final)
    @cython.locals(tag=int)
    cdef bint _step(self) except -1
    cdef void _begin_row(self, bint two_dimensional) noexcept
    @cython.locals(at_start=bint)
    cdef bint _after_row(self, int status) except -1
    cdef void _seek_eol(self, bint hunting) noexcept
    cdef int _bad_row(self) except -1
    @cython.locals(octets="const unsigned char *", bit=Py_ssize_t, zeros=Py_ssize_t)
    cdef bint _zeros(self) except -1
    cdef int _eol_seen(self) except -1
    cdef int _close(self) except -1
    @cython.locals(
        changes=uint16_t[::1], run_lengths="const uint16_t[::1]", modes="const uint8_t[::1]",
        octets="const unsigned char *", width=int, other=Py_ssize_t, two_dimensional=bint,
        n=Py_ssize_t, a0=int, a1=int, b=Py_ssize_t, run=int, runs_left=int, left=Py_ssize_t,
        at=Py_ssize_t, have=int, window=uint64_t, status=int, entry=int, length=int, mode=int,
        colour=int,
    )
    cdef int _row(self) except -1
    @cython.locals(i=int)
    cdef int _emit(self) except -1
    cdef int _emit_bad(self) except -1
    @cython.locals(
        changes=uint16_t[::1], out="unsigned char *", at=Py_ssize_t, one=uint64_t, full=uint64_t,
        word=uint64_t, pel=int, i=Py_ssize_t, change=int,
    )
    cdef int _paint(self, Py_ssize_t base, Py_ssize_t count) except -1
