"""A received fax as a mail: the pages as a PDF, and in words who sent them and how well they came.

Pure, and slow enough for a thread. The caller's own identity (TSI) is whatever its owner typed into
the machine, so it is shown only as printable text, between quotes, and never as a mail address. The
same fax with the same Message-ID gives the same octets.

The pages go into the PDF as they are stored, MMR bit for bit, at the true size of the paper.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from email.message import EmailMessage, MIMEPart
from typing import cast

from gateway.mailout.body import Body, Section, html, plain
from gateway.mailout.letter import SUBJECT, Head, header_text, letter
from gateway.ocr.layer import with_text
from gateway.ocr.text import FaxText
from gateway.onramp.numbers import digits
from gateway.onramp.reader import Reader as Reader
from gateway.onramp.reader import caller_of as caller_of
from gateway.onramp.reader import e164_of as e164_of
from gateway.onramp.reader import number_of as number_of
from gateway.onramp.seen import marks, text_of
from gateway.onramp.told import details_of, facts_of, junk_of, words_of
from gateway.paper import as_pdf, thumbnail
from gateway.store.records import ReceivedFax, StoredPage
from gateway.words import Language, explain, phrases, printable
from modems.terminal import CallReport, PageQuality

NOT_DIGIT = re.compile(r"[^0-9]+")
NO_TEXT = FaxText()


def fax_mail(
    fax: ReceivedFax,
    pages: Sequence[StoredPage],
    reader: Reader,
    *,
    qualities: Sequence[PageQuality] = (),
    report: CallReport | None = None,
    text: FaxText = NO_TEXT,
) -> EmailMessage:
    """The mail that delivers `fax`. `qualities` goes with `pages`; `report` is its call's."""
    message = words_mail(fax, pages, reader, qualities=qualities, report=report, text=text)
    number = number_of(fax, reader.country)
    message.add_attachment(
        pdf_of(fax, pages, reader, text),
        maintype="application",
        subtype="pdf",
        filename=file_name(fax.started_at, number, reader.language.zone),
    )
    return message


def words_mail(
    fax: ReceivedFax,
    pages: Sequence[StoredPage],
    reader: Reader,
    *,
    qualities: Sequence[PageQuality] = (),
    report: CallReport | None = None,
    text: FaxText = NO_TEXT,
    forms: Sequence[str] = ("PDF",),
    plainly: bool = False,
) -> EmailMessage:
    """The mail without the fax itself: what came, from whom, and a picture of the first page.

    `forms` is what will be attached; `plainly` leaves out the HTML and the picture.
    """
    language = reader.language
    caller = caller_of(fax, reader)
    lead = list(_lead(fax, len(pages), caller, report, language, forms))
    details = [*details_of(fax, pages, qualities, reader), *marks(fax, text, language)]
    details += [language.say(phrases.FAX_REFERENCE, fax=fax.id), *junk_of(reader)]
    sections = [Section(language.say(phrases.DETAILS_TITLE), details), *text_of(text, language)]
    picture = f"page-1.{fax.id}@{reader.sender.rpartition('@')[2]}" if pages else ""
    body = Body(lead, sections, language.code, picture)
    message = _addressed(fax, len(pages), caller, reader)
    facts = facts_of(fax, pages, qualities, reader)
    facts |= words_of(message, lead, details, text, body)
    say = reader.wording.said
    if subject := say("subject", facts):
        message.replace_header("Subject", header_text(subject, SUBJECT))
    message.set_content(say("text", facts) or plain(body))
    if plainly:
        return message
    message.add_alternative(say("html", facts) or html(body), subtype="html")
    if pages:
        shown = cast(MIMEPart, message.get_payload(1))
        shown.add_related(picture_of(pages[0], text), "image", "png", cid=f"<{picture}>")
    return message


def picture_of(page: StoredPage, text: FaxText) -> bytes:
    """The first page, small and the right way up."""
    return thumbnail(page, text.pages[0].turned if text.pages else 0)


def notice_mail(fax: ReceivedFax, pages: Sequence[StoredPage], reader: Reader) -> EmailMessage:
    """A mail that only says that a fax came, and how it is fetched; nothing of what is on it."""
    language = reader.language
    caller = caller_of(fax, reader)
    message = _addressed(fax, len(pages), caller, reader)
    broken = _broken(fax, len(pages), None, language)
    told = language.say(
        phrases.FAX_NOTICE,
        pages=language.count(len(pages), "page"),
        caller=caller,
        moment=language.moment(fax.started_at),
        fax=fax.id,
    )
    message.set_content(
        plain(
            Body([*broken, told, *_story(fax, language), *junk_of(reader)], language=language.code)
        )
    )
    return message


def _addressed(fax: ReceivedFax, pages: int, caller: str, reader: Reader) -> EmailMessage:
    """The head: all faxes of one caller are one thread."""
    language = reader.language
    message = letter(
        Head(
            reader.sender,
            _from(fax, caller, reader),
            reader.to,
            _subject(fax, caller, language.count(pages, "page"), language),
            fax.ended_at or fax.started_at,
            reader.message_id,
            automatic="auto-generated",
            zone=language.zone,
        )
    )
    who = digits(fax.caller) or fax.tsi.strip()
    if who:  # callers of whom nothing is known have nothing in common
        thread = hashlib.sha256(who.encode()).hexdigest()[:16]
        first = f"<caller.{thread}@{reader.sender.rpartition('@')[2]}>"
        message["In-Reply-To"] = message["References"] = first
    return message


def _from(fax: ReceivedFax, caller: str, reader: Reader) -> str:
    """The name beside our address."""
    if not number_of(fax, reader.country):
        return reader.language.say(phrases.FAX_FROM_NOBODY)
    return reader.language.say(phrases.FAX_FROM, caller=caller)


def _subject(fax: ReceivedFax, caller: str, pages: str, language: Language) -> str:
    shape = phrases.FAX_SUBJECT if fax.complete else phrases.FAX_SUBJECT_BROKEN
    if not (fax.complete and fax.replaces):
        return language.say(shape, caller=caller, pages=pages)
    first = fax.replaces[0].started_at.astimezone(language.zone)
    shape = phrases.FAX_SUBJECT_COMPLETE
    return language.say(shape, caller=caller, pages=pages, time=f"{first:%H:%M}")


def pdf_of(
    fax: ReceivedFax, pages: Sequence[StoredPage], reader: Reader, text: FaxText = NO_TEXT
) -> bytes:
    """The pages of `fax` as a PDF that says who sent it and when, with their text under them."""
    language = reader.language
    title = language.say(
        phrases.FAX_TITLE, caller=caller_of(fax, reader), day=language.day(fax.started_at)
    )
    pdf = as_pdf(pages, title, fax.started_at.astimezone(language.zone))
    return with_text(pdf, text.pages)


def file_name(at: datetime, caller: str, zone: tzinfo | None = None) -> str:
    """The name of the PDF: letters, digits and hyphens of ASCII, so that no program stumbles."""
    digits = NOT_DIGIT.sub("", caller)[:20]
    sender = f"-from-{digits}" if digits else ""
    return f"fax-{at.astimezone(zone):%Y-%m-%d-%H%M}{sender}.pdf"


def _lead(
    fax: ReceivedFax,
    pages: int,
    caller: str,
    report: CallReport | None,
    language: Language,
    forms: Sequence[str],
) -> Iterator[str]:
    yield from _broken(fax, pages, report, language)
    facts = {
        "pages": language.count(pages, "page"),
        "caller": caller,
        "moment": language.moment(fax.started_at),
    }
    if list(forms) == ["PDF"]:
        yield language.say(phrases.FAX_LEAD, **facts)
    else:
        yield language.say(phrases.FAX_LEAD_AS, **facts, forms=language.enumerate(forms))
    if len(fax.blank) == pages:
        yield language.say(phrases.FAX_ALL_BLANK)
    yield from _story(fax, language)


def _broken(
    fax: ReceivedFax, pages: int, report: CallReport | None, language: Language
) -> Iterator[str]:
    """That it is incomplete, and why, where it is."""
    if fax.complete:
        return
    cut_off = report and report.pages and not report.pages[-1].verdict.confirmed
    shape = phrases.FAX_BROKEN_IN if cut_off else phrases.FAX_BROKEN
    yield language.say(shape, page=pages, cause=_cause(fax, report, language))


def _story(fax: ReceivedFax, language: Language) -> Iterator[str]:
    """What the fax has to do with incomplete ones of its caller."""
    if fax.replaces:
        shape = phrases.FAX_REPLACES if fax.complete else phrases.FAX_HOLDS_EARLIER
        moments = [language.moment(each.started_at) for each in fax.replaces]
        yield language.say(shape, moments=language.enumerate(moments))
    if fax.follows:
        yield language.say(phrases.FAX_FOLLOWS, moment=language.moment(fax.follows.started_at))


def _cause(fax: ReceivedFax, report: CallReport | None, language: Language) -> str:
    if report:
        return language.say(explain(report).cause)
    noted = printable(language.tell_clause(fax.cause), 300)
    return noted or language.say(phrases.UNKNOWN_CAUSE)
