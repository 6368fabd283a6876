"""The sections for what comes in: routes, the targets they name, junk, and tests of the routes.

A route has conditions, which all must hold, and one action. Values are text as people write them;
what they mean is `gateway.onramp.routing`'s.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.config.hours import OpeningHours
from gateway.config.imap import Flag, ImapServer, Mailbox
from gateway.config.keys import Keys
from gateway.config.number_pattern import NumberPattern
from gateway.config.section import LanguageCode, Section
from gateway.config.sending import Moment
from gateway.config.types import Duration, E164OrEmpty, MailAddressOrEmpty, check_mail_address

FILE_NAME_FIELDS: Final = (
    *("date", "time", "caller", "called", "tsi", "subaddress", "dtmf", "line", "fax", "pages"),
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def check_target(value: str) -> str:
    """A mail address, or the name of one of `targets`."""
    if "@" in value:
        return check_mail_address(value)
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is neither a mail address nor the name of a target")
    return value


def check_key(value: str) -> str:
    """The name of a target."""
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name; letters, digits, . _ and - make one")
    return value


def check_url(value: str) -> str:
    """Of the web."""
    if re.match(r"https?://[^/\s]", value):
        return value
    raise ValueError(f"{value!r} is no address of the web; write https://host/path")


def check_file_name(value: str) -> str:
    """A pattern that can be filled."""
    try:
        value.format(**dict.fromkeys(FILE_NAME_FIELDS, "x"))
    except (KeyError, IndexError, ValueError, AttributeError):
        known = " ".join(f"{{{name}}}" for name in FILE_NAME_FIELDS)
        raise ValueError(f"{value!r} cannot be filled; there are {known}") from None
    return value


Url = Annotated[str, AfterValidator(check_url)]
FileName = Annotated[str, AfterValidator(check_file_name)]
TargetKey = Annotated[str, AfterValidator(check_key)]
TargetName = Annotated[str, AfterValidator(check_target)]


class Route(Section):
    """What becomes of a call or a fax; the first route whose conditions all hold decides."""

    name: str = Field("", max_length=80, description="what logs and explanations call it")
    line: tuple[str, ...] = Field((), description="names of the lines; empty: every line")
    called: tuple[NumberPattern, ...] = Field((), description="called numbers; empty: every one")
    caller: tuple[NumberPattern, ...] = Field(
        (), description="callers' numbers by caller ID, or withheld; empty: everybody"
    )
    tsi: str = Field("", description="what the sending machine calls itself; * is anything")
    subaddress: str = Field("", description="subaddress (SUB) that was dialled; * is anything")
    dtmf: str = Field(
        "", description="digits that the caller has keyed in, where the line tells; * is anything"
    )
    hours: OpeningHours | None = Field(None, description="when; such as Mon-Fri 08:00-18:00")
    outside: bool = Field(False, description="outside of these hours instead")
    junk: bool = Field(False, description="only callers on the junk list")
    min_pages: int | None = Field(None, ge=1, description="faxes of at least so many pages")
    max_pages: int | None = Field(None, ge=1, description="faxes of at most so many pages")
    deliver: tuple[TargetName, ...] = Field(
        (), description="mail addresses and names of targets; each has its own retries"
    )
    file: bool = Field(False, description="keep it in the gateway only")
    sealed: bool = Field(False, description="no delivery may be readable on its way")
    reject: Literal["unanswered", "dropped"] | None = Field(
        None, description="let it ring; or answer, hear who it is, and hang up"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_number_is_a_list_of_one(cls, value: Any) -> Any:
        """`called: "+48…"` is `called: ["+48…"]`, and `called: ""` every call."""
        if not isinstance(value, dict):
            return value
        lists = {}
        for key in ("called", "caller", "line"):
            if isinstance(value.get(key), str):
                lists[key] = [value[key]] if value[key] else []
        return {**value, **lists}


def check_forms(forms: tuple[str, ...]) -> tuple[str, ...]:
    """Each form once."""
    if len(set(forms)) < len(forms):
        raise ValueError("a form is written twice; once is enough")
    return forms


def _one_is_a_list_of_one(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Forms = Annotated[
    tuple[Literal["pdf", "tiff", "tiff-s", "png"], ...],
    Field(
        min_length=1,
        description="what is attached, one or several: pdf, tiff (as it came), tiff-s (Profile S, "
        "for Internet fax machines), png",
    ),
    BeforeValidator(_one_is_a_list_of_one),
    AfterValidator(check_forms),
]
TextInMail = Annotated[
    bool | None,
    Field(
        description="the text that was read stands in the mail; as ocr.text_in_mail if not given"
    ),
]


class MailTarget(Section):
    """Mail to one address, in a form of its own."""

    type: Literal["mail"] = Field("mail", description="the kind of target")
    to: MailAddressOrEmpty = Field(description="the mail address")
    format: Forms = ("pdf",)
    content: bool = Field(
        True, description="false: only a notice, and the command that gets the fax"
    )
    text: TextInMail = None
    language: LanguageCode | None = Field(
        None, description="of who reads it; as mail.language and mail.languages say if not given"
    )
    caller_as_sender: bool = Field(
        False,
        description="From is FAX=+48221234567@ our domain (RFC 4160), where the caller is known",
    )


class DirectoryTarget(Section):
    """A file in a directory, there whole or not at all."""

    type: Literal["directory"] = Field("directory", description="the kind of target")
    path: Path = Field(description="the directory; made if it is not there")
    name: FileName = Field(
        "{date}-{time}-{caller}-{fax}",
        description="file name without ending, of {date} {time} {caller} {called} {tsi} {line} "
        "{fax} {pages} {subaddress} {dtmf}",
    )
    format: Literal["pdf", "tiff", "tiff-s"] = Field("pdf", description="what is written")
    json_beside: bool = Field(False, description="a .json file with the facts beside it")
    text: bool = Field(False, description="a .txt file with the text that was read beside it")
    clear: bool = Field(False, description="takes also what a route wants sealed, as it is")


class MaildirTarget(Keys):
    """A mail in one Maildir."""

    type: Literal["maildir"] = Field("maildir", description="the kind of target")
    path: Path = Field(description="the Maildir; made if it is not there")
    text: TextInMail = None
    language: LanguageCode | None = Field(
        None, description="of who reads it; as mail.language and mail.languages say if not given"
    )


class ImapTarget(ImapServer, Keys):
    """A mail in a folder of somebody's own IMAP server."""

    type: Literal["imap"] = Field("imap", description="the kind of target")
    folder: Mailbox = Field("INBOX", description="the folder; made if it is not there")
    flags: tuple[Flag, ...] = Field((), description="such as \\Seen; empty: the mail is unread")
    format: Forms = ("pdf",)
    text: TextInMail = None
    language: LanguageCode | None = Field(
        None, description="of who reads it; as mail.language and mail.languages say if not given"
    )


class WebhookTarget(Section):
    """A POST of multipart/form-data: `fax` as JSON, `document` as PDF."""

    type: Literal["webhook"] = Field("webhook", description="the kind of target")
    url: Url = Field(description="where it is posted")
    secret: str = Field(
        "", description="signs the body: X-Faxgate-Signature is sha256= and the HMAC in hexadecimal"
    )
    text: bool = Field(False, description="the text that was read is in the JSON, page by page")
    timeout: Duration = Field(timedelta(seconds=30), description="longest wait for an answer")
    clear: bool = Field(False, description="takes also what a route wants sealed, as it is")


class PrinterTarget(Section):
    """A print on a CUPS queue of this machine."""

    type: Literal["printer"] = Field("printer", description="the kind of target")
    queue: str = Field(pattern=r"^[A-Za-z0-9_.@-]+$", description="the queue's name, as for lp -d")
    options: tuple[str, ...] = Field((), description="options for lp -o")
    timeout: Duration = Field(timedelta(seconds=60), description="longest time for lp")
    clear: bool = Field(False, description="takes also what a route wants sealed, as it is")


class CommandTarget(Section):
    """A program with fixed arguments, no shell; the PDF is its standard input."""

    type: Literal["command"] = Field("command", description="the kind of target")
    argv: tuple[str, ...] = Field(
        min_length=1, description="program and arguments; facts are in FAX_... variables"
    )
    timeout: Duration = Field(timedelta(seconds=60), description="longest time that it may take")
    clear: bool = Field(False, description="takes also what a route wants sealed, as it is")


AnyTarget = Annotated[
    MailTarget
    | DirectoryTarget
    | MaildirTarget
    | ImapTarget
    | WebhookTarget
    | PrinterTarget
    | CommandTarget,
    Field(discriminator="type"),
]


def takes_text(target: AnyTarget | None, *, by_default: bool) -> bool:
    """Whether a delivery shows what was read; None is a mail address, `by_default` mails do."""
    match target:
        case MailTarget(content=False) | PrinterTarget():
            return False
        case MailTarget(format=forms, text=text) | ImapTarget(format=forms, text=text):
            return "pdf" in forms or (by_default if text is None else text)
        case DirectoryTarget(format=form, text=text):
            return form == "pdf" or text
        case _:
            return True


class RouteExpectation(Section):
    """A test of the routes, which `faxgate check` runs."""

    called: E164OrEmpty = Field("", description="the called number; the first line's if empty")
    caller: str = Field("", description="the caller's number; empty: withheld")
    line: str = Field("", description="the line; the one with the called number if empty")
    tsi: str = Field("", description="what the sending machine calls itself")
    subaddress: str = Field("", description="the subaddress")
    dtmf: str = Field("", description="digits that the caller has keyed in")
    pages: int = Field(1, ge=0, description="pages that came")
    at: Moment = Field(datetime(2026, 11, 23, 10, 0), description="when, such as 2026-11-24 18:30")
    route: str = Field("", description="name of the route that decides; empty: any")
    deliver: tuple[TargetName, ...] | None = Field(None, description="where it goes")
    reject: Literal["unanswered", "dropped", "no"] | None = Field(
        None, description="how it is rejected, or `no`"
    )
