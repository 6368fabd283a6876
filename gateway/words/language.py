"""A reader's language and clock: sentences, counts, dates and lists as that reader writes them.

English is the text in `phrases` and `causes` themselves; every other language is a gettext catalog,
`locale/<code>.po`, which is read as it stands, so that what a translator edits is what is used. A
sentence without a translation is said in English rather than not at all. Dates and lists are
Babel's (CLDR). Pure, but for reading each catalog once.
"""

from __future__ import annotations

import functools
import gettext
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from importlib import resources
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from gateway.said import GAP, NOUNS, Said, Value
from gateway.words.forms import clause, printable

LOCALES: Final = {"en": "en_GB", "pl": "pl_PL"}  # by the code that a configuration names
DEFAULT: Final = "en"
LONGEST_VALUE: Final = 300  # characters of a stranger's that fill one gap

COUNTED: Final = {form: noun for noun, forms in NOUNS.items() for form in forms}
MOMENT: Final = "{day} at {time} ({offset})"


@dataclass(frozen=True, slots=True)
class Language:
    """How a reader reads: `code` is a key of LOCALES, `zone` their clock (None: the system's)."""

    code: str = DEFAULT
    zone: tzinfo | None = None

    def say(self, sentence: str, **values: object) -> str:
        """A sentence of ours in this language, with its {names} filled in."""
        translated = _catalog(self.code).gettext(sentence) if sentence else ""
        return translated.format(**values) if values else translated

    def tell(self, text: str) -> str:
        """A sentence that was made elsewhere, or long ago, in this language.

        What was kept as plain text is said as it stands, unless the catalog happens to know it.
        Values that are a stranger's text are printable.
        """
        if not isinstance(text, Said):
            return self.say(text)
        if text.shape in COUNTED and isinstance(text.values.get("n"), int):
            return self.count(int(text.values["n"]), COUNTED[text.shape])
        told = {name: self._value(value) for name, value in text.values.items()}
        return GAP.sub(lambda gap: told.get(gap[1], gap[0]), self.say(text.shape))

    def tell_clause(self, text: str) -> str:
        """The same after a colon: a small letter where no name begins, and no full stop."""
        told = self.tell(text).rstrip(" .")
        if not isinstance(text, Said):
            return clause(told)
        return told[:1].lower() + told[1:] if self._is_ours(text) and told[1:2].islower() else told

    def _is_ours(self, text: str) -> bool:
        """Whether the first word is one of ours, not a name that fills a gap."""
        if not isinstance(text, Said):
            return False
        gap = GAP.match(self.say(text.shape))
        value = text.values.get(gap[1]) if gap else None
        return self._is_ours(value) if isinstance(value, str) else gap is None

    def _value(self, value: Value) -> str:
        if isinstance(value, Said):
            return self.tell(value)
        if isinstance(value, Decimal):
            places = max(0, -int(value.as_tuple().exponent))
            shape = "0." + "0" * places if places else "0"
            return format_decimal(value, shape, locale=_locale(self.code))
        return printable(str(value), LONGEST_VALUE)

    def count(self, number: int, thing: str) -> str:
        """A number and its noun, a key of NOUNS: "1 page", "2 pages"."""
        form = _catalog(self.code).ngettext(*NOUNS[thing], number)
        return form.format(n=self.number(number))

    def number(self, number: int) -> str:
        """A number, its thousands grouped."""
        return format_decimal(number, locale=_locale(self.code))

    def moment(self, at: datetime) -> str:
        """A time of day with its date and offset: "23 November 2026 at 06:12 (UTC+01:00)"."""
        local = at.astimezone(self.zone)
        offset = local.strftime("%z")
        east = f"UTC{offset[:3]}:{offset[3:5]}" if offset.strip("+-0") else "UTC"
        return self.say(MOMENT, day=self.day(at), time=f"{local:%H:%M}", offset=east)

    def day(self, at: datetime) -> str:
        """A date: "23 November 2026"."""
        return format_date(at.astimezone(self.zone), "d MMMM y", locale=_locale(self.code))

    def duration(self, seconds: float) -> str:
        """A time on the line: "48 seconds", "2 minutes 5 seconds", "1 hour 10 minutes"."""
        whole = max(0, round(seconds))
        hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
        if hours:
            parts = [(hours, "hour"), (minutes, "minute")]
        else:
            parts = [(minutes, "minute"), (rest, "second")]
        said = [self.count(n, unit) for n, unit in parts if n]
        return " ".join(said) or self.count(0, "second")

    def enumerate(self, items: Sequence[str]) -> str:
        """A list in a sentence: "1", "1 and 2", "1, 2 and 3"."""
        return format_list(list(items), locale=_locale(self.code))


ENGLISH: Final = Language()


@functools.cache
def _locale(code: str) -> Locale:
    return Locale.parse(LOCALES[code])


@functools.cache
def _catalog(code: str) -> gettext.NullTranslations:
    """The catalog of a language; English has none."""
    if code == DEFAULT:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    text = resources.files("gateway.words").joinpath("locale", f"{code}.po").read_bytes()
    write_mo(compiled, read_po(io.BytesIO(text), locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
