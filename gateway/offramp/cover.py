"""The cover page: to whom, from whom, when, how many pages, what about, and a short text.

An HTML template with Jinja2's marks, ours or the administrator's, filled in with what the mail and
its envelope say. Every value is escaped, and the page is drawn like any HTML of a stranger. A fax
for several recipients is rendered once, so it names none of them and says how many they are.

A letter of a name or the subject for which there is no font is drawn as U+FFFD, and the cover says
so in small print: nobody's fax stops for the name of a subject. In the text of the mail such a
letter stops it, as on any other page.

A template knows: to_name, to_number, recipients (their number), sender, date, pages (the cover
counts), subject, note, language, unknown (whether a letter was replaced), and words (title, to,
several, sender, date, pages, subject, unknown: the labels in that language).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from importlib import resources

from gateway.message import Headers, Part, Role
from gateway.offramp.convert.fonts import missing_letters
from gateway.options import plain_subject
from gateway.said import Said, said

NAME = said("The cover page")
NOTE_LENGTH = 1500  # characters of a text that goes onto the cover
NOTE_LINES = 25
UNKNOWN = "\ufffd"  # in the place of a letter for which there is no font


@dataclass(frozen=True, slots=True)
class Cover:
    """How the cover is to be: template, language, the recipient if it is one, and a note.

    Without a `language` it is the first of ours that the mail asks for, or else `otherwise`.
    """

    template: str
    language: str = ""
    otherwise: str = "en"
    to_name: str = ""
    to_number: str = ""
    recipients: int = 1
    note: str = ""  # that the subject asks for


class BadTemplate(Exception):  # noqa: N818 - a finding about the administrator's file
    """The template cannot be filled in; `reason` says where."""

    def __init__(self, reason: Said) -> None:
        super().__init__(reason)
        self.reason = reason


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
        reason = said("could not be made from its template: {error}", error=str(error))
        raise BadTemplate(reason) from error
    return Part(NAME, "text/html", markup.encode(), Role.BODY, "utf-8")


def _values(cover: Cover, headers: Headers) -> dict[str, object]:
    from gateway.words import Language, phrases
    from gateway.words.choice import language_of

    zone = timezone(headers.utc_offset or timedelta())
    code = cover.language or language_of("", {}, headers.language, cover.otherwise)
    language = Language(code, zone)
    labels = {
        "title": phrases.COVER_TITLE,
        "to": phrases.COVER_TO,
        "sender": phrases.COVER_FROM,
        "date": phrases.COVER_DATE,
        "pages": phrases.COVER_PAGES,
        "subject": phrases.COVER_SUBJECT,
    }
    said = {name: language.say(label) for name, label in labels.items()}
    said["unknown"] = language.say(phrases.COVER_UNKNOWN, sign=UNKNOWN)
    said["several"] = language.count(cover.recipients, "recipient")
    written = {
        "to_name": cover.to_name,
        "sender": headers.sender,
        "subject": plain_subject(headers.subject),
    }
    missing = set(missing_letters("".join(written.values())))
    replaced = {name: _without(missing, value) for name, value in written.items()}
    return {
        **replaced,
        "words": said,
        "unknown": bool(missing),
        "language": code,
        "to_number": cover.to_number,
        "recipients": cover.recipients,
        "date": language.day(headers.date or datetime.now(UTC)),
    }


def _without(letters: set[str], text: str) -> str:
    return "".join(UNKNOWN if letter in letters else letter for letter in text)
