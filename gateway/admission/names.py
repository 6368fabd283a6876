"""DNS for the judges of a mail: one deadline for all questions about one mail.

Runs in a thread; nothing here knows an event loop. The servers are the system's, or those that the
administrator names. "There is no such record" is an answer; no answer is `Unanswered`, and the mail
may be tried again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import dns.exception
import dns.resolver

ONE_QUESTION: Final = 5.0  # s
MOST_QUESTIONS: Final = 60  # about one mail


class Unanswered(Exception):  # noqa: N818 - what happened
    """The servers did not answer in time, or not sensibly."""


class Names:
    """The servers to ask, and how long for one mail."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53, patience: float = 15.0) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = list(servers)
            self._resolver.port = port
        self._resolver.cache = dns.resolver.LRUCache(1000)
        self._patience = patience  # s

    def inquiry(self) -> Inquiry:
        """Questions about one mail; its time begins now."""
        return Inquiry(self._resolver, time.monotonic() + self._patience)


class Inquiry:
    """The questions about one mail."""

    def __init__(self, resolver: dns.resolver.Resolver, deadline: float) -> None:
        self._resolver = resolver
        self._deadline = deadline
        self._left = MOST_QUESTIONS

    def ask(self, name: str, kind: str) -> list[Any]:
        """The records of a name, none if there are none. Raises Unanswered."""
        lifetime = min(ONE_QUESTION, self._deadline - time.monotonic())
        self._left -= 1
        if lifetime <= 0 or self._left < 0:
            raise Unanswered(f"{name} {kind}: too many questions, or too slow answers")
        try:
            return list(self._resolver.resolve(name, kind, lifetime=lifetime, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return []
        except (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong, UnicodeError):
            return []  # no name at all has no records
        except (dns.exception.DNSException, OSError) as error:
            raise Unanswered(f"{name} {kind}: {error}") from None

    def texts(self, name: str) -> list[bytes]:
        """The TXT records of a name, each in one piece. Raises Unanswered."""
        return [b"".join(record.strings) for record in self.ask(name, "TXT")]
