"""The receipt of one recipient: words for the sender, a DSN for programs, the header it answers.

multipart/report of RFC 6522 with the delivery status of RFC 3464 and the original's header as
text/rfc822-headers. A pure function: the same facts and the same Message-ID give the same octets.
Whether a receipt is wanted at all is RFC 3461's question, answered by `Facts.wanted`; that it goes
out with the null envelope sender is the delivery worker's part.
"""

from __future__ import annotations

from email.message import EmailMessage, MIMEPart

from gateway.mailout.body import html, plain
from gateway.mailout.letter import Head, letter
from gateway.report.facts import Action, Facts
from gateway.report.original import Original, read_original
from gateway.report.status import delivery_status
from gateway.report.wording import receipt_body
from gateway.words import ENGLISH, Language, phrases, telephone

SUBJECTS = {
    Action.DELIVERED: phrases.SUBJECT_DELIVERED,
    Action.FAILED: phrases.SUBJECT_FAILED,
    Action.DELAYED: phrases.SUBJECT_DELAYED,
}


def receipt(
    facts: Facts,
    *,
    sender: str,
    hostname: str,
    message_id: str,
    language: Language = ENGLISH,
) -> EmailMessage | None:
    """The receipt, or None when the sender does not want one or there is nobody to tell.

    `sender` is our From address, `hostname` the gateway's name for machines, `language` the
    reader's.
    """
    if not facts.wanted:
        return None
    original = read_original(facts.job.raw)
    message = letter(
        Head(
            sender=sender,
            name=language.say(phrases.GATEWAY),
            to=facts.job.sender,
            subject=_subject(facts, original, language),
            at=facts.at,
            message_id=message_id,
            automatic="auto-replied",
            zone=language.zone,
        )
    )
    _thread(message, original)
    message["Content-Type"] = 'multipart/report; report-type="delivery-status"'
    message.set_payload(
        [
            _words(facts, message, language),
            delivery_status(facts, hostname),
            _header_of(original, message),
        ]
    )
    return message


def _subject(facts: Facts, original: Original, language: Language) -> str:
    number = telephone(facts.recipient.number)
    outcome = language.say(SUBJECTS[facts.action], number=number)
    return f"{outcome}: {original.subject}" if original.subject else outcome


def _thread(message: EmailMessage, original: Original) -> None:
    if original.message_id:
        message["In-Reply-To"] = original.message_id
        message["References"] = " ".join(original.references)


def _words(facts: Facts, message: EmailMessage, language: Language) -> MIMEPart:
    body = receipt_body(facts, language)
    part = MIMEPart(message.policy)
    part.set_content(plain(body))
    part.add_alternative(html(body), subtype="html")
    return part


def _header_of(original: Original, message: EmailMessage) -> MIMEPart:
    part = MIMEPart(message.policy)
    charset = "us-ascii" if original.header.isascii() else "utf-8"
    part.set_content(original.header + "\n", subtype="rfc822-headers", charset=charset)
    return part
