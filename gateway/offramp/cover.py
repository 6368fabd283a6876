"""The cover page: to whom, from whom, when, how many pages, what about, and a short text.

An HTML template with Jinja2's marks, ours or the administrator's, filled in with what the mail and
its envelope say. Every value is escaped, and the page is drawn like any HTML of a stranger. A fax
for several recipients is rendered once, so it names none of them.

A template knows: to_name, to_number, sender, date, pages (the cover counts), subject, note,
language, and words (title, to, sender, date, pages, subject: the labels in that language).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from importlib import resources

from gateway.message import Headers, Part, Role
from gateway.options import plain_subject

NAME = "The cover page"
NOTE_LENGTH = 1500  # characters of a text that goes onto the cover
NOTE_LINES = 25


@dataclass(frozen=True, slots=True)
class Cover:
    """How the cover is to be: template, language, the recipient if it is one, and a note."""

    template: str
    language: str = "en"
    to_name: str = ""
    to_number: str = ""
    note: str = ""  # that the subject asks for


class BadTemplate(Exception):  # noqa: N818 - a finding about the administrator's file
    """The template cannot be filled in; the text says where."""


def default_template() -> str:
    """Give our own template."""
    return resources.files("gateway.offramp").joinpath("cover.html").read_text("utf-8")


def note_of(parts: Sequence[Part]) -> tuple[str, tuple[Part, ...]]:
    """Take a short text off the beginning of a mail: it goes onto the cover."""
    if not parts:
        return "", ()
    first = parts[0]
    text = first.content.decode("utf-8", "replace").strip()
    short = len(text) <= NOTE_LENGTH and text.count("\n") < NOTE_LINES
    is_text = first.role is Role.BODY and first.content_type == "text/plain"
    if is_text and short and not first.forwarded and not first.reason:
        return text, tuple(parts[1:])
    return "", tuple(parts)


def cover_part(cover: Cover, headers: Headers, note: str, pages: int) -> Part:
    """Fill the template in; raises `BadTemplate`."""
    import jinja2  # only where there is a cover
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined)
    try:
        markup = environment.from_string(cover.template).render(
            _values(cover, headers), note=note, pages=pages
        )
    except jinja2.TemplateError as error:
        raise BadTemplate(f"could not be made from its template: {error}") from error
    return Part(NAME, "text/html", markup.encode(), Role.BODY, "utf-8")


def _values(cover: Cover, headers: Headers) -> dict[str, object]:
    from gateway.words import Language, phrases

    zone = timezone(headers.utc_offset or timedelta())
    language = Language(cover.language, zone)
    labels = {
        "title": phrases.COVER_TITLE,
        "to": phrases.COVER_TO,
        "sender": phrases.COVER_FROM,
        "date": phrases.COVER_DATE,
        "pages": phrases.COVER_PAGES,
        "subject": phrases.COVER_SUBJECT,
    }
    return {
        "words": {name: language.say(label) for name, label in labels.items()},
        "language": cover.language,
        "to_name": cover.to_name,
        "to_number": cover.to_number,
        "sender": headers.sender,
        "date": language.day(headers.date or datetime.now(UTC)),
        "subject": plain_subject(headers.subject),
    }
