"""The delivery worker with an outbox in memory, a clock that is set, and failing transports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clock import SettableClock
from gateway.config.mail import MaildirOut, MailOut
from gateway.mailout.letter import Head, letter
from gateway.mailout.maildir import Maildir
from gateway.mailout.transport import DeliveryError, PermanentFailure, TemporaryFailure, Transport
from gateway.mailout.worker import CONCURRENCY, IDLE, LEASE, LIMIT, DeliveryWorker, Draft
from gateway.store.records import MailKind, OutgoingMail
from tests.virtual_time import run

START = datetime(2026, 11, 23, 6, tzinfo=UTC)
SETTINGS = MailOut(
    sender="fax@fax.localhost",
    transport=MaildirOut(directory=Path("unused")),
    postmaster="postmaster@example.org",
)


@dataclass
class Owed:
    """A mail in the outbox, with its state."""

    mail: OutgoingMail
    due: datetime
    state: str = "queued"
    error: str = ""


class MemoryOutbox:
    """Keeps what is owed in a list, with the rules of the store's outbox."""

    def __init__(self, *mails: OutgoingMail) -> None:
        self.owed = [Owed(mail, mail.created_at) for mail in mails]
        self.ends: list[int] = []  # mails that ended, in order

    async def next_mail(
        self, now: datetime, lease: timedelta, full: Collection[str]
    ) -> OutgoingMail | None:
        """The mail that has been due longest, leased."""
        due = [o for o in self.owed if o.state == "queued" and o.due <= now]
        due = [o for o in due if ("" if "@" in o.mail.to else o.mail.to) not in full]
        if not due:
            return None
        taken = min(due, key=lambda o: (o.due, o.mail.id))
        taken.due = now + lease
        mail = taken.mail
        taken.mail = replace(mail, tries=mail.tries + 1)
        return mail

    async def mail_sent(self, mail: int, now: datetime) -> None:
        """Delivered."""
        self._end(mail, "sent", "")

    async def mail_later(self, mail: int, at: datetime, error: str) -> None:
        """Due again."""
        self[mail].due, self[mail].error = at, error

    async def mail_failed(self, mail: int, error: str, now: datetime) -> None:
        """Given up."""
        self._end(mail, "failed", error)

    def _end(self, mail: int, state: str, error: str) -> None:
        self[mail].state, self[mail].error = state, error
        self.ends.append(mail)

    def __getitem__(self, mail: int) -> Owed:
        return next(o for o in self.owed if o.mail.id == mail)


class Letters:
    """Writes a short mail of each; `unwanted` and `broken` name those that it does not."""

    def __init__(self, unwanted: int = -1, broken: int = -1) -> None:
        self.unwanted = unwanted
        self.broken = broken

    async def draft(self, mail: OutgoingMail) -> Draft:
        """A mail with nothing but headers and a word."""

        def write() -> EmailMessage | None:
            if mail.id == self.broken:
                raise KeyError("a bug")
            if mail.id == self.unwanted:
                return None
            head = Head("a@b.example", "", mail.to, "Fax", START, mail.message_id, "auto-replied")
            message = letter(head)
            message.set_content("word")
            return message

        return write


class Carrier:
    """A transport that takes every mail, after whatever `fate` does first."""

    def __init__(self, fate: Callable[[], DeliveryError | None] = lambda: None) -> None:
        self.fate = fate
        self.taken: list[tuple[str, str, bytes]] = []

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Take the mail, or fail as fate has it."""
        failure = self.fate()
        if failure:
            raise failure
        self.taken.append((envelope_from, to, message))


class Stuck:
    """A transport that never answers; `busy` counts how many wait at once."""

    def __init__(self) -> None:
        self.busy = 0
        self.entered = asyncio.Event()

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Wait until cancelled."""
        self.busy += 1
        self.entered.set()
        await asyncio.Event().wait()


def owed(number: int = 1, kind: MailKind = MailKind.RECEIPT) -> OutgoingMail:
    """A mail that is owed since START."""
    identity = f"<m{number}@fax.localhost>"
    return OutgoingMail(number, kind, "office@example.org", None, None, "", identity, 0, START)


class Setup:
    """A worker and everything around it."""

    def __init__(
        self, outbox: MemoryOutbox, transport: Transport, letters: Letters | None = None
    ) -> None:
        self.outbox = outbox
        self.clock = SettableClock(START)
        self.events: list[str] = []
        self.worker = DeliveryWorker(
            outbox,
            transport,
            letters or Letters(),
            self.clock,
            SETTINGS,
            self.announce,
            chance=lambda: 0.5,
        )

    def announce(self, event: str, **fields: object) -> None:
        """Note what the log would say."""
        self.events.append(event)


@pytest.mark.parametrize(
    ("kind", "envelope_from"),
    [
        (MailKind.RECEIPT, ""),
        (MailKind.NOTICE, ""),
        (MailKind.FAX, "postmaster@example.org"),
    ],
)
async def test_a_due_mail_is_delivered_and_ends(kind: MailKind, envelope_from: str) -> None:
    """A mail goes out under its sender: null for answers, a person for received faxes."""
    carrier = Carrier()
    setup = Setup(MemoryOutbox(owed(kind=kind)), carrier)
    await setup.worker.deliver_due()
    ((sender, to, message),) = carrier.taken

    assert (sender, to) == (envelope_from, "office@example.org")
    assert b"Message-ID: <m1@fax.localhost>\r\n" in message
    assert setup.outbox[1].state == "sent"
    assert setup.events == ["mail delivered"]


async def test_a_mail_that_nobody_wants_ends_without_delivery() -> None:
    """Where NOTIFY or the null sender says no, the outbox is cleared and nothing is sent."""
    carrier = Carrier()
    setup = Setup(MemoryOutbox(owed()), carrier, Letters(unwanted=1))
    await setup.worker.deliver_due()

    assert carrier.taken == []
    assert setup.outbox[1].state == "sent"
    assert setup.events == ["mail not wanted"]


async def test_a_temporary_failure_is_tried_again() -> None:
    """After 4yz the mail waits, and the next try delivers it."""
    fates: list[DeliveryError | None] = [TemporaryFailure("450 later"), None]
    setup = Setup(MemoryOutbox(owed()), Carrier(lambda: fates.pop(0)))
    await setup.worker.deliver_due()
    waiting = setup.outbox[1]
    assert (waiting.state, waiting.error) == ("queued", "450 later")
    assert waiting.due == START + timedelta(seconds=30)

    setup.clock.advance(timedelta(seconds=30))
    await setup.worker.deliver_due()

    assert setup.outbox[1].state == "sent"
    assert setup.events == ["mail deferred", "mail delivered"]


async def test_a_permanent_failure_is_given_up_at_once() -> None:
    """After 5yz nothing is tried again."""
    setup = Setup(MemoryOutbox(owed()), Carrier(lambda: PermanentFailure("550 nobody")))
    await setup.worker.deliver_due()

    assert (setup.outbox[1].state, setup.outbox[1].error) == ("failed", "550 nobody")
    assert setup.events == ["mail given up"]


async def test_temporary_failures_end_when_the_time_is_over() -> None:
    """A mail that is refused for `retry_for` is given up then, not before and not later."""
    setup = Setup(MemoryOutbox(owed()), Carrier(lambda: TemporaryFailure("450 later")))
    while setup.outbox[1].state == "queued":
        setup.clock.advance(setup.outbox[1].due - setup.clock.now())
        await setup.worker.deliver_due()

    assert setup.clock.now() == START + SETTINGS.retry_for
    assert setup.events[-1] == "mail given up"


async def test_a_mail_that_cannot_be_written_stops_no_other() -> None:
    """A bug in writing one mail is logged, that mail waits, the others go out."""
    carrier = Carrier()
    setup = Setup(MemoryOutbox(owed(1), owed(2)), carrier, Letters(broken=1))
    await setup.worker.deliver_due()

    assert setup.outbox[1].state == "queued"
    assert setup.outbox[2].state == "sent"
    assert "mail not written" in setup.events


async def test_no_more_than_so_many_at_a_time() -> None:
    """A backlog does not open more connections than CONCURRENCY."""
    stuck = Stuck()
    setup = Setup(MemoryOutbox(*(owed(n) for n in range(1, 4 * CONCURRENCY))), stuck)
    task = asyncio.create_task(setup.worker.deliver_due())
    while stuck.busy < CONCURRENCY:
        await stuck.entered.wait()
        await asyncio.to_thread(lambda: None)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert stuck.busy == CONCURRENCY


class Forking(Carrier):
    """Never answers for a mail address; `opened` lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Wait where it goes to an address."""
        if "@" in to:
            await self.opened.wait()
        await super().deliver(envelope_from, to, message)


async def test_a_server_that_hangs_holds_up_only_what_goes_there() -> None:
    """The archive gets its fax while more mails than there are slots wait for the mail server."""
    mails = [owed(n) for n in range(1, 2 * CONCURRENCY)]
    archived = [replace(owed(n), to="archive") for n in range(100, 100 + 2 * CONCURRENCY)]
    carrier = Forking()
    setup = Setup(MemoryOutbox(*mails, *archived), carrier)
    task = asyncio.create_task(setup.worker.deliver_due())
    while len(carrier.taken) < len(archived):
        await asyncio.to_thread(lambda: None)
    assert {to for _, to, _ in carrier.taken} == {"archive"}

    carrier.opened.set()
    await task
    assert {each.state for each in setup.outbox.owed} == {"sent"}


async def test_a_stop_in_mid_delivery_loses_nothing() -> None:
    """When the gateway stops, a mail under way is due at once for the next start."""
    stuck = Stuck()
    setup = Setup(MemoryOutbox(owed()), stuck)
    task = asyncio.create_task(setup.worker.deliver_due())
    await stuck.entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert setup.outbox[1].state == "queued"
    assert setup.outbox[1].due == START


class SlowOutbox(MemoryOutbox):
    """Takes its time to note that a mail was sent."""

    def __init__(self, *mails: OutgoingMail) -> None:
        super().__init__(*mails)
        self.noting = asyncio.Event()
        self.go_on = asyncio.Event()

    async def mail_sent(self, mail: int, now: datetime) -> None:
        """Delivered."""
        self.noting.set()
        await self.go_on.wait()
        await super().mail_sent(mail, now)


async def test_a_stop_between_delivery_and_note_finishes_the_note() -> None:
    """What was delivered is noted even when we are stopped in the middle of the note."""
    outbox = SlowOutbox(owed())
    setup = Setup(outbox, Carrier())
    task = asyncio.create_task(setup.worker.deliver_due())
    await outbox.noting.wait()
    task.cancel()
    outbox.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert outbox[1].state == "sent"


async def test_a_crash_between_delivery_and_note_leaves_one_mail(tmp_path: Path) -> None:
    """The mail whose note was lost is delivered again after its lease, and is still one file."""
    setup = Setup(MemoryOutbox(owed()), Maildir(tmp_path))
    await setup.worker.deliver_due()
    setup.outbox[1].state = "queued"  # as if the note had never been written
    setup.clock.advance(LEASE)
    await setup.worker.deliver_due()

    assert len(list((tmp_path / "office@example.org" / "new").iterdir())) == 1
    assert setup.outbox.ends == [1, 1]


@pytest.mark.virtual_time
async def test_a_queued_mail_is_delivered_at_once() -> None:
    """Whoever sets `queued` waits for no interval."""
    setup = Setup(MemoryOutbox(), carrier := Carrier())
    queued = asyncio.Event()
    task = asyncio.create_task(setup.worker.run(queued))
    await asyncio.sleep(IDLE / 2)
    setup.outbox.owed.append(Owed(owed(), START))
    queued.set()
    await asyncio.sleep(0.001)

    assert len(carrier.taken) == 1
    task.cancel()


@pytest.mark.virtual_time
async def test_a_mail_of_another_process_is_found() -> None:
    """What nobody told us of is delivered after IDLE seconds at most."""
    setup = Setup(MemoryOutbox(), carrier := Carrier())
    task = asyncio.create_task(setup.worker.run(asyncio.Event()))
    await asyncio.sleep(IDLE / 2)
    setup.outbox.owed.append(Owed(owed(), START))
    await asyncio.sleep(IDLE)

    assert len(carrier.taken) == 1
    task.cancel()


@pytest.mark.virtual_time
async def test_a_delivery_that_never_ends_is_ended() -> None:
    """A transport that hangs is left after LIMIT, before the lease ends, and tried again."""
    setup = Setup(MemoryOutbox(owed()), Stuck())
    await setup.worker.deliver_due()

    assert LEASE.total_seconds() > LIMIT
    assert setup.outbox[1].error == "the delivery took too long"
    assert setup.outbox[1].due == START + timedelta(seconds=30)


FATES = st.sampled_from([None, TemporaryFailure("450 later"), PermanentFailure("550 never")])


@settings(deadline=None, max_examples=50)
@given(st.lists(FATES, max_size=40), st.integers(1, 6))
def test_every_mail_ends_exactly_once(fates: list[DeliveryError | None], mails: int) -> None:
    """Whatever servers answer, each owed mail is sent or given up, once, and none is lost."""
    carrier = Carrier(lambda: fates.pop() if fates else None)

    async def pay_all() -> MemoryOutbox:
        setup = Setup(MemoryOutbox(*(owed(n) for n in range(mails))), carrier)
        while any(o.state == "queued" for o in setup.outbox.owed):
            await setup.worker.deliver_due()
            setup.clock.advance(timedelta(hours=1))
        return setup.outbox

    outbox = run(pay_all())

    assert sorted(outbox.ends) == list(range(mails))
    assert len(carrier.taken) == sum(o.state == "sent" for o in outbox.owed)
