"""Who sends, once it is proven; what was only claimed never gets this far."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How we know who the sender is."""

    LOGIN = "login"  # SMTP AUTH, or a mail in an IMAP folder that only they open
    NETWORK = "network"  # the client's address is in smtp.networks
    DKIM = "dkim"  # an aligned signature (RFC 7489 3.1.1)
    SPF = "spf"  # an aligned envelope sender, from a client that may use it (RFC 7489 3.1.2)
    UPSTREAM = "upstream"  # our own mail server in front checked it (RFC 8601)
    LOCAL = "local"  # the administrator, on this machine


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender: `user` is the account that ceilings count, `groups` what rules name besides it."""

    user: str
    groups: tuple[str, ...]
    proof: Proof
    detail: str  # how it was proven, a clause: "logged in as anna"

    def is_one_of(self, who: tuple[str, ...]) -> bool:
        """Whether a rule for `who` is for this sender; one for nobody is for everybody."""
        return not who or self.user in who or any(group in who for group in self.groups)
