"""From one coding to another, and from fine to standard resolution and back, on packed rows.

No image object is made: rows are decoded in pieces and coded again. Damage in the source is
repaired as the decoder does and stays in the result as it looks.
"""

from __future__ import annotations

from t4codec.coding import Coding
from t4codec.decoder import decode
from t4codec.encoder import encode
from t4codec.errors import CodingError


def transcode(data: bytes, source: Coding, target: Coding) -> bytes:
    """The page `data`, coded as `source`, coded as `target`. CodingError if widths differ."""
    if source.width != target.width:
        raise CodingError(f"rows of {source.width} pels do not become rows of {target.width}")
    if source == target:
        return data
    return encode(decode(data, source).rows, target)


def halve(rows: bytes, stride: int) -> bytes:
    """Half as many rows (fine to standard): a pel is black where either of its two was.

    A horizontal line one row high survives, which it does not where every other row is dropped.
    The last row of an odd number stays alone.
    """
    if len(rows) // stride % 2:
        rows += bytes(stride)
    either = int.from_bytes(rows) | int.from_bytes(rows) << 8 * stride
    merged = either.to_bytes(len(rows) + stride)
    return b"".join(merged[at : at + stride] for at in range(stride, len(merged), 2 * stride))


def double(rows: bytes, stride: int) -> bytes:
    """Twice as many rows (standard to fine): every row twice."""
    return b"".join(rows[at : at + stride] * 2 for at in range(0, len(rows), stride))
