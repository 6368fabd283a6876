"""Pay what the outbox owes: take each due mail, write it, deliver it, note what became of it.

A mail leaves the outbox only after its transport has answered for it. If we are stopped in between,
its lease ends and it is delivered again under the same Message-ID; that it arrives twice is the
lesser evil, and the Maildir even notices. A mail that cannot be delivered for `retry_for` is given
up, which the outbox turns into a notice for the postmaster.

Mails are written in threads, for a PDF takes longer than the event loop may be held. What fails in
writing one mail is logged and tried again like a delivery: one bad row must not stop the others.
An outbox in trouble is asked again until it answers: what it was not told it would have delivered
twice. A server that hangs holds up what goes there too, and nothing else: each target, and the mail
server, has its own slots.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Protocol

from gateway.clock import Clock
from gateway.config.mail import MailOut
from gateway.mailout.letter import octets
from gateway.mailout.schedule import next_try
from gateway.mailout.transport import PermanentFailure, TemporaryFailure, Transport
from gateway.said import said
from gateway.store import StoreUnavailable
from gateway.store.records import MailKind, OutgoingMail
from gateway.supervisor import Announce, outlast, wait_briefly

LEASE = timedelta(minutes=30)  # a mail taken by a gateway that died is due again after this
LIMIT = 1500.0  # s for writing and delivering one mail; less than the lease
IDLE = 5.0  # s between looks at the outbox for what another process put there, or what fell due
CONCURRENCY = 4  # deliveries at the same time to one target, and to all mail addresses
MOST = 16  # deliveries at the same time
MAIL = ""  # the way of mail addresses; that of a target or a channel is its name
NOT_WRITTEN = said("the mail could not be written; the log says why")
TOO_LONG = said("the delivery took too long")

Dispatch = Callable[[], Awaitable[None]]  # hands over what is no mail; fails as a transport does
Draft = Callable[[], EmailMessage | bytes | Dispatch | None]


class Outbox(Protocol):
    """The store's side: mails that are owed."""

    async def next_mail(
        self, now: datetime, lease: timedelta, full: Collection[str], /
    ) -> OutgoingMail | None:
        """The next due mail whose way is not `full`, ours for so long."""
        ...

    async def mail_sent(self, mail: int, now: datetime, /) -> None:
        """It was delivered, or nothing was owed after all."""
        ...

    async def mail_later(self, mail: int, at: datetime, error: str, /) -> None:
        """It is due again at `at`."""
        ...

    async def mail_failed(self, mail: int, error: str, now: datetime, /) -> None:
        """It is given up; the postmaster is to be told, unless this was a notice."""
        ...


class Composer(Protocol):
    """Knows what each mail says."""

    async def draft(self, mail: OutgoingMail) -> Draft:
        """Gather the facts; the function that is returned writes the mail, in a thread.

        It returns None where no mail is owed after all (RFC 3461 NOTIFY, the null sender), and a
        `Dispatch` for what goes to no mailbox.
        """
        ...


class DeliveryWorker:
    """Delivers what `outbox` owes over `transport`. `announce` tells the log (gateway.events)."""

    def __init__(
        self,
        outbox: Outbox,
        transport: Transport,
        composer: Composer,
        clock: Clock,
        settings: MailOut,
        announce: Announce,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._transport = transport
        self._composer = composer
        self._clock = clock
        self._settings = settings
        self._announce = announce
        self._chance = chance
        self._slots = asyncio.Semaphore(MOST)
        self._under_way: Counter[str] = Counter()  # deliveries by way
        self._news = asyncio.Event()  # something may be due, or a full way is free again

    async def run(self, queued: asyncio.Event) -> None:
        """Deliver until cancelled; `queued` is set by whoever puts a mail into the outbox."""
        self._news = queued
        async with asyncio.TaskGroup() as deliveries:
            while True:
                queued.clear()  # before the look: what comes after it wakes us
                while await outlast("mail out", self._announce, self._start_next, deliveries):
                    pass
                await wait_briefly(queued, IDLE)

    async def deliver_due(self) -> None:
        """Deliver what is due now, then return."""
        async with asyncio.TaskGroup() as deliveries:
            while True:
                self._news.clear()
                while await self._start_next(deliveries):
                    pass
                if not self._full() and not self._news.is_set():
                    return
                await self._news.wait()

    async def _start_next(self, deliveries: asyncio.TaskGroup) -> bool:
        """Begin the next delivery when there is a free slot; False when nothing is due."""
        await self._slots.acquire()
        mail = None
        try:
            mail = await self._outbox.next_mail(self._clock.now(), LEASE, self._full())
        finally:
            if mail is None:
                self._slots.release()
        if mail is None:
            return False
        way = MAIL if "@" in mail.to else mail.to
        self._under_way[way] += 1
        task = deliveries.create_task(self._handle(mail))
        task.add_done_callback(lambda _: self._free(way))
        return True

    def _full(self) -> list[str]:
        """The ways that take no more now."""
        return [way for way, count in self._under_way.items() if count >= CONCURRENCY]

    def _free(self, way: str) -> None:
        if self._under_way[way] >= CONCURRENCY:
            self._news.set()
        self._under_way[way] -= 1
        self._slots.release()

    async def _handle(self, mail: OutgoingMail) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                delivered = await self._deliver(mail)
        except PermanentFailure as failure:
            await self._surely(partial(self._give_up, mail, failure.reply))
        except TemporaryFailure as failure:
            await self._surely(partial(self._put_off, mail, failure.reply))
        except TimeoutError:
            await self._surely(partial(self._put_off, mail, TOO_LONG))
        except asyncio.CancelledError:
            with suppress(StoreUnavailable):
                await self._outbox.mail_later(mail.id, self._clock.now(), "we were stopped")
            raise
        else:
            await self._surely(partial(self._done, mail, delivered=delivered))

    async def _deliver(self, mail: OutgoingMail) -> bool:
        """False where no mail was owed."""
        message = await self._write(mail)
        if message is None:
            return False
        if not isinstance(message, bytes):
            await message()
            return True
        await self._transport.deliver(self._envelope_from(mail.kind), mail.to, message)
        return True

    async def _write(self, mail: OutgoingMail) -> bytes | Dispatch | None:
        try:
            draft = await self._composer.draft(mail)
            return await asyncio.to_thread(_written, draft)
        except Exception as bug:  # whatever it is, it must not cost the other mails
            self._announce("mail not written", mail=mail.id, error=f"{type(bug).__name__}: {bug}")
            raise TemporaryFailure(NOT_WRITTEN) from bug

    def _envelope_from(self, kind: MailKind) -> str:
        """Null for what answers a mail, so that it never loops (RFC 3834 4, RFC 3461 6).

        A fax that bounces is somebody's fax: the bounce goes to a person.
        """
        if kind is MailKind.FAX:
            return self._settings.postmaster or self._settings.sender
        return ""

    async def _surely(self, note: Callable[[], Awaitable[None]]) -> None:
        """Tell the outbox what became of a mail, whatever trouble it is in."""
        await outlast("mail out", self._announce, lambda: _finished(note()))

    async def _done(self, mail: OutgoingMail, *, delivered: bool) -> None:
        await self._outbox.mail_sent(mail.id, self._clock.now())
        event = "mail delivered" if delivered else "mail not wanted"
        self._announce(event, mail=mail.id, kind=mail.kind.value, to=mail.to)

    async def _put_off(self, mail: OutgoingMail, error: str) -> None:
        now = self._clock.now()
        retry_for = self._settings.retry_for
        at = next_try(mail.tries + 1, mail.created_at, now, retry_for, self._chance())
        if at is None:
            await self._give_up(mail, error)
            return
        await self._outbox.mail_later(mail.id, at, error)
        self._announce(
            "mail deferred",
            mail=mail.id,
            kind=mail.kind.value,
            to=mail.to,
            error=error,
            until=at.isoformat(timespec="seconds"),
        )

    async def _give_up(self, mail: OutgoingMail, error: str) -> None:
        await self._outbox.mail_failed(mail.id, error, self._clock.now())
        self._announce("mail given up", mail=mail.id, kind=mail.kind.value, to=mail.to, error=error)


def _written(draft: Draft) -> bytes | Dispatch | None:
    message = draft()
    return octets(message) if isinstance(message, EmailMessage) else message


async def _finished(note: Awaitable[None]) -> None:
    """Finish a note to the outbox even when we are cancelled in the middle of it."""
    writing = asyncio.ensure_future(note)
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        with suppress(StoreUnavailable):
            await writing
        raise
