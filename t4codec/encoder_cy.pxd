# C types for `encoder_cy.py`; every name means what it means there.
cimport cython
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t

from t4codec cimport words

cdef int MH, MR, MMR
cdef int SENTINELS, SLACK, LONGEST_RUN, BLACK
cdef uint64_t MAKE_UP_2560, PASS, HORIZONTAL, EOL
cdef int PASS_BITS, HORIZONTAL_BITS, EOL_BITS


@cython.final
cdef class PageEncoder:
    cdef readonly int compression, width, k, min_row_bits
    cdef public bint eol, eol_aligned, row_aligned
    cdef const uint32_t[::1] run_codes, vertical_codes
    cdef uint16_t[::1] changes
    cdef Py_ssize_t one, other, count, room, at, dropped
    cdef bytearray out
    cdef uint64_t held
    cdef int held_bits

    cpdef int64_t bits(self)

    @cython.locals(y=Py_ssize_t, stride=Py_ssize_t, offset=Py_ssize_t, start=Py_ssize_t, two_dimensional=bint)
    cpdef page(self, bytes rows, Py_ssize_t height, bint keep)

    @cython.locals(i=int)
    cpdef bytes end(self, int eols)

    cdef int _reserve(self) except -1
    cdef void _begin_row(self, bint two_dimensional) noexcept
    cdef void _put_eol(self, int tag, bint aligned) noexcept
    cdef void _fill(self, Py_ssize_t bits) noexcept
    cdef void _put(self, uint64_t code, int length) noexcept

    @cython.locals(
        changes=uint16_t[::1], octets="const unsigned char *", width=int, n=Py_ssize_t, pel=int,
        i=int, zeros=int, one=uint64_t, top=uint64_t, left=uint64_t, word=uint64_t, edges=uint64_t,
    )
    cdef void _take(self, bytes rows, Py_ssize_t offset) noexcept

    cdef void _row(self, bint two_dimensional) noexcept

    @cython.locals(count=Py_ssize_t, length=int, ones=uint64_t)
    cdef void _repeat(self, bint two_dimensional) noexcept

    @cython.locals(
        changes=uint16_t[::1], codes="const uint32_t[::1]", out="unsigned char *", at=Py_ssize_t,
        held=uint64_t, bits=int, a=Py_ssize_t, a0=int, colour=int, run=int, entry=uint32_t,
    )
    cdef void _row_1d(self) noexcept

    cdef int _make_up(self, int run) noexcept

    @cython.locals(entry=uint32_t)
    cdef void _put_run(self, int run, int colour) noexcept

    cdef void _put_long(self, int first, int second, int colour) noexcept

    @cython.locals(
        changes=uint16_t[::1], codes="const uint32_t[::1]", out="unsigned char *", at=Py_ssize_t,
        held=uint64_t, bits=int, width=int, a=Py_ssize_t, b=Py_ssize_t, a0=int, a1=int, delta=int,
        colour=int, first=int, second=int, entry=uint32_t, code=uint64_t, length=int,
    )
    cdef void _row_2d(self) noexcept
