"""Every English sentence and number format that a person reads in a mail of ours, in one place.

`causes` explains what went wrong on the telephone, `phrases` holds the sentences of receipts,
received faxes and notices, `forms` writes numbers, times and counts. Nothing else in the gateway
words a mail, so that another language is another version of these three files.
"""

from gateway.words.causes import DIALLED, HANGUPS, Words, explain
from gateway.words.forms import (
    clause,
    count,
    day,
    duration,
    enumerate_words,
    moment,
    printable,
    telephone,
)

__all__ = [
    "DIALLED",
    "HANGUPS",
    "Words",
    "clause",
    "count",
    "day",
    "duration",
    "enumerate_words",
    "explain",
    "moment",
    "printable",
    "telephone",
]
