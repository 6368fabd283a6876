"""TIFF of all kinds: each frame a page, and a fax page goes through untouched.

A bilevel frame of 1728 pels at a fax resolution is what the line carries already: it is passed on
pel by pel. Everything else is a picture. A frame without a resolution is taken for a fax page if
its width is a fax's, at the row density that makes it as long as paper.

TIFF 6.0; RFC 3949 4 (Profiles S and F).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from gateway.offramp.convert.base import PageSink, Source, Unfaxable
from gateway.offramp.convert.picture import Picture, grey, opened, picture_of
from gateway.offramp.sheet import WIDTH
from gateway.said import said
from modems.session import VR

TOTAL_PIXELS = 2_000_000_000  # of all frames
LONGEST = 6000  # rows of a page passed through: 77 cm at 7.7 rows/mm
FAX_DPI = {VR.R8_STANDARD: (96, 101), VR.R8_FINE: (191, 204), VR.R8_SUPERFINE: (380, 405)}
STANDARD_ROWS = 1430  # a page with no resolution and fewer rows is of standard resolution


def convert(source: Source, sink: PageSink) -> None:
    """Draw every frame."""
    with opened(source.content, ("TIFF",)) as image:
        frames = getattr(image, "n_frames", 1)
        sink.expect(frames)
        pixels = 0
        for number in range(frames):
            image.seek(number)
            pixels += image.width * image.height
            if pixels > TOTAL_PIXELS:
                raise Unfaxable(said("is too large: more than 2,000 million pixels in all"))
            _add_frame(image, sink)


def _add_frame(image: Image.Image, sink: PageSink) -> None:
    vr = fax_resolution(image)
    if vr is not None and image.height <= LONGEST:
        sink.add_finished(~np.asarray(image.convert("1"), np.bool_), vr)
    elif vr is not None:
        sink.add(Picture(grey(image), (204.0, float(vr.dpi[1]))))
    else:
        sink.add(picture_of(image))


def fax_resolution(image: Image.Image) -> VR | None:
    """Tell the vertical resolution of a frame that is a fax page; None if it is none."""
    if image.mode != "1" or image.width != WIDTH:
        return None
    x, y = (float(value) for value in image.info.get("dpi", (0, 0)))
    if min(x, y) < 2:  # missing, or TIFF's "no absolute unit"
        return VR.R8_STANDARD if image.height < STANDARD_ROWS else VR.R8_FINE
    if not 195 <= x <= 210:
        return None
    return next((vr for vr, (low, high) in FAX_DPI.items() if low <= y <= high), None)
