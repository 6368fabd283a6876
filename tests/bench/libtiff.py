"""libtiff's own coder and decoder through its C API, on files in memory, by ctypes.

Only the calls that code or decode a strip are the measure; opening and closing the file are not.
One strip is one page. Needs Debian's libtiff6.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_int64, c_uint16, c_uint32, c_uint64, c_void_p
from ctypes.util import find_library
from typing import Any

_IMAGE_WIDTH, _IMAGE_LENGTH, _BITS_PER_SAMPLE, _COMPRESSION = 256, 257, 258, 259
_PHOTOMETRIC, _FILL_ORDER, _SAMPLES_PER_PIXEL, _ROWS_PER_STRIP = 262, 266, 277, 278
_GROUP3_OPTIONS = 292
GROUP3, GROUP4 = 3, 4

_READ = ctypes.CFUNCTYPE(c_int64, c_void_p, c_void_p, c_int64)
_SEEK = ctypes.CFUNCTYPE(c_uint64, c_void_p, c_int64, c_int)
_CLOSE = ctypes.CFUNCTYPE(c_int, c_void_p)
_SIZE = ctypes.CFUNCTYPE(c_uint64, c_void_p)
_MAP = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(c_void_p), POINTER(c_int64))
_UNMAP = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_int64)


def available() -> bool:
    """Whether the library is installed."""
    return find_library("tiff") is not None


def _load() -> Any:
    library = ctypes.CDLL(find_library("tiff") or "libtiff.so.6")
    library.TIFFClientOpen.restype = c_void_p
    library.TIFFClientOpen.argtypes = [
        c_char_p, c_char_p, c_void_p, _READ, _READ, _SEEK, _CLOSE, _SIZE, _MAP, _UNMAP,
    ]  # fmt: skip
    library.TIFFWriteEncodedStrip.restype = c_int64
    library.TIFFWriteEncodedStrip.argtypes = [c_void_p, c_uint32, c_void_p, c_int64]
    library.TIFFReadEncodedStrip.restype = c_int64
    library.TIFFReadEncodedStrip.argtypes = [c_void_p, c_uint32, c_void_p, c_int64]
    library.TIFFClose.argtypes = [c_void_p]
    library.TIFFSetWarningHandler.argtypes = [c_void_p]
    library.TIFFSetWarningHandler(None)
    return library


class MemoryTiff:
    """A TIFF file in memory, open in libtiff. Reads are mapped, so that nothing is copied."""

    def __init__(self, content: bytes = b"") -> None:
        self._library = _load()
        self.content = bytearray(content)
        self._at = 0
        self._mapped = ctypes.create_string_buffer(content, len(content)) if content else None
        self._procedures = (
            _READ(self._read), _READ(self._write), _SEEK(self._seek), _CLOSE(lambda _: 0),
            _SIZE(lambda _: len(self.content)), _MAP(self._map), _UNMAP(lambda *_: None),
        )  # fmt: skip
        mode = b"r" if content else b"w"
        self.handle = self._library.TIFFClientOpen(b"memory", mode, None, *self._procedures)

    def _read(self, _: int, buffer: int, size: int) -> int:
        part = bytes(self.content[self._at : self._at + size])
        ctypes.memmove(buffer, part, len(part))
        self._at += len(part)
        return len(part)

    def _write(self, _: int, buffer: int, size: int) -> int:
        end = self._at + size
        self.content.extend(bytes(max(0, self._at - len(self.content))))
        self.content[self._at : end] = ctypes.string_at(buffer, size)
        self._at = end
        return size

    def _seek(self, _: int, offset: int, whence: int) -> int:
        self._at = offset + (0, self._at, len(self.content))[whence]
        return self._at

    def _map(self, _: int, base: Any, size: Any) -> int:
        if self._mapped is None:
            return 0
        base[0], size[0] = ctypes.addressof(self._mapped), len(self.content)
        return 1

    def prepare(self, width: int, height: int, compression: int, *, two_dimensional: bool) -> None:
        """Set the tags of a page of one strip."""
        for tag, value in (
            (_BITS_PER_SAMPLE, 1), (_SAMPLES_PER_PIXEL, 1), (_COMPRESSION, compression),
            (_PHOTOMETRIC, 0), (_FILL_ORDER, 1),
        ):  # fmt: skip
            self._library.TIFFSetField(c_void_p(self.handle), c_uint32(tag), c_uint16(value))
        for tag, value in (
            (_IMAGE_WIDTH, width),
            (_IMAGE_LENGTH, height),
            (_ROWS_PER_STRIP, height),
        ):
            self._library.TIFFSetField(c_void_p(self.handle), c_uint32(tag), c_uint32(value))
        if compression == GROUP3:
            self._library.TIFFSetField(
                c_void_p(self.handle), c_uint32(_GROUP3_OPTIONS), c_uint32(two_dimensional)
            )

    def write_strip(self, rows: bytes) -> None:
        """Code a page: the call that is measured."""
        self._library.TIFFWriteEncodedStrip(self.handle, 0, rows, len(rows))

    def read_strip(self, into: ctypes.Array[ctypes.c_char]) -> int:
        """Decode a page: the call that is measured. The octets written."""
        return int(self._library.TIFFReadEncodedStrip(self.handle, 0, into, len(into)))

    def close(self) -> bytes:
        """Close the file; what it contains."""
        self._library.TIFFClose(self.handle)
        return bytes(self.content)
