"""What all connections share: the rules, the clock, and the one way into the store.

`keep` is where promise 1 is made: it answers 250 only after the store has returned, 452 when there
is no room, and 451 for anything else. Once the store has begun it is never interrupted by a client
that goes away; that mail is then stored although nobody heard so, which its sender's server repeats
at worst.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import structlog

from gateway.address import Refusal
from gateway.admission.token import Token
from gateway.clock import Clock
from gateway.smtp.body import Budget
from gateway.smtp.crowd import Crowd
from gateway.smtp.login import Guesses, Logins
from gateway.smtp.reply import DISK_FULL, NOT_STORED, Reply
from gateway.smtp.transaction import Rules
from gateway.store import StoreFull
from gateway.store.records import NewMail

STORE_PATIENCE: Final = 240.0  # s; a client waits 10 min for its 250 (RFC 5321 4.5.3.2.6)

Confirmed = datetime | Refusal  # when the fax is due, or why it was not confirmed

log: Final = structlog.get_logger("faxgate.smtp")


class Accepts(Protocol):
    """What SMTP needs of the store."""

    async def accept(self, mail: NewMail, now: datetime) -> int:
        """Make the mail and its recipients durable; the job's number."""
        ...

    async def forward(self, raw: bytes, now: datetime) -> int:
        """Make a mail for the postmaster durable; its number."""
        ...

    async def confirm(self, token: Token, user: str, now: datetime) -> Confirmed:
        """Let the held fax of a token go, if it is this user's."""
        ...

    async def junk(self, token: Token, address: str, now: datetime) -> str | Refusal:
        """Put the caller of a token's fax on the junk list, if this reader got it; the entry."""
        ...


@dataclass(slots=True)
class Desk:
    """One per mail server."""

    rules: Rules
    hostname: str
    timeout: float  # s
    store: Accepts
    clock: Clock
    logins: Logins
    guesses: Guesses
    crowd: Crowd
    budget: Budget
    is_full: Callable[[], bool] = bool  # whether there is no room for mail
    keeping: set[asyncio.Task[int]] = field(default_factory=set)

    async def keep(self, mail: NewMail) -> Reply:
        """Store a mail; the answer to its final dot."""
        task = asyncio.create_task(self.store.accept(mail, self.clock.now()))
        self.keeping.add(task)
        task.add_done_callback(lambda done: self._kept(done, mail))
        try:
            async with asyncio.timeout(STORE_PATIENCE):
                job = await asyncio.shield(task)
        except TimeoutError:
            task.cancel()
            return NOT_STORED
        except StoreFull:
            return DISK_FULL
        except Exception:  # whatever the store's trouble is, the client keeps the mail
            return NOT_STORED
        return Reply(250, "2.0.0", f"Accepted as job {job}")

    async def forward(self, raw: bytes, client: str) -> Reply:
        """Store a mail for the postmaster; the answer to its final dot."""
        task = asyncio.create_task(self.store.forward(raw, self.clock.now()))
        self.keeping.add(task)
        task.add_done_callback(self.keeping.discard)
        try:
            async with asyncio.timeout(STORE_PATIENCE):
                await asyncio.shield(task)
        except Exception:  # whatever the store's trouble is, the client keeps the mail
            task.cancel()
            log.exception("mail.not_stored", client=client, octets=len(raw))
            return NOT_STORED
        self.rules.postbox.took(client)
        return Reply(250, "2.0.0", "Accepted for the postmaster")

    async def confirm(self, token: Token, user: str) -> Reply:
        """Confirm a held fax; the answer to the final dot of the reply that does it."""
        now = self.clock.now()
        try:
            async with asyncio.timeout(STORE_PATIENCE):
                found = await asyncio.shield(self.store.confirm(token, user, now))
        except Exception:  # whatever the store's trouble is, the client may say it again
            log.exception("not_confirmed", recipient=token.recipient, user=user)
            return NOT_STORED
        if isinstance(found, Refusal):
            log.warning("confirm.refused", recipient=token.recipient, user=user, why=found.reason)
            return Reply(550, found.status, found.reason)
        return Reply(250, "2.0.0", f"Confirmed; the fax is due at {found:%Y-%m-%d %H:%M} UTC")

    async def junk(self, token: Token, who: str | Refusal) -> Reply:
        """A caller is junk, says the reader of a fax; the answer to their final dot."""
        found = who
        if isinstance(who, str):
            try:
                async with asyncio.timeout(STORE_PATIENCE):
                    found = await asyncio.shield(self.store.junk(token, who, self.clock.now()))
            except Exception:  # whatever the trouble is, the client may say it again
                log.exception("not_junked", fax=token.recipient, by=who)
                return NOT_STORED
        if isinstance(found, Refusal):
            log.warning("junk.refused", fax=token.recipient, by=str(who), why=found.reason)
            return Reply(550, found.status, found.reason)
        return Reply(250, "2.0.0", f"On the junk list: {found}")

    def _kept(self, task: asyncio.Task[int], mail: NewMail) -> None:
        """Log what was not kept, also when the client did not stay to hear it."""
        self.keeping.discard(task)
        facts = {
            "sender": mail.sender,
            "recipients": [recipient.number for recipient in mail.recipients],
            "octets": len(mail.raw),
            "client": mail.client,
            "user": mail.user,
        }
        if task.cancelled():
            log.error("mail.not_stored", cause="the store took too long", **facts)
        elif (error := task.exception()) is not None:
            log.error("mail.not_stored", exc_info=error, **facts)
