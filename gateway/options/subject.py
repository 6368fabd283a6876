"""Brackets in a subject: which of them are options, and what they ask for.

Brackets at the very beginning (behind Re:, Fwd: and the like) and at the very end are looked at,
each for itself. One is for options if at least one of its words, parted by commas, is an option or
one slip of the pen away from one; then every other word in it is a problem. Any other bracket is
part of the subject. Behind `cover:` everything up to the end of the bracket is a note, its commas
too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Final

from gateway.message import read_headers
from gateway.options.options import Options, Problem
from gateway.options.when import WHEN, BadTimeError, read_when
from gateway.options.words import LONGEST_NOTE, MOST_TRIES, NOTE, TRIES, fixed, meant, normal

LONGEST_HEADER: Final = 65_536  # octets that are looked through
LONGEST_FIELD: Final = 4096  # octets, encoded
MOST_BRACKETS: Final = 5  # at either end of a subject
MOST_WORDS: Final = 20  # in one bracket; nobody means more
LONGEST_WORD: Final = 100  # characters
LONGEST_WAY: Final = timedelta(hours=6)  # that a mail may take from its writing

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_SUBJECT, _DATE = (
    re.compile(rb"^%b[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*" % name, re.IGNORECASE | re.MULTILINE)
    for name in (b"subject", b"date")
)
_PREFIX = re.compile(r"\s*(?:(?:re|fwd?|aw|wg|odp|pd|tr|sv|vs)(?:\[\d+\])?\s*:\s*)*", re.IGNORECASE)
_FIRST = re.compile(r"\s*\[([^\[\]]{1,2000})\]")
_LAST = re.compile(r"\[([^\[\]]{1,2000})\]\s*\Z")


def read_options(raw: bytes, now: datetime) -> Options:
    """The options of a mail of RFC 5322 octets that is accepted `now` (aware).

    Times are meant as they were written: `at 18:30` of 18:29 is not tomorrow's when the mail was
    two minutes under way.
    """
    headers = read_headers(_two_fields(raw))
    zone = None if headers.utc_offset is None else timezone(headers.utc_offset)
    written = headers.date or now
    if not now - LONGEST_WAY <= written <= now:  # a clock that is wrong, or an old draft
        written = now
    return options_in(headers.subject, written, zone)


def _two_fields(raw: bytes) -> bytes:
    """The header's first Subject and Date alone, so that no header takes long to read."""
    end = _END_OF_HEADER.search(raw, 0, LONGEST_HEADER)
    last = end.start() if end else min(len(raw), LONGEST_HEADER)
    found = [field.search(raw, 0, last) for field in (_SUBJECT, _DATE)]
    return b"\r\n".join([*(f[0][:LONGEST_FIELD].rstrip() for f in found if f), b"", b""])


def options_in(subject: str, now: datetime, zone: tzinfo | None = None) -> Options:
    """The options of a subject written `now`, in the sender's `zone` (None: the system's)."""
    words = [word for inside in _brackets(subject)[1] for word in _words(inside)]
    values: dict[str, Any] = {}
    said, problems = [], []
    for word in words:
        found = _read(word, now, zone)
        if isinstance(found, Problem):
            problems.append(found)
        elif any(values.get(name, value) != value for name, value in found.items()):
            problems.append(Problem(word[:LONGEST_WORD], "twice"))
        else:
            values |= found
            said.append(word)
    return Options(**values, said=tuple(said), problems=tuple(problems[:MOST_WORDS]))


def plain_subject(subject: str) -> str:
    """The subject without its options."""
    return _brackets(subject)[0]


def _brackets(subject: str) -> tuple[str, list[str]]:
    """The subject without its options, and what stands in each bracket of options."""
    prefix, rest = _split_prefix(subject)
    first: list[str] = []
    last: list[str] = []
    while len(first) < MOST_BRACKETS and (found := _FIRST.match(rest)):
        first.append(found[1])
        rest = rest[found.end() :]
    while len(last) < MOST_BRACKETS and (found := _LAST.search(rest)):
        last.insert(0, found[1])
        rest = rest[: found.start()]
    options = [inside for inside in first + last if _is_options(inside)]
    if not options:
        return subject, []
    parts = [prefix, *_tags(first, options), rest, *_tags(last, options)]
    return " ".join(" ".join(parts).split()), options


def _split_prefix(subject: str) -> tuple[str, str]:
    found = _PREFIX.match(subject)
    end = found.end() if found else 0
    return subject[:end], subject[end:]


def _tags(brackets: list[str], options: list[str]) -> list[str]:
    """Those that are no options, as they were."""
    return [f"[{inside}]" for inside in brackets if inside not in options]


def _is_options(inside: str) -> bool:
    return any(_is_meant(normal(word)) for word in _words(inside))


def _is_meant(word: str) -> bool:
    with_value = WHEN.fullmatch(word) or TRIES.fullmatch(word) or NOTE.match(word)
    return bool(fixed(word) or with_value or meant(word))


def _words(inside: str) -> Iterator[str]:
    note = NOTE.search(inside)
    words = re.split(r"[,;]", inside[: note.start()] if note else inside)[: MOST_WORDS + 1]
    for word in (*words, note[1] if note else ""):
        if word.strip():
            yield " ".join(word.split())


def _read(word: str, now: datetime, zone: tzinfo | None) -> Mapping[str, Any] | Problem:
    """What one word asks for (fields of Options), or why it cannot be done."""
    plain = normal(word)
    if note := NOTE.match(word):
        good = 0 < len(note[2]) <= LONGEST_NOTE
        return {"cover": True, "note": note[2]} if good else _bad_note(word)
    if len(word) > LONGEST_WORD:
        return Problem(word[:LONGEST_WORD], "length")
    if found := fixed(plain):
        return {found[0]: found[1]}
    if WHEN.fullmatch(word.casefold()):
        try:
            return {"not_before": read_when(word.casefold(), now, zone)}
        except BadTimeError as bad:
            return Problem(word, str(bad))
    if tries := TRIES.fullmatch(plain):
        number = tries[1]
        good = number.isascii() and number.isdecimal() and len(number) < 3
        if good and 1 <= int(number) <= MOST_TRIES:
            return {"tries": int(number)}
        return Problem(word, "number")
    return Problem(word, "unknown", meant(plain))


def _bad_note(word: str) -> Problem:
    """A note that is too long, or none."""
    if len(word) > LONGEST_NOTE:
        return Problem(word[:LONGEST_WORD], "length")
    return Problem(word, "unknown", "cover")
