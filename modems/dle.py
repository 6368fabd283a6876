"""DLE shielding: octets of a page or frame between computer and modem, ended by DLE ETX.

A DLE in the data is doubled both ways; DLE SUB stands for two of them; any other pair is dropped
(T.31 8.1, TIA-578 A.3). `Unshield` takes any split and keeps what follows the end for the reader
of results.
"""

from __future__ import annotations

from typing import Final

DLE: Final = 0x10
ETX: Final = 0x03
SUB: Final = 0x1A
END: Final = bytes((DLE, ETX))


def shield(data: bytes) -> bytes:
    """The data as they go to the modem, without the end."""
    return data.replace(b"\x10", b"\x10\x10")


class Unshield:
    """One stretch of data from the modem. `rest` is what came after its end, None before that."""

    def __init__(self) -> None:
        self._escaped = False
        self.rest: bytes | None = None

    @property
    def ended(self) -> bool:
        """Whether DLE ETX has come."""
        return self.rest is not None

    def feed(self, raw: bytes) -> bytes:
        """Take octets as they come from the modem; give those of the data."""
        assert self.rest is None
        out = bytearray()
        at = 0
        while at < len(raw):
            if self._escaped:
                self._escaped = False
                if raw[at] == ETX:
                    self.rest = raw[at + 1 :]
                    return bytes(out)
                out += {DLE: b"\x10", SUB: b"\x10\x10"}.get(raw[at], b"")
                at += 1
                continue
            plain = raw.find(DLE, at)
            if plain < 0:
                out += raw[at:]
                break
            out += raw[at:plain]
            self._escaped = True
            at = plain + 1
        return bytes(out)
