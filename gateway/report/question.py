"""The question to the sender of a held fax: which rule holds it, and how to let it go.

Replying is confirming: Reply-To is the address that only this sender's reply makes good. Nothing
needs to be done for the other answer; the fax is given up when its time is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from gateway.mailout.body import Body, plain
from gateway.mailout.letter import Head, letter
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
    references: Sequence[str] = (),
    language: Language,
) -> EmailMessage:
    """The mail."""
    number = telephone(asked.recipient.number)
    head = Head(
        sender=sender,
        name=language.say(phrases.GATEWAY),
        to=to,
        subject=f"Please confirm your fax to {number}",
        at=at,
        message_id=message_id,
        automatic="auto-replied",
        zone=language.zone,
    )
    message = letter(head)
    message["Reply-To"] = asked.confirm
    if references:
        message["In-Reply-To"] = references[-1]
        message["References"] = " ".join(references)
    message.set_content(plain(Body(_paragraphs(asked, number, language))))
    return message


def _paragraphs(asked: Question, number: str, language: Language) -> list[str]:
    fax, until = asked.recipient, language.moment(asked.until)
    return [
        f"Your fax to {number} ({fax.pages} pages) waits. {printable(fax.cause, 600)} "
        f"(rule: {printable(fax.rule, 80)})",
        f"To send it, reply to this mail before {until}; the text of your reply does not matter. "
        "If you did not want to send it, do nothing: it is given up then.",
        f"Fax {fax.id} of job {fax.job}.",
    ]
