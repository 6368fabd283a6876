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

from gateway.offramp.convert import pdf
from gateway.offramp.convert.base import PageSink, Source, Unfaxable

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of a library only needed to shrink fonts
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetcherResponse


class MailFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
    """Gives what the mail brought with it and refuses the rest."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=("data",))
        self._pictures = pictures

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Look `cid:` up; raises ValueError for any address outside the mail."""
        if url.startswith("cid:"):
            return self._picture(url)
        return super().fetch(url, headers)

    def _picture(self, url: str) -> URLFetcherResponse:
        content = self._pictures.get(url.removeprefix("cid:"))
        if content is None:
            raise ValueError("no such part")
        return URLFetcherResponse(url, body=BytesIO(content))


def typeset(
    markup: str, sink: PageSink, *, style: str = "", pictures: Mapping[str, bytes] | None = None
) -> None:
    """Lay HTML out on the sheet's paper and hand its pages to `sink`."""
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it tells what it ignores
    width, height = sink.sheet.paper
    sheets = [weasyprint.CSS(string=f"@page {{ size: {width}mm {height}mm }} {style}")]
    html = weasyprint.HTML(string=markup, url_fetcher=MailFetcher(pictures or {}))
    document = html.render(stylesheets=sheets)
    if not document.pages:
        raise Unfaxable("has nothing on it")
    sink.expect(len(document.pages))
    content = document.write_pdf(uncompressed_pdf=True, full_fonts=not _can_subset_fonts())
    pdf.convert(Source("typeset text", "application/pdf", content), sink)


@functools.cache
def _can_subset_fonts() -> bool:
    """Whether fonts are made small in 5 ms; without the library that takes a fifth of a second."""
    try:
        ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError:
        return False
    return True
