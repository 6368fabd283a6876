# The C of `words.py`: see there for the meaning. memcpy is how C says "unaligned"; compilers make
# one instruction of each function.
from cpython cimport array
from libc.stdint cimport uint16_t, uint32_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__GNUC__)
    #define T4_LEADING_ZEROS(word) __builtin_clzll(word)
    #else
    static int T4_LEADING_ZEROS(uint64_t word) {
        int zeros = 0;
        while (!(word >> 63)) { word <<= 1; zeros++; }
        return zeros;
    }
    #endif
    static inline uint64_t t4_big_endian(uint64_t word) {
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        return __builtin_bswap64(word);
    #elif defined(__BYTE_ORDER__)
        return word;
    #else
        const unsigned char *o = (const unsigned char *)&word;
        uint64_t value = 0;
        for (int i = 0; i < 8; i++) value = value << 8 | o[i];
        return value;
    #endif
    }
    static inline uint64_t t4_load(const unsigned char *octets, Py_ssize_t offset) {
        uint64_t word;
        memcpy(&word, octets + offset, 8);
        return t4_big_endian(word);
    }
    static inline void t4_store(unsigned char *octets, Py_ssize_t offset, uint64_t word) {
        word = t4_big_endian(word);
        memcpy(octets + offset, &word, 8);
    }
    static inline int t4_same(
        const unsigned char *octets, Py_ssize_t one, Py_ssize_t other, Py_ssize_t count) {
        return memcmp(octets + one, octets + other, (size_t)count) == 0;
    }
    """
    int leading_zeros "T4_LEADING_ZEROS" (uint64_t word) noexcept nogil
    uint64_t load "t4_load" (const unsigned char *octets, Py_ssize_t offset) noexcept nogil
    void store "t4_store" (unsigned char *octets, Py_ssize_t offset, uint64_t word) noexcept nogil
    bint same "t4_same" (const unsigned char *octets, Py_ssize_t one, Py_ssize_t other, Py_ssize_t count) noexcept nogil


cdef inline unsigned char *octets(unsigned char[::1] view) noexcept:
    return &view[0]

cdef inline uint16_t *shorts(array.array numbers) noexcept:
    return numbers.data.as_ushorts

cdef inline uint32_t *ints(array.array numbers) noexcept:
    return <uint32_t *>numbers.data.as_uints
