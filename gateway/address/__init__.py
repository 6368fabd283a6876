"""From the address in RCPT TO to the numbers to dial, or to the reason why there are none.

`Directory` answers for one gateway: it knows the domain, how each group of senders writes numbers,
and the address book. Only envelope addresses come here, never headers (RFC 4160 3.2). Who may dial
what is not decided here.
"""

from gateway.address.book import Book
from gateway.address.directory import Directory
from gateway.address.number import FaxNumber, Refusal
from gateway.address.parse import parse

__all__ = ["Book", "Directory", "FaxNumber", "Refusal", "parse"]
