"""One picture as a page: at its own size where it tells it, turned the way it was taken.

Shared by the converters of images and TIFF. Grey from colour by ITU-R 601, transparency on white
paper, scaling by area so that thin lines keep their share of every pel.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from PIL import Image, ImageFile, ImageFilter, ImageOps

from gateway.offramp.convert.base import Grey, Unfaxable
from gateway.offramp.sheet import WIDTH, Placement
from gateway.said import said

PIXELS = 120_000_000  # of one picture; A3 at 600 dpi has 70 million
SCREEN_DPI = 96.0  # of a picture that does not say
PLAUSIBLE_DPI = (73.0, 2500.0)  # 72 is what programs and cameras write when they do not know
LARGEST = 1500.0  # mm
INCH = 25.4
PALE = 225  # grey levels, from which something cannot be seen on paper
SHEET = 0.6  # of a picture; what shows more of it in white is no logo
LINES_TO_WIDTH = 600  # an outline is so much thinner than the picture is wide


@contextmanager
def opened(content: bytes, formats: tuple[str, ...]) -> Iterator[Image.Image]:
    """Open a picture of these formats only; a bomb or a damaged file is `Unfaxable`."""
    Image.MAX_IMAGE_PIXELS = PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for the whole process
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(BytesIO(content), formats=formats) as image:
                yield image
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise Unfaxable(said("is too large: more than 120 million pixels")) from error
        except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError) as error:
            # What Pillow's format plug-ins raise on files that are not what they claim.
            raise Unfaxable(said("is damaged and cannot be read to its end")) from error


class Picture:
    """A decoded picture of a known size."""

    def __init__(self, image: Image.Image, dpi: tuple[float, float]) -> None:
        self._image = image
        self._dpi = dpi

    @property
    def size(self) -> tuple[float, float]:
        """In millimetres."""
        return self._image.width / self._dpi[0] * INCH, self._image.height / self._dpi[1] * INCH

    def draw(self, placement: Placement) -> Grey:
        """Scale onto the page."""
        image, box = self._image, placement.box
        if placement.turned:
            image = image.transpose(Image.Transpose.ROTATE_270)
        if image.size != (box.width, box.height):
            image = image.resize((box.width, box.height), Image.Resampling.HAMMING)
        page = Image.new("L", (WIDTH, placement.rows), 255)
        page.paste(image, (box.left, box.top))
        return np.asarray(page)


def picture_of(image: Image.Image) -> Picture:
    """Decode, turn by EXIF, and make grey."""
    dpi = plausible_dpi(image)
    if image.format == "JPEG":  # decodes at a half, a quarter or an eighth where that is enough
        before = image.size
        image.draft("L", (2 * WIDTH, 2 * WIDTH))
        dpi = (dpi[0] * image.width / before[0], dpi[1] * image.height / before[1])
    turned = ImageOps.exif_transpose(image)
    if turned.size != image.size:
        dpi = (dpi[1], dpi[0])
    return Picture(grey(turned), dpi)


def grey(image: Image.Image) -> Image.Image:
    """Give a picture in L on white paper."""
    if image.mode in ("I", "I;16", "I;16B", "F"):
        return _scaled_to_eight_bits(image)
    if image.mode == "LAB":
        return image.getchannel(0)
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        return _on_paper(image.convert("RGBA"))
    return image.convert("L")


def without_holes(content: bytes) -> bytes:
    """Give a PNG whose transparent parts are paper; anything else as it is."""
    if not content.startswith(b"\x89PNG"):
        return content
    try:
        with opened(content, ("PNG",)) as image:
            if image.mode not in ("LA", "PA", "RGBA") and "transparency" not in image.info:
                return content
            file = BytesIO()
            grey(image).save(file, "PNG", compress_level=1, dpi=image.info.get("dpi", (0, 0)))
            return file.getvalue()
    except Unfaxable:
        return content


def _on_paper(rgba: Image.Image) -> Image.Image:
    """Lay a picture with transparent parts on white, and outline what is white itself on these.

    A logo in white, made for a coloured page, is drawn in black if nothing else is in it.
    """
    paper = Image.new("RGBA", rgba.size, "white")
    laid = np.array(Image.alpha_composite(paper, rgba).convert("L"))
    alpha = np.asarray(rgba.getchannel("A"))
    shown = alpha > 127
    if shown.all() or not (pale := shown & (laid > PALE)).any():
        return Image.fromarray(laid)
    if laid.min() >= PALE and shown.mean() < SHEET:
        return Image.fromarray(255 - alpha)
    width = 2 * max(1, rgba.width // LINES_TO_WIDTH) + 1
    inside = Image.fromarray(shown.view(np.uint8) * 255).filter(ImageFilter.MinFilter(width))
    laid[pale & (np.asarray(inside) == 0)] = 0
    return Image.fromarray(laid)


def _scaled_to_eight_bits(image: Image.Image) -> Image.Image:
    """Bring 16-bit and float greys into range (Pillow's own conversion clips them)."""
    values = np.asarray(image, np.float32)
    top = 65535.0 if image.mode.startswith("I") and values.max(initial=0) > 255 else 255.0
    if image.mode == "F":
        top = max(float(values.max(initial=0)), 1e-6)
    return Image.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8))


def plausible_dpi(image: Image.Image) -> tuple[float, float]:
    """Take the picture's own resolution if the size that follows could be a sheet of paper."""
    try:
        x, y = (float(value) for value in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        return SCREEN_DPI, SCREEN_DPI
    low, high = PLAUSIBLE_DPI
    sound = low <= x <= high and low <= y <= high and 0.2 <= x / y <= 5
    if not sound or max(image.width / x, image.height / y) * INCH > LARGEST:
        return SCREEN_DPI, SCREEN_DPI
    return x, y
