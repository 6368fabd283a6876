"""PDF portfolios: a page that says "open this in Acrobat", and the documents hidden behind it.

ISO 32000-1 7.11.6 (collections).
"""

from __future__ import annotations

from io import BytesIO


def is_portfolio(content: bytes) -> bool:
    """Whether the files that a PDF carries are the document; False if it cannot be told."""
    import pikepdf  # slow to load, and seldom needed

    try:
        with pikepdf.open(BytesIO(content)) as document:
            return "/Collection" in document.Root
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return False
