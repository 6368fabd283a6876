"""The receipt of one recipient: words for the sender, a DSN for programs, the header it answers.

multipart/report of RFC 6522 with the delivery status of RFC 3464 and the original's header as
text/rfc822-headers, or all of it where RET=FULL asks for that and it failed (RFC 3461 4.3). What
else is enclosed, a picture of the first page, the signed statement, the pages as a PDF, is in the
first part, for a report has no more than three. Where an MDN is wanted (RFC 8098) it takes the
place of the DSN: never both for one event.

A pure function: the same facts and the same Message-ID give the same octets. Whether a receipt is
wanted at all is RFC 3461's question, answered by `Facts.wanted`; that it goes out with the null
envelope sender is the delivery worker's part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import compat32
from typing import Final, cast

from gateway.mailout.body import html, plain
from gateway.mailout.letter import Head, letter
from gateway.paper import as_pdf, thumbnail
from gateway.report.facts import Action, Facts
from gateway.report.mdn import Mdn, disposition, mdn_is_due
from gateway.report.original import Original, read_original
from gateway.report.signature import Signer
from gateway.report.statement import statement
from gateway.report.status import delivery_status
from gateway.report.wording import receipt_body
from gateway.store.records import StoredPage
from gateway.words import ENGLISH, Language, phrases, telephone

SUBJECTS = {
    Action.DELIVERED: phrases.SUBJECT_DELIVERED,
    Action.FAILED: phrases.SUBJECT_FAILED,
    Action.DELAYED: phrases.SUBJECT_DELAYED,
}


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with the words. `pages` are needed for all of it but `original`."""

    pages: Sequence[StoredPage] = ()
    picture: bool = False
    pdf: bool = False
    signer: Signer | None = None
    original: bytes = b""  # the whole mail, for RET=FULL
    mdn: Mdn = Mdn.NEVER


NOTHING: Final = Enclosed()


def receipt(
    facts: Facts,
    *,
    sender: str,
    hostname: str,
    message_id: str,
    language: Language = ENGLISH,
    enclosed: Enclosed = NOTHING,
) -> EmailMessage | None:
    """The receipt, or None when the sender does not want one or there is nobody to tell.

    `sender` is our From address, `hostname` the gateway's name for machines, `language` the
    reader's.
    """
    original = read_original(facts.job.raw)
    mdn = mdn_is_due(facts, original, enclosed.mdn)
    if not (facts.wanted or mdn):
        return None
    head = _head(facts, original, sender, message_id, language)
    message = letter(head)
    _thread(message, original)
    kind = "disposition-notification" if mdn else "delivery-status"
    message["Content-Type"] = f'multipart/report; report-type="{kind}"'
    machine = disposition(facts, original, hostname) if mdn else delivery_status(facts, hostname)
    message.set_payload(
        [
            _words(facts, message, hostname, language, enclosed),
            machine,
            _returned(facts, original, enclosed, message),
        ]
    )
    return message


def short_notice(
    facts: Facts, *, sender: str, message_id: str, language: Language = ENGLISH
) -> EmailMessage:
    """The first paragraphs only, for a telephone or a chat, whatever NOTIFY says of mails."""
    original = read_original(facts.job.raw)
    head = _head(facts, original, sender, message_id, language)
    message = letter(replace(head, automatic="auto-generated"))
    message.set_content(plain(replace(receipt_body(facts, language), sections=())))
    return message


def _head(
    facts: Facts, original: Original, sender: str, message_id: str, language: Language
) -> Head:
    """To whom, and about what."""
    return Head(
        sender=sender,
        name=language.say(phrases.GATEWAY),
        to=facts.job.sender,
        subject=_subject(facts, original, language),
        at=facts.at,
        message_id=message_id,
        automatic="auto-replied",
        zone=language.zone,
    )


def _subject(facts: Facts, original: Original, language: Language) -> str:
    number = telephone(facts.recipient.number)
    outcome = language.say(SUBJECTS[facts.action], number=number)
    return f"{outcome}: {original.subject}" if original.subject else outcome


def _thread(message: EmailMessage, original: Original) -> None:
    if original.message_id:
        message["In-Reply-To"] = original.message_id
        message["References"] = " ".join(original.references)


def _words(
    facts: Facts, message: EmailMessage, hostname: str, language: Language, enclosed: Enclosed
) -> MIMEPart:
    """Plain and HTML, with the picture in the HTML and the files behind both."""
    body = receipt_body(facts, language)
    part = MIMEPart(message.policy)
    part.set_content(plain(body))
    if enclosed.picture and enclosed.pages:
        name = f"page-1.{facts.job.id}@{hostname}"
        part.add_alternative(html(replace(body, picture=name)), subtype="html")
        shown = cast(MIMEPart, part.get_payload(1))
        shown.add_related(thumbnail(enclosed.pages[0]), "image", "png", cid=f"<{name}>")
    else:
        part.add_alternative(html(body), subtype="html")
    for octets, subtype, filename in _files(facts, hostname, language, enclosed):
        part.add_attachment(octets, "application", subtype, filename=filename)
    return part


def _files(
    facts: Facts, hostname: str, language: Language, enclosed: Enclosed
) -> Iterator[tuple[bytes, str, str]]:
    """Octets, subtype and name of what is attached."""
    if enclosed.signer:
        stated = statement(facts, enclosed.pages, hostname)
        yield enclosed.signer.sign(stated), "json", f"receipt-{facts.recipient.id}.json"
    if enclosed.pdf and enclosed.pages:
        pdf = as_pdf(enclosed.pages, _title(facts, language), facts.job.received_at)
        yield pdf, "pdf", f"fax-{facts.recipient.id}.pdf"


def _title(facts: Facts, language: Language) -> str:
    number = telephone(facts.recipient.number)
    return language.say(phrases.TITLE, recipient=facts.recipient.id, number=number)


def _returned(
    facts: Facts, original: Original, enclosed: Enclosed, message: EmailMessage
) -> MIMEPart:
    """The header of the mail, or all of it."""
    part = MIMEPart(message.policy)
    if enclosed.original and facts.action is Action.FAILED:
        part.set_payload([message_from_bytes(enclosed.original, policy=compat32)])
        part["Content-Type"] = "message/rfc822"
        return part
    charset = "us-ascii" if original.header.isascii() else "utf-8"
    part.set_content(original.header + "\n", subtype="rfc822-headers", charset=charset)
    return part
