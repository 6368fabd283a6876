# C types for `rows_cy.py`; every name means what it means there.
cimport cython
from libc.stdint cimport uint16_t, uint32_t, uint64_t

from t4codec cimport words
from t4codec.changes_cy cimport Changes

cdef int RUN_BITS, BLACK_RUNS, MAKE_UP, MODE_BITS, PASS, HORIZONTAL, VERTICAL_ZERO
cdef uint64_t RUN_MASK, MODE_MASK, REST
cdef int MORE, DONE, BAD


@cython.final
cdef class RowReader:
    cdef readonly int width
    cdef readonly Changes row
    cdef uint32_t *run_lengths
    cdef uint16_t *run_pairs
    cdef const unsigned char *modes
    cdef bytes data
    cdef const unsigned char *octets
    cdef public Py_ssize_t bit
    cdef readonly Py_ssize_t end
    cdef bint two_dimensional
    cdef Py_ssize_t n, b
    cdef int a0, run, runs_left

    cdef int supply(self, bytes data) except -1

    cdef void begin(self, bint two_dimensional) noexcept

    @cython.locals(row=Changes, status=int)
    cdef int read(self) noexcept

    cdef int peek(self) noexcept

    @cython.locals(start=Py_ssize_t, word=uint64_t)
    cdef int skip_zeros(self) noexcept

    @cython.locals(
        places="uint16_t *", run_lengths="uint32_t *", run_pairs="uint16_t *",
        octets="const unsigned char *", width=int, one=Py_ssize_t, n=Py_ssize_t, a0=int, a1=int,
        a2=int, run=int, colour=int, left=Py_ssize_t, at=Py_ssize_t, have=int, window=uint64_t,
        index=int, entry=int, length=int, status=int,
    )
    cdef int _read_1d(self) noexcept

    @cython.locals(
        places="uint16_t *", run_lengths="uint32_t *", modes="const unsigned char *",
        octets="const unsigned char *", width=int, one=Py_ssize_t, n=Py_ssize_t, a0=int, a1=int,
        b=Py_ssize_t, run=int, runs_left=int, colour=int, left=Py_ssize_t, at=Py_ssize_t, have=int,
        window=uint64_t, entry=int, length=int, mode=int, status=int,
    )
    cdef int _read_2d(self) noexcept
