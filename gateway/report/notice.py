"""A notice for the postmaster: the gateway has given up delivering one of its mails.

It goes out with the null sender and is itself never the cause of another notice (the outbox sees to
that), so it cannot loop.
"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from gateway.mailout.body import Body, plain
from gateway.mailout.letter import Head, letter
from gateway.words import ENGLISH, Language, phrases, printable


def notice(
    note: str,
    *,
    sender: str,
    to: str,
    at: datetime,
    message_id: str,
    language: Language = ENGLISH,
) -> EmailMessage:
    """The notice; `note` says which mail for whom, and why, one fact a line."""
    message = letter(
        Head(
            sender=sender,
            name=language.say(phrases.GATEWAY),
            to=to,
            subject=language.say(phrases.NOTICE_SUBJECT),
            at=at,
            message_id=message_id,
            automatic="auto-generated",
            zone=language.zone,
        )
    )
    told = language.tell(note)
    facts = "\n".join(printable(line, 1000) for line in told.splitlines()[:50])
    message.set_content(
        plain(Body([language.say(phrases.NOTICE_LEAD), facts, language.say(phrases.NOTICE_ADVICE)]))
    )
    return message
