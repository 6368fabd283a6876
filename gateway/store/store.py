"""The store's face: every transaction of the gateway, one method each.

When a method that writes returns, what it wrote is durable; when it raises, nothing of it happened.
Methods that read see one consistent state. `render_changed`, `queue_changed` and `outbox_changed`
are set after a commit that gives a worker of this process something to do; work that another
process commits is found by looking now and then. A worker clears the event, looks, and waits.

What each transaction does is written in the module of its noun.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from gateway.admission.opening import Hours
from gateway.retry import Decision
from gateway.store import (
    explanations,
    jobs,
    placing,
    posted,
    probe,
    queue,
    recipients,
    recovery,
    secrets,
)
from gateway.store import pages as page_rows
from gateway.store.engine import Database, Node, Wake, parse_url
from gateway.store.experience import Experiences
from gateway.store.judged_faxes import JudgedFaxes
from gateway.store.migrate import migrate
from gateway.store.owed_mails import OwedMails
from gateway.store.posted import Posted
from gateway.store.readings import Readings
from gateway.store.received_faxes import ReceivedFaxes
from gateway.store.records import (
    Attempt,
    Claim,
    DocumentRecord,
    Job,
    NewMail,
    PageConfirmation,
    PageInfo,
    Recipient,
    RecipientState,
    Resolution,
    StoredPage,
)
from gateway.store.retention import Retention
from modems.terminal import CallReport, PageReport

RENDER_LEASE = timedelta(minutes=30)


class Store(JudgedFaxes, OwedMails, ReceivedFaxes):
    """One open database. Make it with `open`; close it with `close`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.render_changed: asyncio.Event = database.changed[Wake.RENDER]
        self.queue_changed: asyncio.Event = database.changed[Wake.QUEUE]
        self.outbox_changed: asyncio.Event = database.changed[Wake.OUTBOX]
        self.experience = Experiences(database)
        self.retention = Retention(database)
        self.readings = Readings(database)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        owner: str = "gateway",
        domain: str = "localhost",
        postmaster: str = "",
        channels: Callable[[str], Sequence[str]] = lambda _: (),
        patience: Callable[[str], timedelta] | None = None,
    ) -> Store:
        """Connect, and bring the tables up to date. Raises UnusableDatabase.

        `url` is SQLAlchemy's, for SQLite or PostgreSQL. `owner` names this gateway among those that
        share the database; `domain` is the right side of the Message-IDs; `postmaster` gets the
        notices of mails that were given up, unless empty; `channels` has the addresses of the other
        ways to tell a sender; `patience` is how long a delivery waits until its fax is read, where
        faxes are.
        """
        parsed = parse_url(url)
        await migrate(parsed)
        return cls(Database(parsed, Node(owner, domain, postmaster, channels, patience)))

    async def close(self) -> None:
        """Finish what has begun, and disconnect."""
        await self._db.close()

    @property
    def in_doubt(self) -> bool:
        """Whether the last write failed because of the database."""
        return self._db.in_doubt

    async def probe(self) -> None:
        """Write something, durably. Raises StoreUnavailable."""
        await self._db.write(probe.write)

    async def spare(self) -> int:
        """Octets that are free in the store itself."""
        return await self._db.read(probe.spare)

    # --- Offramp: mails and their pages

    async def accept(self, mail: NewMail, now: datetime) -> int:
        """Keep a mail and its recipients; returns the job's number."""
        return await self._db.write(jobs.accept, mail, now)

    async def accept_posted(self, key: Posted, digest: str, mail: NewMail, now: datetime) -> int:
        """Keep a mail of an IMAP folder, once; `digest` tells its octets from others."""
        try:
            return await self._db.write(posted.accept, key, digest, mail, now)
        except IntegrityError:  # another gateway took it at the same moment
            return await self._db.write(posted.accept, key, digest, mail, now)

    async def posted(self, key: Posted) -> int | None:
        """The job that was made of a mail of an IMAP folder."""
        return await self._db.read(posted.job_of, key)

    async def filed(self, key: Posted) -> None:
        """The mail has left its folder."""
        await self._db.write(posted.filed, key)

    async def next_to_render(self, now: datetime, lease: timedelta = RENDER_LEASE) -> Job | None:
        """Claim the oldest mail that nobody renders; one that killed us three times is failed."""
        return await self._db.write(jobs.next_to_render, now, lease)

    async def renew_rendering(self, job: int, until: datetime) -> None:
        """Make the lease of a rendering longer."""
        await self._db.write(jobs.renew_rendering, job, until)

    async def release_rendering(self, job: int) -> None:
        """Give a mail back unrendered, because the gateway is being stopped."""
        await self._db.write(jobs.release_rendering, job)

    async def rendered(
        self,
        job: int,
        documents: Sequence[DocumentRecord],
        pages: Sequence[StoredPage],
        now: datetime,
        judge: placing.Judge | None = None,
        seconds: float = 0.0,
    ) -> bool:
        """Keep the pages, and queue, hold or end the recipients as `judge` says.

        Without a judge all are queued. `seconds` is the predicted time of a call. False when
        another result came first.
        """
        return await self._db.write(jobs.rendered, job, documents, pages, now, judge, seconds)

    async def secret(self, name: str) -> bytes:
        """A key that all gateways of this queue share."""
        return await self._db.write(secrets.get, name)

    async def render_failed(
        self,
        job: int,
        documents: Sequence[DocumentRecord],
        reason: str,
        now: datetime,
        status: str = "5.6.0",
    ) -> bool:
        """Fail the recipients and owe their receipts; False when another result came first."""
        return await self._db.write(jobs.render_failed, job, documents, reason, now, status)

    async def job(self, job: int) -> Job | None:
        """A mail with its octets."""
        return await self._db.read(jobs.get, job)

    async def job_head(self, job: int) -> Job | None:
        """A mail with the first of its octets only, 256 KiB at most: its header is among them."""
        return await self._db.read(jobs.head, job)

    async def documents(self, job: int) -> list[DocumentRecord]:
        """The parts of a mail, in order."""
        return await self._db.read(jobs.documents, job)

    async def recipients_of(self, job: int) -> list[Recipient]:
        """Everybody to whom a mail goes."""
        return await self._db.read(explanations.recipients_of, job)

    async def keep_explanation(self, job: int, content: Mapping[str, Any]) -> None:
        """Put the explanation of a mail beside it, in the place of an earlier one."""
        await self._db.write(explanations.keep, job, content)

    async def explanation(self, job: int) -> Mapping[str, Any] | None:
        """The explanation of a mail that was rendered."""
        return await self._db.read(explanations.get, job)

    async def pages(self, job: int) -> list[PageInfo]:
        """The pages of a mail, in order, without their octets."""
        return await self._db.read(page_rows.pages, job)

    async def page(self, job: int, number: int) -> StoredPage:
        """One page of a mail. Raises LookupError."""
        return await self._db.read(page_rows.stored_page, job, number)

    # --- The queue

    async def is_due(self, now: datetime) -> bool:
        """Whether a claim would find anybody."""
        return await self._db.read(queue.is_due, now)

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, hours: Hours | None = None
    ) -> Claim | None:
        """Take the recipient that is next: by priority, then by how long it has been due.

        Whose `hours` are over is put off.
        """
        try:
            return await self._db.write(queue.claim, owner, now, lease, hours)
        except IntegrityError:  # another gateway called that number at the same moment
            self.queue_changed.set()  # there may be other numbers: look again
            return None

    async def renew(self, claim: Claim, until: datetime) -> None:
        """Make the lease of a call longer. Raises ClaimLost."""
        await self._db.write(queue.renew, claim, until)

    async def confirming(self, claim: Claim, page_number: int) -> None:
        """From now on page `page_number` of the document may be confirmed. Raises ClaimLost."""
        await self._db.write(queue.confirming, claim, page_number)

    async def confirmed(self, claim: Claim, page_number: int, report: PageReport) -> int:
        """The far end answered for the page; returns the pages confirmed. Raises ClaimLost."""
        return await self._db.write(queue.confirmed, claim, page_number, report)

    async def finish(
        self, claim: Claim, report: CallReport, decision: Decision, now: datetime
    ) -> RecipientState:
        """End a call; returns the recipient's new state. Raises ClaimLost."""
        return await self._db.write(queue.finish, claim, report, decision, now)

    async def recover(self, owner: str, now: datetime) -> int:
        """At start-up: end what `owner` had under way; returns the calls it lost."""
        return await self._db.write(recovery.recover, owner, now)

    async def expire(self, now: datetime) -> int:
        """End what any gateway has held beyond its lease; returns the calls that were lost."""
        return await self._db.write(recovery.expire, now)

    async def resolve_unknown(self, now: datetime, in_doubt: recovery.InDoubt) -> list[Resolution]:
        """Decide about every recipient whose call was lost."""
        return await self._db.write(recovery.resolve_unknown, now, in_doubt)

    async def give_up(
        self, now: datetime, after: timedelta, hours: Hours | None = None
    ) -> list[Resolution]:
        """Fail every recipient that has waited for a line longer than `after` since its mail."""
        return await self._db.write(recipients.give_up, now, after, hours)

    async def tell_delays(self, now: datetime, after: timedelta) -> int:
        """Owe a mail, once, for each fax that has been tried or due for so long; how many."""
        return await self._db.write(recipients.tell_delays, now, after)

    async def cancel(self, recipient: int, now: datetime) -> bool:
        """End a waiting recipient; False when it does not wait."""
        return await self._db.write(recipients.cancel, recipient, now)

    async def queue_view(self, limit: int) -> list[Recipient]:
        """The newest recipients, newest first."""
        return await self._db.read(recipients.queue_view, limit)

    async def recipient(self, recipient: int) -> Recipient | None:
        """One recipient."""
        return await self._db.read(recipients.get, recipient)

    async def attempts(self, recipient: int) -> list[Attempt]:
        """Every attempt at a recipient, in order, with its call report."""
        return await self._db.read(recipients.attempts, recipient)

    async def page_reports(self, recipient: int) -> list[PageConfirmation]:
        """What the far end said of each page, in the order in which it was asked."""
        return await self._db.read(recipients.page_reports, recipient)
