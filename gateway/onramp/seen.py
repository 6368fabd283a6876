"""What people are told of the pages of a fax beside its call: marks, and the text that was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.mailout.body import Section
from gateway.ocr.text import FaxText
from gateway.store.records import ReceivedFax
from gateway.words import Language, phrases

LONGEST: Final = 50_000  # characters of text in one mail


def marks(fax: ReceivedFax, text: FaxText, language: Language) -> Iterator[str]:
    """A line for each thing that is odd about pages."""
    for pages, sentence in (
        (fax.blank, phrases.FAX_BLANK),
        (fax.header_only, phrases.FAX_HEADER_ONLY),
        (fax.upside_down, phrases.FAX_UPSIDE_DOWN),
        (fax.sideways, phrases.FAX_SIDEWAYS),
    ):
        if pages:
            yield language.say(sentence, pages=language.enumerate(list(map(str, pages))))
    if text.late:
        yield language.say(phrases.FAX_TEXT_LATE, fax=fax.id)


def text_of(text: FaxText, language: Language) -> Iterator[Section]:
    """The text itself, where it is wanted and there is any; what is too long for a mail is cut."""
    if not text.in_mail or not any(page.lines for page in text.pages):
        return
    lines = [line for n, page in enumerate(text.pages, 1) for line in _page(n, str(page), language)]
    yield Section(language.say(phrases.FAX_TEXT_TITLE), _cut(lines, language))


def _page(number: int, text: str, language: Language) -> Iterator[str]:
    if text:
        yield language.say(phrases.FAX_TEXT_PAGE, page=number)
        yield from text.splitlines()


def _cut(lines: Sequence[str], language: Language) -> list[str]:
    kept: list[str] = []
    left = LONGEST
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            return [*kept, language.say(phrases.FAX_TEXT_CUT)]
        kept.append(line)
    return kept
