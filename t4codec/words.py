"""The few things that Python and C spell differently: machine words in and out of octets.

Everything else in the hot modules is one source for both. Interpreted, these functions run; when
Cython compiles a hot module it takes the inline C of the same names and meanings from `words.pxd`.
Words are 64 bits, the first octet is the most significant, so that pel 0 is the top bit.

Nothing is checked here: the caller owns eight octets from `offset` on and says why.
"""

from __future__ import annotations

from array import array
from struct import Struct

_WORD = Struct(">Q")
_unpack = _WORD.unpack_from
_pack = _WORD.pack_into


def leading_zeros(word: int) -> int:
    """Zero bits above the first one bit; `word` is not 0."""
    return 64 - word.bit_length()


def load(octets: bytes | bytearray, offset: int) -> int:
    """The word in the eight octets at `offset`."""
    return int(_unpack(octets, offset)[0])


def store(octets: bytearray | memoryview, offset: int, word: int) -> None:
    """Write `word` to the eight octets at `offset`."""
    _pack(octets, offset, word)


def same(octets: bytes, one: int, other: int, count: int) -> bool:
    """Whether `count` octets at two offsets are equal."""
    return octets[one : one + count] == octets[other : other + count]


def octets(view: memoryview) -> memoryview:
    """The octets of a view, to be indexed without check; the caller keeps the view."""
    return view


def shorts(numbers: array[int]) -> array[int]:
    """The numbers of an array("H"), to be indexed without check; the caller keeps the array."""
    return numbers


def ints(numbers: array[int]) -> array[int]:
    """The same of an array("I")."""
    return numbers
