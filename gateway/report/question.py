"""The question to the sender of a held fax: which rule holds it, and how to let it go.

Replying is confirming: Reply-To is the address that only this sender's reply makes good. Nothing
needs to be done for the other answer; the fax is given up when its time is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from gateway.mailout.body import Body, plain
from gateway.mailout.letter import Head, letter
from gateway.report.original import Original
from gateway.store.records import Recipient
from gateway.words import Language, phrases, printable, telephone


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about."""

    recipient: Recipient
    until: datetime
    confirm: str  # the address that confirms it


def question(
    asked: Question,
    *,
    sender: str,
    to: str,
    at: datetime,
    message_id: str,
    original: Original,
    language: Language,
) -> EmailMessage:
    """The mail, in the thread of the one that is held."""
    number = telephone(asked.recipient.number)
    asks = language.say(phrases.CONFIRM_SUBJECT, number=number)
    head = Head(
        sender=sender,
        name=language.say(phrases.GATEWAY),
        to=to,
        subject=f"{asks}: {original.subject}" if original.subject else asks,
        at=at,
        message_id=message_id,
        automatic="auto-replied",
        zone=language.zone,
    )
    message = letter(head)
    message["Reply-To"] = asked.confirm
    if original.message_id:
        message["In-Reply-To"] = original.message_id
        message["References"] = " ".join(original.references)
    message.set_content(plain(Body(_paragraphs(asked, number, language))))
    return message


def _paragraphs(asked: Question, number: str, language: Language) -> list[str]:
    fax = asked.recipient
    return [
        language.say(
            phrases.CONFIRM_LEAD,
            number=number,
            pages=language.count(fax.pages, "page"),
            cause=printable(language.tell(fax.cause), 600),
            rule=printable(fax.rule, 80),
        ),
        language.say(phrases.CONFIRM_ADVICE, moment=language.moment(asked.until)),
        language.say(phrases.CONFIRM_REFERENCE, recipient=fax.id, job=fax.job),
    ]
