# C types for `encoder_cy.py`; every name means what it means there.
cimport cython
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t

from t4codec cimport words
from t4codec.changes_cy cimport Changes

cdef int MR, MMR
cdef int SLACK, FIRST_ROOM, LONGEST_RUN, BLACK
cdef uint64_t MAKE_UP_2560, PASS, HORIZONTAL, EOL
cdef int PASS_BITS, HORIZONTAL_BITS, EOL_BITS


@cython.final
cdef class PageEncoder:
    cdef readonly int compression, width, k, min_row_bits
    cdef public bint eol, eol_aligned, row_aligned
    cdef uint32_t *run_codes
    cdef uint32_t *vertical_codes
    cdef Changes row
    cdef Py_ssize_t room, at, dropped
    cdef bytearray kept
    cdef unsigned char *out
    cdef Py_ssize_t capacity
    cdef uint64_t held
    cdef int held_bits

    cpdef int64_t bits(self)

    @cython.locals(row=Changes, octets="const unsigned char *", y=Py_ssize_t, stride=int, start=Py_ssize_t, two_dimensional=bint)
    cpdef page(self, bytes rows, Py_ssize_t offset, Py_ssize_t height, bint keep)

    @cython.locals(i=int)
    cpdef bytes end(self, int eols)

    cdef int _reserve(self) except -1
    cdef void _begin_row(self, bint two_dimensional) noexcept
    cdef void _align(self) noexcept
    cdef void _put_eol(self, int tag, bint aligned) noexcept
    cdef void _fill(self, Py_ssize_t bits) noexcept
    cdef void _put(self, uint64_t code, int length) noexcept

    cdef void _row(self, bint two_dimensional) noexcept

    @cython.locals(count=Py_ssize_t, length=int, ones=uint64_t)
    cdef void _repeat(self, bint two_dimensional) noexcept

    @cython.locals(
        places="uint16_t *", codes="uint32_t *", out="unsigned char *", at=Py_ssize_t,
        held=uint64_t, bits=int, a=Py_ssize_t, a0=int, a1=int, a2=int, width=int, entry=uint32_t,
    )
    cdef void _row_1d(self) noexcept

    cdef int _make_up(self, int run) noexcept

    @cython.locals(entry=uint32_t)
    cdef void _put_run(self, int run, int colour) noexcept

    cdef void _put_long(self, int first, int second, int colour) noexcept

    @cython.locals(
        places="uint16_t *", codes="uint32_t *", out="unsigned char *", at=Py_ssize_t,
        held=uint64_t, bits=int, width=int, one=Py_ssize_t, a=Py_ssize_t, b=Py_ssize_t, a0=int, a1=int, b1=int, vertical_codes="uint32_t *",
        colour=int, first=int, second=int, entry=uint32_t, code=uint64_t, length=int,
    )
    cdef void _row_2d(self) noexcept
