"""What the SMTP server hands over before its 250: mails to keep, faxes confirmed, junk callers."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.address import Refusal
from gateway.admission.policy import Word, by_rule
from gateway.admission.token import JUNK, SECRET, Token, is_good
from gateway.events import Events
from gateway.offramp.rendering import predicted_seconds
from gateway.onramp import junk
from gateway.onramp.complaint import entry_for
from gateway.said import said
from gateway.store import Store
from gateway.store.placing import Judge
from gateway.store.records import NewMail

NOT_YOURS: Final = Refusal(
    "5.7.1", said("This confirms nothing: it is not yours to confirm, or its time is over")
)
NOT_HELD: Final = Refusal(
    "5.7.1", said("The fax does not wait for you any more; nothing has changed")
)
NOT_YOUR_FAX: Final = Refusal(
    "5.7.1",
    said("this says nothing about a fax of yours, or its time is over; nothing has changed"),
)
TOO_MUCH_JUNK: Final = Refusal("5.7.1", said("too many callers in one day; ask your administrator"))
MOST_JUNK: Final = 20  # callers that one reader may put on the list in a day


class Intake:
    """Takes mail into the store and says so: what the SMTP server calls before its 250."""

    def __init__(
        self, store: Store, events: Events, judge: Judge, junk_list: Path | None = None
    ) -> None:
        """`junk_list` is the file that readers of faxes may extend; None: they may not."""
        self._junk_list = junk_list
        self._store = store
        self._events = events
        self._judge = judge

    async def accept(self, mail: NewMail, now: datetime) -> int:
        """Keep the mail; returns the job's number once it is durable."""
        job = await self._store.accept(mail, now)
        self._events.announce(
            "mail accepted",
            job=job,
            sender=mail.sender,
            client=mail.client,
            user=mail.user,
            octets=len(mail.raw),
            numbers=", ".join(recipient.number for recipient in mail.recipients),
        )
        return job

    async def forward(self, raw: bytes, now: datetime) -> int:
        """Owe the postmaster a mail, durably."""
        mail = await self._store.forward(raw, now)
        self._events.announce("mail to postmaster", mail=mail, octets=len(raw))
        return mail

    async def confirm(self, token: Token, user: str, now: datetime) -> datetime | Refusal:
        """Let the held fax of a token go; when it is due, or why nothing has changed."""
        key = await self._store.secret(SECRET)
        good = is_good(token, key, user, now)
        fax = await self._store.recipient(token.recipient) if good else None
        if fax is None:
            return NOT_YOURS
        seconds = predicted_seconds(await self._store.pages(fax.job))
        placed = await self._store.confirm(fax.id, user, self._judge, seconds, now)
        if placed is None:
            return NOT_HELD
        self._events.announce("fax confirmed", recipient=fax.id, user=user, verdict=placed.word)
        if placed.word is Word.REFUSE:
            return Refusal("5.7.1", by_rule(placed.reason, placed.rule))
        return placed.due

    async def junk(self, token: Token, address: str, now: datetime) -> str | Refusal:
        """Put a caller on the junk list for the reader at `address`; the entry, or why not."""
        key = await self._store.secret(JUNK)
        good = self._junk_list is not None and is_good(token, key, address, now)
        fax = await self._store.received(token.recipient) if good else None
        entry = entry_for(fax) if fax else ""
        if fax is None or not entry or self._junk_list is None:
            return NOT_YOUR_FAX
        if await self._store.junked_since(address, now - timedelta(days=1)) >= MOST_JUNK:
            return TOO_MUCH_JUNK
        await asyncio.to_thread(junk.add, self._junk_list, entry)
        await self._store.owe_junked(fax.id, address, entry, now)
        self._events.announce("caller is junk", fax=fax.id, entry=entry, by=address)
        return entry
