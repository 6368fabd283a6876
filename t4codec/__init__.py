r"""T.4 and T.6: pixels to bits and back.

    >>> from t4codec import Coding, Compression, decode, encode
    >>> coding = Coding(Compression.MMR, width=16)
    >>> decode(encode(b"\xf0\x0f", coding), coding).rows
    b'\xf0\x0f'

The hot modules, `*_cy`, are Python that Cython also compiles; `compiled` says which of the two
runs. It is for people to know: both do the same.
"""

from __future__ import annotations

from t4codec import decoder_cy, encoder_cy
from t4codec.coding import Coding, Compression
from t4codec.decoder import Decoded, Decoder, Quality, decode
from t4codec.encoder import coded_bits, encode
from t4codec.errors import CodecError, CodingError
from t4codec.page import CodedPage, Resolution
from t4codec.transcode import double, halve, transcode

compiled: bool = not any(str(m.__file__).endswith(".py") for m in (encoder_cy, decoder_cy))

__all__ = [
    "CodecError",
    "CodedPage",
    "Coding",
    "CodingError",
    "Compression",
    "Decoded",
    "Decoder",
    "Quality",
    "Resolution",
    "coded_bits",
    "compiled",
    "decode",
    "double",
    "encode",
    "halve",
    "transcode",
]
