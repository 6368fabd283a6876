"""Every sentence and number format that a person reads in a mail of ours, in one place.

`causes` explains what went wrong on the telephone, `phrases` holds the sentences of receipts,
received faxes and notices, both in English; `language` says them in the reader's language, with its
counts and dates (`locale/*.po`); `forms` writes what needs no language. Nothing else in the gateway
words a mail.
"""

from gateway.words.causes import DIALLED, HANGUPS, Words, explain
from gateway.words.forms import clause, printable, telephone
from gateway.words.language import ENGLISH, LOCALES, Language

__all__ = [
    "DIALLED",
    "ENGLISH",
    "HANGUPS",
    "LOCALES",
    "Language",
    "Words",
    "clause",
    "explain",
    "printable",
    "telephone",
]
