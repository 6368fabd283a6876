"""The pages of a PDF or TIFF of a fax as hashes, to be held against a statement.

A page counts as the one bilevel image on it, which is how faxes are kept everywhere: a searchable
layer of text, another compression or a new title leave the pels, and so the hash, as they are.
Whatever the file holds, the answer is a list of hashes or NotAFax.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import pikepdf
from PIL import Image, ImageSequence

from gateway.report.statement import page_hash

MOST_PAGES: Final = 2000
MOST_PELS: Final = 200_000_000  # of one page


class NotAFax(ValueError):  # noqa: N818 - says what the file is not
    """What is no document of bilevel pages; says why."""


def hashes_of(path: Path) -> list[str]:
    """The hash of each page. Raises NotAFax, and OSError where the file cannot be read."""
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(1024)
    try:
        return [_hash(image) for image in (_of_pdf(path) if is_pdf else _of_tiff(path))]
    except NotAFax:
        raise
    except (pikepdf.PdfError, Image.DecompressionBombError, ValueError, EOFError) as error:
        raise NotAFax(f"{path}: cannot be read as a fax: {error}") from error
    except OSError as error:
        raise NotAFax(f"{path}: neither a PDF nor a TIFF that can be read") from error


def _of_pdf(path: Path) -> Iterator[Image.Image]:
    with pikepdf.open(path) as pdf:
        if len(pdf.pages) > MOST_PAGES:
            raise NotAFax(f"{path}: more than {MOST_PAGES} pages")
        for number, page in enumerate(pdf.pages, 1):
            streams = (cast(pikepdf.Stream, image) for image in page.get_images().values())
            images = [pikepdf.PdfImage(stream) for stream in streams]
            scans = [image for image in images if image.bits_per_component == 1]
            if len(scans) != 1:
                raise NotAFax(
                    f"{path}: page {number} has {len(scans)} black and white images, not one"
                )
            if scans[0].width * scans[0].height > MOST_PELS:
                raise NotAFax(f"{path}: page {number} is too large for a fax")
            yield scans[0].as_pil_image()


def _of_tiff(path: Path) -> Iterator[Image.Image]:
    with Image.open(path) as tiff:
        for number, page in enumerate(ImageSequence.Iterator(tiff), 1):
            if number > MOST_PAGES:
                raise NotAFax(f"{path}: more than {MOST_PAGES} pages")
            if page.mode != "1":
                raise NotAFax(f"{path}: page {number} is not black and white")
            yield page


def _hash(image: Image.Image) -> str:
    rows = image.convert("1", dither=Image.Dither.NONE).tobytes("raw", "1;I")
    return page_hash(image.width, image.height, rows)
