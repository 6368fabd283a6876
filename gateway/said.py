"""A sentence of ours that a person may read in another language, wherever it is made and kept.

`said("page {number} cannot be read", number=3)` is the English sentence, as a str, and remembers
what it takes to say it otherwise: its shape, which is the key of the catalogs, and its values. So
a log, a dialogue and a terminal have it in English without asking, and a mail that is written days
later has it in its reader's language (`words.Language.tell`). `encoded` is how the store and the
pipes of render workers keep one; text that was never encoded is decoded as it stands.

Every shape is written out where it is said, as a literal, for the catalogs are held against the
source. Gaps are names in braces and nothing more: what comes back from a pipe may be a stranger's.
Pure, and imports nobody, since render workers say things too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

Value = str | int | Decimal  # a Said is said in the reader's language too

GAP: Final = re.compile(r"\{(\w+)\}", re.ASCII)
WORD: Final = re.compile(r"[A-Za-z]+")
AMOUNT: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
MARK: Final = '{"said":'  # with which an encoded one begins
DEEPEST: Final = 8  # sentences in each other

# One and many of each noun that is counted; gettext has the third form where a language does.
NOUNS: Final = {
    "page": ("{n} page", "{n} pages"),
    "recipient": ("{n} recipient", "{n} recipients"),
    "call": ("{n} call", "{n} calls"),
    "hour": ("{n} hour", "{n} hours"),
    "minute": ("{n} minute", "{n} minutes"),
    "second": ("{n} second", "{n} seconds"),
}


class Said(str):
    """The English sentence; `shape` and `values` are what it was made of."""

    __slots__ = ("shape", "values")
    shape: str
    values: Mapping[str, Value]

    def __new__(cls, shape: str, values: Mapping[str, Value] | None = None) -> Self:
        """Fill the shape in; a gap without a value stays."""
        values = values or {}
        made = super().__new__(cls, GAP.sub(lambda gap: str(values.get(gap[1], gap[0])), shape))
        made.shape, made.values = shape, values
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, Value]]:  # type: ignore[override]
        """For copies."""
        return self.shape, self.values


def said(shape: str, **values: Value) -> Said:
    """A sentence of the catalogs; `shape` is a literal."""
    return Said(shape, values)


def counted(number: int, thing: str) -> Said:
    """A number and its noun, a key of NOUNS: "1 page", "2 pages"."""
    one, many = NOUNS[thing]
    return Said(one if number == 1 else many, {"n": number})


def arranged(shape: str, **values: Value) -> Said:
    """Values between signs that are alike in every language: "{amount} {unit}"."""
    return Said(shape, values)


def spelled(text: str, words: Mapping[str, Said]) -> Said:
    """Text of signs and words, each of which is a key of `words` in lower case."""
    shape = WORD.sub(lambda word: f"{{{word[0].lower()}}}", text)
    return Said(shape, {name: words[name] for name in GAP.findall(shape)})


def in_a_row(*sentences: str) -> Said:
    """Sentences one after the other; empty ones are left out."""
    values = {f"s{n}": sentence for n, sentence in enumerate(filter(None, sentences))}
    return Said(" ".join(f"{{{name}}}" for name in values), values)


def encoded(text: str) -> str:
    """Text that `decoded` gives back; a plain one as it stands."""
    if isinstance(text, Said):
        return json.dumps(_plain(text), ensure_ascii=False)
    if text.startswith(MARK):  # a stranger's, who would have it taken for ours
        return encoded(Said("{text}", {"text": text}))
    return text


def decoded(text: str) -> str:
    """What was encoded; anything else is text. Never raises."""
    if not text.startswith(MARK):
        return text
    try:
        return _said(json.loads(text), DEEPEST)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return text


def _plain(value: Value) -> Any:
    """As JSON."""
    if isinstance(value, Said):
        # Its shape comes first: it is the mark.
        return {"said": value.shape, "with": {k: _plain(v) for k, v in value.values.items()}}
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _said(made: dict[str, Any], deep: int) -> Said:
    values = {str(name): _value(value, deep) for name, value in made["with"].items()}
    return Said(str(made["said"]), values)


def _value(value: Any, deep: int) -> Value:
    if isinstance(value, dict) and "decimal" in value:
        if not AMOUNT.fullmatch(value["decimal"]):
            raise ValueError("no amount")
        return Decimal(value["decimal"])
    if isinstance(value, dict) and deep:
        return _said(value, deep - 1)
    if isinstance(value, int | str):
        return value
    raise ValueError("neither a sentence nor a value")
