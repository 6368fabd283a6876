"""The text of a received fax, from what the store keeps of it.

Slow enough for a thread. What cannot be understood any more counts as not read.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.ocr.text import FaxText, PageText, unpacked
from gateway.store.readings import ReadPage
from gateway.store.records import StoredPage

UNDER_WAY = ("waiting", "reading")


def fax_text(
    pages: Sequence[StoredPage], read: Sequence[ReadPage], state: str = "", *, in_mail: bool = False
) -> FaxText:
    """The texts of `pages`, one each; `state` is where the reading stands."""
    found = {each.number: _page_text(each) for each in read}
    texts = tuple(found.get(page.number, PageText()) for page in pages)
    return FaxText(texts, late=state in UNDER_WAY, in_mail=in_mail)


def _page_text(read: ReadPage) -> PageText:
    try:
        return PageText(unpacked(read.lines), read.turned, read.problem)
    except ValueError as error:
        return PageText(problem=str(error))
