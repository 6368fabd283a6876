"""The mail that a caller is on the junk list now, to the reader who put them there."""

from __future__ import annotations

from email.message import EmailMessage

from gateway.mailout.body import Body, plain
from gateway.mailout.letter import Head, letter
from gateway.store.records import OutgoingMail
from gateway.words import ENGLISH, Language, phrases, printable


def junked(mail: OutgoingMail, sender: str, language: Language = ENGLISH) -> EmailMessage:
    """The mail; its note is the entry of the list."""
    entry = printable(mail.note, 80)
    message = letter(
        Head(
            sender=sender,
            name=language.say(phrases.GATEWAY),
            to=mail.to,
            subject=language.say(phrases.JUNKED_SUBJECT, entry=entry),
            at=mail.created_at,
            message_id=mail.message_id,
            automatic="auto-replied",
            zone=language.zone,
        )
    )
    told = language.say(phrases.JUNKED, entry=entry)
    undo = language.say(phrases.JUNKED_UNDO, entry=entry)
    message.set_content(plain(Body([told, undo], language=language.code)))
    return message
