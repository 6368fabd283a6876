"""TIFF's file structure: the header and the image file directories, without their meaning.

Reading never raises: a directory is what could be read of it, and a field that points outside the
file is not there. Loops and endless chains of directories end. Values are integers; a RATIONAL is
two of them. Writing is little-endian: page by page the directory, what does not fit into it, and
the pixels, as RFC 3949 3.5 asks of Profile S.

TIFF 6.0 section 2. Not here: BigTIFF, which no fax machine or fax server writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import calcsize, error, pack, unpack_from

SHORT, LONG, RATIONAL = 3, 4, 5
_FORMATS = {1: "B", SHORT: "H", LONG: "I", RATIONAL: "II", 7: "B", 13: "I"}  # 13 is IFD
_ENTRY = 12  # octets
_MAX_DIRECTORIES = 1000
_MAX_VALUES = 1 << 16  # of one field: strips of a page

Directory = dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Field:
    """A field to write."""

    tag: int
    type: int
    values: tuple[int, ...]


def read_directories(data: bytes) -> Iterator[Directory]:
    """Each directory of the file, in order; none where the file is no TIFF."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return
    seen: set[int] = set()
    offset = _number(data, order, 4)
    while offset and offset not in seen and len(seen) < _MAX_DIRECTORIES:
        seen.add(offset)
        count = _number(data, order, offset, "H")
        entries = range(offset + 2, min(offset + 2 + count * _ENTRY, len(data)), _ENTRY)
        yield dict(field for at in entries if (field := _read_field(data, order, at)))
        offset = _number(data, order, offset + 2 + count * _ENTRY)


def _number(data: bytes, order: str, offset: int, code: str = "I") -> int:
    """The number at `offset`, 0 if the file ends before it does."""
    try:
        return int(unpack_from(order + code, data, offset)[0])
    except error:
        return 0


def _read_field(data: bytes, order: str, at: int) -> tuple[int, tuple[int, ...]] | None:
    try:
        tag, kind, count = unpack_from(order + "HHI", data, at)
        code = _FORMATS[kind] * min(count, _MAX_VALUES)
        inside = calcsize(order + code) <= 4
        start = at + 8 if inside else unpack_from(order + "I", data, at + 8)[0]
        return tag, unpack_from(order + code, data, start)
    except (error, KeyError):
        return None


class Writer:
    """Builds a file page by page."""

    def __init__(self) -> None:
        self._parts = [b"II*\0", b""]  # the second is where the first directory is
        self._link = 1  # the part to fill in
        self._at = 8

    def add(self, pixels: bytes, offsets_tag: int, fields: Sequence[Field]) -> None:
        """Append a page's directory and its one strip; `offsets_tag` will say where that is."""
        behind = self._at + 2 + (len(fields) + 1) * _ENTRY + 4  # the directory
        long = {field.tag: value for field in fields if len(value := _value(field)) > 4}
        start = behind + sum(map(len, long.values()))
        strip = Field(offsets_tag, LONG, (start,))
        directory = bytearray(pack("<H", len(fields) + 1))
        for field in sorted([*fields, strip], key=lambda f: f.tag):
            value = _value(field)
            if field.tag in long:
                value, behind = pack("<I", behind), behind + len(value)
            directory += pack("<HHI", field.tag, field.type, _count(field)) + value.ljust(4, b"\0")
        self._parts[self._link] = pack("<I", self._at)
        self._parts += [bytes(directory), b"", *(long[tag] for tag in sorted(long)), pixels]
        self._link = len(self._parts) - len(long) - 2
        self._parts.append(bytes(len(pixels) % 2))  # directories begin on even octets
        self._at = start + len(pixels) + len(pixels) % 2

    def end(self) -> bytes:
        """The file."""
        self._parts[self._link] = bytes(4)
        return b"".join(self._parts)


def _count(field: Field) -> int:
    return len(field.values) // len(_FORMATS[field.type])


def _value(field: Field) -> bytes:
    return pack("<" + _FORMATS[field.type] * _count(field), *field.values)
