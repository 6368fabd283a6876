"""What the same pels are in TIFF's other forms is the same page: tiles, bit orders, polarities."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from gateway.offramp.convert import Bits
from modems.session import VR
from tests.gateway.offramp import corpus
from tests.gateway.offramp.sink import drawn

# Tags and types of TIFF 6.0, sections 2, 8 and 15.
WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIPS, ROWS_PER_STRIP, STRIP_COUNTS, X_RESOLUTION, Y_RESOLUTION = 273, 278, 279, 282, 283
TILE_WIDTH, TILE_LENGTH, TILES, TILE_COUNTS = 322, 323, 324, 325
SHORT, LONG, RATIONAL = "H", "L", "LL"
TYPES = {SHORT: 3, LONG: 4, RATIONAL: 5}

WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1


def tiff(
    ink: Bits, photometric: int = WHITE_IS_ZERO, *, reverse: bool = False, tile: int = 0
) -> bytes:
    """An uncompressed bilevel TIFF at 204 x 196 dpi; in tiles of so many pels if `tile`."""
    pels = ink if photometric == WHITE_IS_ZERO else ~ink
    blocks = _tiles(pels, tile) if tile else [pels]
    packed = [np.packbits(b, axis=1, bitorder="little" if reverse else "big") for b in blocks]
    data = [block.tobytes() for block in packed]
    counts = [len(block) for block in data]
    offsets = [8 + sum(counts[:n]) for n in range(len(counts))]
    height, width = ink.shape
    entries: list[tuple[int, str, list[int]]] = [
        (WIDTH, LONG, [width]),
        (LENGTH, LONG, [height]),
        (BITS, SHORT, [1]),
        (COMPRESSION, SHORT, [1]),
        (PHOTOMETRIC, SHORT, [photometric]),
        (FILL_ORDER, SHORT, [2 if reverse else 1]),
        (X_RESOLUTION, RATIONAL, [204, 1]),
        (Y_RESOLUTION, RATIONAL, [196, 1]),
    ]
    if tile:
        entries += [(TILE_WIDTH, LONG, [tile]), (TILE_LENGTH, LONG, [tile])]
        entries += [(TILES, LONG, offsets), (TILE_COUNTS, LONG, counts)]
    else:
        entries += [(STRIPS, LONG, offsets), (STRIP_COUNTS, LONG, counts)]
        entries += [(ROWS_PER_STRIP, LONG, [height])]
    return _file(b"".join(data), sorted(entries))


def _tiles(pels: Bits, size: int) -> list[Bits]:
    height, width = pels.shape
    padded = np.pad(pels, ((0, -height % size), (0, -width % size)))
    rows, columns = range(0, padded.shape[0], size), range(0, padded.shape[1], size)
    return [padded[y : y + size, x : x + size] for y in rows for x in columns]


def _file(data: bytes, entries: list[tuple[int, str, list[int]]]) -> bytes:
    """Header, data, one directory, and the values that do not fit into it."""
    data += bytes(len(data) % 2)
    directory = struct.pack("<H", len(entries))
    after = 8 + len(data) + 2 + 12 * len(entries) + 4
    more = b""
    for tag, kind, values in entries:
        octets = struct.pack(f"<{len(values)}{kind[0]}", *values)
        if len(octets) > 4:
            octets, more = struct.pack("<L", after + len(more)), more + octets
        count = len(values) // len(kind)
        directory += struct.pack("<HHL", tag, TYPES[kind], count) + octets.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<L", 8 + len(data)) + data + directory + bytes(4) + more


@pytest.fixture(scope="module")
def ink() -> Bits:
    """A page of text, True black, of a width that no tile divides."""
    page = corpus.text_image().resize((1728, 1140)).convert("1")
    return ~np.asarray(page, np.bool_)


@pytest.mark.parametrize("tile", [0, 256])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO])
def test_the_same_pels_are_the_same_page(
    ink: Bits, photometric: int, *, reverse: bool, tile: int
) -> None:
    """In strips and tiles, either bit first, whichever value is black: pel by pel."""
    seen = drawn(tiff(ink, photometric, reverse=reverse, tile=tile))

    assert np.array_equal(seen.pages[0], ink)
    assert seen.coded[0].vr == VR.R8_FINE
