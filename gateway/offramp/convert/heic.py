"""HEIC, the photo format of telephones (ISO/IEC 23008-12): one picture, one page.

pi-heif only decodes, so its wheel has no encoder of another licence in it. The picture is turned by
the decoder.
"""

from __future__ import annotations

import pi_heif

from gateway.offramp.convert.base import PageSink, Source
from gateway.offramp.convert.picture import opened, picture_of

pi_heif.register_heif_opener(decode_threads=1, thumbnails=False)  # a child starts no threads


def convert(source: Source, sink: PageSink) -> None:
    """Draw the picture."""
    with opened(source.content, ("HEIF",)) as image:
        sink.expect(1)
        sink.add(picture_of(image))
