"""WeasyPrint, kept in: HTML to PDF in memory, no network, no files, then PDFium draws it.

The address of every picture and style sheet is refused except `cid:` of the same mail and
`data:`.
"""

from __future__ import annotations

import ctypes
import functools
import logging
import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from gateway.offramp.convert import pdf
from gateway.offramp.convert.base import PageSink, Source, Unfaxable
from gateway.offramp.convert.picture import without_holes
from gateway.said import said

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of a library only needed to shrink fonts
    import weasyprint
    from weasyprint.formatting_structure.boxes import TextBox
    from weasyprint.urls import URLFetcher, URLFetcherResponse

READABLE = 2.0  # times the paper: letters of 11 points are 5.5
SMALLEST = 2.4  # the same, on paper across
WIDEST = 4.0  # times the paper: beyond that nobody could read it


class MailFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
    """Gives what the mail brought with it and refuses the rest."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=("data",))
        self._pictures = pictures

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Look `cid:` up; raises ValueError for any address outside the mail."""
        if url.startswith("cid:"):
            return self._picture(url)
        response = super().fetch(url, headers)
        content = response.read()
        shown = {"headers": response.headers, "status": response.status}
        return URLFetcherResponse(url, body=BytesIO(without_holes(content)), **shown)

    def _picture(self, url: str) -> URLFetcherResponse:
        content = self._pictures.get(url.removeprefix("cid:"))
        if content is None:
            raise ValueError("no such part")
        return URLFetcherResponse(url, body=BytesIO(without_holes(content)))


def typeset(
    markup: str,
    sink: PageSink,
    *,
    style: str = "",
    squeezed: str = "",
    pictures: Mapping[str, bytes] | None = None,
) -> None:
    """Lay HTML out on the sheet's paper and hand its pages to `sink`.

    `squeezed` is added to `style` where the paper is far too narrow for it.
    """
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it tells what it ignores
    html = weasyprint.HTML(string=markup, url_fetcher=MailFetcher(pictures or {}))
    try:
        document = _laid_out(html, style, squeezed, sink.sheet.paper)
    except RecursionError:
        raise Unfaxable(said("has parts nested too deep in each other to be laid out")) from None
    if not document.pages:
        raise Unfaxable(said("has nothing on it"))
    sink.expect(len(document.pages))
    content = document.write_pdf(uncompressed_pdf=True, full_fonts=not _can_subset_fonts())
    pdf.convert(Source("typeset text", "application/pdf", content), sink)


def _laid_out(html: Any, style: str, squeezed: str, paper: tuple[float, float]) -> Any:
    """Lay out on paper of so many mm, or on larger paper of the same shape if it is too narrow.

    What would be too small to read is laid out on paper across, and only then squeezed.
    """
    document = _on_paper(html, style, paper, 1.0)
    factor = _overflow(document)
    across = factor * paper[0] / paper[1]
    if factor > READABLE and across <= SMALLEST:
        return _on_paper(html, style, (paper[1], paper[0]), across)
    if factor > READABLE and squeezed:
        style += squeezed
        document = _on_paper(html, style, paper, 1.0)
        factor = _overflow(document)
    factor = min(factor, WIDEST)
    return _on_paper(html, style, paper, factor) if factor > 1.0 else document


def _on_paper(html: Any, style: str, paper: tuple[float, float], factor: float) -> Any:
    width, height = paper
    size = f"@page {{ size: {width * factor:.1f}mm {height * factor:.1f}mm }}"
    style_sheets = [weasyprint.CSS(string=f"{style} {size}")]
    return html.render(stylesheets=style_sheets, presentational_hints=True)  # border=1, align=…


def _overflow(document: Any) -> float:
    """How many times wider the paper had to be for everything to lie inside its right margin."""
    factor = 1.0
    for page in document.pages:
        page_box = page._page_box
        inside = page_box.margin_left + page_box.width
        far = WIDEST * page.width  # what is put further away is not meant to be seen
        edges = (
            box.position_x + box.border_width()
            for box in page_box.descendants()
            if box.position_x < far and not isinstance(box, TextBox)
        )
        widest = max(edges, default=0.0)
        if widest > inside + 1:
            factor = max(factor, (widest + page_box.margin_right) / page.width)
    return factor


@functools.cache
def _can_subset_fonts() -> bool:
    """Whether fonts are made small in 5 ms; without the library that takes a fifth of a second."""
    try:
        ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError:
        return False
    return True
