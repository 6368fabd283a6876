"""PNG, JPEG, GIF, WebP, BMP, HEIC and the like: one picture, one page; the first of several."""

from __future__ import annotations

from gateway.offramp.convert.base import PageSink, Source
from gateway.offramp.convert.picture import opened, picture_of

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "JPEG2000", "AVIF", "PCX", "PPM")


def convert(source: Source, sink: PageSink) -> None:
    """Draw the picture."""
    with opened(source.content, FORMATS) as image:
        sink.expect(1)
        sink.add(picture_of(image))
