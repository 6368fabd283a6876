"""Streams written by hand, as strings of 0 and 1."""

from __future__ import annotations

from t4codec import tables

RTC = tables.EOL * 6


def octets(bits: str) -> bytes:
    """The bits packed, most significant first, the last octet filled with zeros."""
    bits += "0" * (-len(bits) % 8)
    return int(bits or "0", 2).to_bytes(len(bits) // 8)


def string(octets: bytes) -> str:
    """The bits of some octets."""
    return "".join(f"{octet:08b}" for octet in octets)


def runs(*lengths: int) -> str:
    """A row of MH: the codes of its runs, white first, each up to 2623 pels."""
    codes = ""
    for i, length in enumerate(lengths):
        colour = tables.BLACK if i % 2 else tables.WHITE
        if length >= 64:
            codes += colour[length // 64 * 64]
        codes += colour[length % 64]
    return codes
