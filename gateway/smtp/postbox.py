"""Mail for the people who run the gateway: postmaster and abuse (RFC 5321 4.5.1, RFC 2142 4 and 5).

It is never a fax. Everybody may write, strangers and bounces too, so it is bounded: by its size, by
how much one place may write within the window of `Guesses`, and by how much all may together. It
goes on to `mail.postmaster` as it is; where that is not set, or at our own domain, nobody reads it,
and it is refused.
"""

from __future__ import annotations

from typing import Final

from gateway.address import Refusal
from gateway.address.parse import local_part
from gateway.smtp.crowd import origin
from gateway.smtp.login import Guesses
from gateway.smtp.reply import Reply, too_large

LARGEST: Final = 1_000_000  # octets of one mail
MOST_TOGETHER: Final = 60  # mails of everybody, within the window
NAMES: Final = frozenset({"postmaster", "abuse"})
TAKEN: Final = Reply(250, "2.1.5", "To the people who run this gateway")
NOBODY_READS: Final = Reply(
    550, "5.1.1", "Nobody reads mail to postmaster here: mail.postmaster is not set"
)
TOO_MUCH: Final = Reply(451, "4.7.1", "Too much mail to postmaster; try again in ten minutes")


class Postbox:
    """One gateway's. `reader` is the address of whoever reads it, "" for nobody."""

    def __init__(self, reader: str, domain: str, by_place: Guesses, together: Guesses) -> None:
        self._open = bool(reader) and isinstance(local_part(reader, domain), Refusal)
        self._domain = domain
        self._by_place = by_place
        self._together = together

    def is_for(self, path: str) -> bool:
        """Whether a RCPT is for us: also without a domain, in any case of letters."""
        local = path if "@" not in path else local_part(path, self._domain)
        return isinstance(local, str) and local.lower() in NAMES

    def answer(self, size: int, client: str) -> Reply:
        """To a RCPT for us in a mail that is announced with so many octets (0: it is not)."""
        if not self._open:
            return NOBODY_READS
        if self._by_place.too_many(origin(client)) or self._together.too_many(""):
            return TOO_MUCH
        return too_large(LARGEST) if size > LARGEST else TAKEN

    def took(self, client: str) -> None:
        """One more mail was taken."""
        self._by_place.failed(origin(client))
        self._together.failed("")
