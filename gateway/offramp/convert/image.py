"""PNG, JPEG, GIF, WebP and BMP: one picture, one page. Of an animation the first picture."""

from __future__ import annotations

from gateway.offramp.convert.base import PageSink, Source
from gateway.offramp.convert.picture import opened, picture_of

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def convert(source: Source, sink: PageSink) -> None:
    """Draw the picture."""
    with opened(source.content, FORMATS) as image:
        sink.expect(1)
        sink.add(picture_of(image))
