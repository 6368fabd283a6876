"""Rows as lists of changing elements: found in pels, and painted as pels again.

A changing element is a pel whose colour differs from the one to its left (T.4 4.2.1.1). A list
holds their places: strictly increasing, the first one white to black, the next black to white and
so on. Four sentinels follow: two equal to the width, where every row ends, and two beyond any
place, so that a search for a change to the right of some place in the row needs no other end. A
guard, 0, stands before it. There are two lists, the row's and the reference row's, in one array.

Indices are not checked, since none comes from outside: a row of `width` pels has at most `width`
changes, a list in the making at most one more (at the width itself), and each list has room for
`width + 6` numbers with guard and sentinels. Reads and writes of pels are by words of 64, within
the octets that the caller vouches for: see `take` and `paint`.

Tried and slower: trailing zeros of mirrored words, two changes at a time, typed memory views (which
count references, atomically, for every row).
"""

from __future__ import annotations

from array import array

from t4codec import words

BEYOND = 0xFFFF


class Changes:
    """The changing elements of the row and of the reference row, at first both white."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.stride = (width + 7) >> 3
        self.numbers = array("H", [0]) * (2 * (width + 6))
        self.places = words.shorts(self.numbers)
        self.one = 1  # where the list of the row begins in places
        self.other = width + 7  # where that of the reference row begins
        self.count = 0
        self.other_count = 0
        self.close(self.other)
        self.close(self.one)

    def swap(self) -> None:
        """The row becomes the reference row."""
        self.one, self.other = self.other, self.one
        self.count, self.other_count = self.other_count, self.count

    def close(self, n: int) -> None:
        """End the list of the row before place `n` with its sentinels."""
        places = self.places
        places[n] = self.width
        places[n + 1] = self.width
        places[n + 2] = BEYOND
        places[n + 3] = BEYOND
        self.count = n - self.one

    def take(self, octets: bytes, offset: int) -> None:
        """Find the changing elements of the row at `offset`, at least 8 octets of which exist.

        A last word that is not whole is read from the row's end: it begins up to 8 octets before
        the row does, where a row is shorter than that.
        """
        places, width = self.places, self.width
        one = 1
        top = one << 63
        n = self.one
        full = top | top - 1
        before = 0  # a word of the colour of the pel before
        for pel in range(0, width, 64):
            if pel + 64 <= width:
                word = words.load(octets, offset + (pel >> 3))
            else:  # what lies beyond the width is nobody's
                beyond = pel + 64 - width
                word = words.load(octets, offset + self.stride - 8) << (beyond & ~7)
                word = (word & full) >> beyond << beyond
            if word == before:  # most are: white, or all black
                continue
            edges = word ^ (word >> 1 | before & top)
            before = full & -(word & 1)
            while edges:
                zeros = words.leading_zeros(edges)
                places[n] = pel + zeros
                n += 1
                edges ^= top >> zeros
        if n > self.one and places[n - 1] == width:  # black to an edge inside the last word
            n -= 1
        self.close(n)

    def paint(self, octets: memoryview, offset: int, reference: bool) -> None:
        """Write the row, or the reference row, to the white octets at `offset`.

        Each change inverts all that is to its right. Up to 7 octets after the row are written
        white: `octets` has them.
        """
        places = self.places
        base = self.other if reference else self.one
        count = self.other_count if reference else self.count
        one = 1
        full = (one << 63) - 1 + (one << 63)
        word = 0
        index = 0  # of the word in the row
        for i in range(base, base + count, 2):
            black = places[i]
            white = places[i + 1]  # the sentinel after a row that ends in black
            if index != black >> 6:
                words.store(octets, offset + 8 * index, word)
                word = 0
                index = black >> 6
            word ^= full >> (black & 63)
            while index < white >> 6:
                words.store(octets, offset + 8 * index, word)
                word = full
                index += 1
            word ^= full >> (white & 63)
        if 64 * index < self.width:
            words.store(octets, offset + 8 * index, word)
