"""Turning a picture clockwise, as /Rotate and `PageText.turned` count."""

from __future__ import annotations

from PIL import Image

TRANSPOSED = {  # Pillow counts the other way round
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def turned(image: Image.Image, degrees: int) -> Image.Image:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    return image.transpose(TRANSPOSED[degrees]) if degrees else image
