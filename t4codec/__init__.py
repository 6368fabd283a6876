"""T.4 and T.6: pixels to bits and back.

    >>> from t4codec import Coding, Compression, decode, encode
    >>> coding = Coding(Compression.MMR, width=16)
    >>> decode(encode(b"\\xf0\\x0f", coding), coding).rows
    b'\\xf0\\x0f'
"""

from __future__ import annotations

from t4codec.coding import Coding, Compression
from t4codec.decoder import Decoded, Decoder, Quality, decode
from t4codec.encoder import coded_bits, encode
from t4codec.errors import CodecError, CodingError

__all__ = [
    "CodecError",
    "Coding",
    "CodingError",
    "Compression",
    "Decoded",
    "Decoder",
    "Quality",
    "coded_bits",
    "decode",
    "encode",
]
