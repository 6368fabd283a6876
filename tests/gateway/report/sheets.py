"""Stored pages with something on them."""

from __future__ import annotations

from PIL import Image, ImageDraw

from gateway.store.records import StoredPage
from modems.session import VR
from t4codec import Coding, Compression, encode


def sheet(number: int, width: int = 1728, height: int = 400, vr: VR = VR.R8_FINE) -> StoredPage:
    """A page with a box whose place tells its number."""
    image = Image.new("1", (width, height), 1)
    ImageDraw.Draw(image).rectangle((100 * number, 50, 100 * number + 300, 250), fill=0)
    rows = image.tobytes("raw", "1;I")
    mmr = encode(rows, Coding(Compression.MMR, width))
    return StoredPage(number, width, height, vr, mmr, {"MMR": len(mmr) * 8})
