"""The store's face towards mail out: what is owed and what became of it, a transaction a call."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from gateway.store import outbox
from gateway.store.engine import Database
from gateway.store.records import OutgoingMail


class OwedMails:
    """The part of `Store` that the delivery worker uses."""

    _db: Database

    async def next_mail(
        self, now: datetime, lease: timedelta, full: Collection[str] = ()
    ) -> OutgoingMail | None:
        """Take the mail that has been due longest; it is due again when the lease ends.

        Nothing to a target that is `full`; "" stands for all mail addresses.
        """
        return await self._db.write(outbox.next_mail, now, lease, full)

    async def mail_sent(self, mail: int, now: datetime) -> None:
        """A mail was handed over."""
        await self._db.write(outbox.mail_sent, mail, now)

    async def mail_later(self, mail: int, at: datetime, error: str) -> None:
        """A mail could not be handed over; it is due again at `at`."""
        await self._db.write(outbox.mail_later, mail, at, error)

    async def mail_failed(self, mail: int, error: str, now: datetime) -> None:
        """A mail is given up; the postmaster is told, but never about a notice."""
        await self._db.write(outbox.mail_failed, mail, error, now)

    async def forward(self, raw: bytes, now: datetime) -> int:
        """Owe the postmaster a mail that came for it; returns once it is durable."""
        return await self._db.write(outbox.owe_forward, raw, now)

    async def to_forward(self, mail: int) -> bytes | None:
        """What was to be forwarded; None once it has been."""
        return await self._db.read(outbox.to_forward, mail)

    async def owe_junked(self, fax: int, to: str, entry: str, now: datetime) -> None:
        """Owe the mail that the caller of a fax is on the junk list, to who put them there."""
        await self._db.write(outbox.owe_junked, fax, to, entry, now)

    async def junked_since(self, to: str, since: datetime) -> int:
        """How many such mails to somebody have been owed."""
        return await self._db.read(outbox.junked_since, to, since)
