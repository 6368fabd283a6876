"""Who reads a mail of ours, and who called, as that reader knows them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.address.book import Book
from gateway.onramp.numbers import digits
from gateway.onramp.wording import Wording
from gateway.store.records import ReceivedFax
from gateway.words import ENGLISH, Language, phrases, printable, telephone

DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom the mail is for and how they read: `sender` is our From address.

    `country` is where national numbers belong, `book` has the names of callers, `domain` is that of
    fax addresses, `wording` the administrator's own words.
    """

    to: str
    message_id: str
    sender: str
    country: str = ""
    language: Language = ENGLISH
    book: Book = field(default_factory=Book)
    domain: str = ""
    junk: str = ""  # the address that puts the caller on the junk list, for this reader
    wording: Wording = field(default_factory=Wording)


def caller_of(fax: ReceivedFax, reader: Reader) -> str:
    """Who called, for a person: "Apteka Rynek (+48 22 100 00 01)", a number, or nobody.

    A name is found by the caller ID alone: what a machine calls itself, anybody can type.
    """
    number, language = number_of(fax, reader.country), reader.language
    name = printable(reader.book.display(f"+{digits(number)}"), 80) if has_id(fax) else ""
    if name:
        return language.say(phrases.NAMED, name=name, number=number)
    return number or language.say(phrases.FAX_UNKNOWN_CALLER)


def number_of(fax: ReceivedFax, country: str) -> str:
    """The caller ID as people read it, else what the machine calls itself; "" without either."""
    return telephone(fax.caller if has_id(fax) else fax.tsi.strip(), country)


def e164_of(fax: ReceivedFax, country: str) -> str:
    """The caller ID as E.164 with +; "" where it is none."""
    number = telephone(fax.caller, country)
    return f"+{digits(number)}" if has_id(fax) and number.startswith("+") else ""


def has_id(fax: ReceivedFax) -> bool:
    """Whether the caller ID tells a number."""
    return bool(DIGIT.search(fax.caller))
