# C types for `decoder_cy.py`; every name means what it means there.
cimport cython

from t4codec cimport words
from t4codec.changes_cy cimport Changes
from t4codec.rows_cy cimport RowReader

cdef int MR, MMR, MORE, DONE
cdef int EOL_ZEROS, RTC_EOLS, WORD, REWIND, FEW_ROWS, PAGE_ROWS
cdef int IN_ROW, BEFORE_EOL, BEFORE_TAG, AT_END


@cython.final
cdef class PageDecoder:
    cdef readonly int compression
    cdef bint eol, row_aligned
    cdef public Py_ssize_t max_rows
    cdef RowReader reader
    cdef Changes row
    cdef bytes tail
    cdef int state, zeros, eols
    cdef bint started, hunting, row_open, trusted
    cdef Py_ssize_t row_bit
    cdef object sheet, view
    cdef unsigned char *octets
    cdef Py_ssize_t room
    cdef Py_ssize_t at
    cdef readonly Py_ssize_t rows, bad_rows, bad_run, longest_bad_run

    cpdef bint ended(self)

    @cython.locals(reader=RowReader, data=bytes, rows=Py_ssize_t, keep=Py_ssize_t)
    cpdef bytes feed(self, bytes chunk, bint final)

    @cython.locals(reader=RowReader, status=int, tag=int)
    cdef bint _step(self) except -1

    cdef void _begin_row(self, bint two_dimensional) noexcept
    cdef int _end_row(self, bint done) except -1
    cdef void _seek_eol(self, bint hunting) noexcept
    cdef int _bad_row(self) except -1

    @cython.locals(reader=RowReader)
    cdef bint _skip_zeros(self) except -1

    cdef int _end_eol(self) except -1
    cdef int _close(self) except -1
    cdef int _emit(self) except -1
    cdef int _emit_bad(self) except -1

    cdef int _make_room(self) except -1

    @cython.locals(stride=Py_ssize_t)
    cdef int _paint(self, bint reference) except -1
