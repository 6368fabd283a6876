# C types for `changes_cy.py`; every name means what it means there.
cimport cython
from libc.stdint cimport uint16_t, uint64_t

from t4codec cimport words

cdef int BEYOND


@cython.final
cdef class Changes:
    cdef readonly int width, stride
    cdef object numbers
    cdef uint16_t *places
    cdef readonly Py_ssize_t one, other, count, other_count

    cdef void swap(self) noexcept

    @cython.locals(places="uint16_t *")
    cdef void close(self, Py_ssize_t n) noexcept

    @cython.locals(
        places="uint16_t *", width=int, one=uint64_t, top=uint64_t,
        n=Py_ssize_t, before=uint64_t, full=uint64_t, pel=int, beyond=int, word=uint64_t, edges=uint64_t, zeros=int,
    )
    cdef void take(self, const unsigned char *octets, Py_ssize_t offset) noexcept

    @cython.locals(
        places="uint16_t *", base=Py_ssize_t, count=Py_ssize_t,
        one=uint64_t, full=uint64_t, word=uint64_t, index=Py_ssize_t, i=Py_ssize_t, black=int,
        white=int,
    )
    cdef void paint(self, unsigned char *octets, Py_ssize_t offset, bint reference) noexcept
