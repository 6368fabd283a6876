"""Where finished mails go: one verb, and two ways to fail.

A transport returns from `deliver` only when somebody else has taken responsibility for the mail: a
mail server has said 250, or the file is on disk. Delivering the same Message-ID to the same address
again must be harmless where the transport can see it, because a crash may come between the
delivery and our note of it.

RFC 5321 4.2.1 gives the failures their meaning: 4yz later, 5yz never.
"""

from __future__ import annotations

from typing import Protocol


class DeliveryError(Exception):
    """The mail was not taken. `reply` says why, for the log and the postmaster."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class TemporaryFailure(DeliveryError):  # noqa: N818 - the standard's word
    """Not now: the same mail may be taken later, perhaps after the operator has acted."""


class PermanentFailure(DeliveryError):  # noqa: N818 - the standard's word
    """Never: this mail to this address will not be taken, however often it is tried."""


class Transport(Protocol):
    """Hands one mail for one address to whoever keeps it from now on."""

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Deliver `message` (CRLF); `envelope_from` is "" for the null sender.

        Raises TemporaryFailure or PermanentFailure. Ends within a bounded time.
        """
        ...
