from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from t4codec import decode, tiff

FILES = Path(__file__).parent.parent / "data" / "hylafax"


@pytest.mark.parametrize(("name", "pages"), [("received-g4.tif", 2), ("received-g3.tif", 1)])
def test_what_hylafax_received_is_read_pel_for_pel(name: str, pages: int) -> None:
    """HylaFAX's own files, with private tags and the low bit first, are read as libtiff does."""
    data = (FILES / name).read_bytes()
    document = tiff.read(data)
    with Image.open(FILES / name) as image:
        judged = [
            frame.convert("1").tobytes("raw", "1;I") for frame in ImageSequence.Iterator(image)
        ]

    assert document.problem == ""
    assert len(document.pages) == pages
    assert [decode(p.page.data, p.page.coding).rows for p in document.pages] == judged
    assert all(p.page.resolution == (204, 196) for p in document.pages)
