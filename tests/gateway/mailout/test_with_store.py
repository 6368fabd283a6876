"""Receipts and received faxes on the real store: from what a call left behind to a read mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.clock import SettableClock
from gateway.config.mail import MaildirOut, MailOut
from gateway.config.model import Config
from gateway.mailout import DeliveryWorker, PermanentFailure, build_transport
from gateway.mailout.transport import Transport
from gateway.outgoing import Composer
from gateway.retry import Later, Never, Sent
from gateway.store import Store
from gateway.store.records import Claim, DocumentRecord, NewMail, NewRecipient, StoredPage
from modems.dialler import IncomingCall
from modems.session import BR, DF, VR, Dialled, Hangup, SessionParameters
from modems.terminal import CallReport, PageForm, PageQuality, PageReport, PageVerdict
from t4codec.coding import Coding, Compression
from t4codec.encoder import encode

START = datetime(2026, 11, 23, 5, 12, tzinfo=UTC)
NUMBER = "+48222000002"
SENDER = "sender@example.org"
OFFICE = "office@example.org"
FORM = PageForm(1728, VR.R8_FINE, DF.MR)
RAW = b"Subject: Invoice 17\r\nMessage-ID: <m1@example.org>\r\n\r\nbody\r\n"
MMR = encode(bytes(216 * 100), Coding(Compression.MMR, 1728))
BITS = {"MH": 30_000, "MR": 20_000, "MMR": 10_000}
PAGES = [StoredPage(n, 1728, 100, VR.R8_FINE, MMR, BITS) for n in (1, 2)]
CALL = CallReport(
    Hangup.NORMAL,
    "Every page was confirmed.",
    NUMBER,
    remote_identity="+48 22 200 00 02",
    parameters=SessionParameters(vr=VR.R8_FINE, br=BR.BR_14400, df=DF.MR),
    seconds=48.0,
)


@dataclass
class Gateway:
    """A store and a worker that delivers into Maildirs."""

    store: Store
    clock: SettableClock
    worker: DeliveryWorker
    mails: Path

    async def accept(self, notify: str = "") -> int:
        """Take a mail for one recipient."""
        recipient = NewRecipient(f"{NUMBER}@fax.localhost", NUMBER, notify=notify)
        return await self.store.accept(NewMail(SENDER, RAW, (recipient,)), self.clock.now())

    async def rendered(self, notify: str = "") -> Claim:
        """Take a mail, make two pages of it, and claim its recipient."""
        job = await self.accept(notify)
        await self.store.next_to_render(self.clock.now())
        documents = [DocumentRecord("letter.pdf", "application/pdf", 2)]
        await self.store.rendered(job, documents, PAGES, self.clock.now())
        return await self.claimed()

    async def claimed(self) -> Claim:
        """Claim the one recipient."""
        claim = await self.store.claim("gateway", self.clock.now(), timedelta(minutes=5))
        assert claim is not None
        return claim

    async def page(self, claim: Claim, number: int, verdict: PageVerdict) -> None:
        """Send a page and hear its answer."""
        await self.store.confirming(claim, number)
        report = PageReport(number, FORM, 14400, 9000, 20.0, verdict)
        await self.store.confirmed(claim, number, report)

    async def received(self) -> EmailMessage | None:
        """Deliver what is due; the one new mail for the sender, if there is one."""
        await self.worker.deliver_due()
        return self.read(SENDER)

    def read(self, address: str) -> EmailMessage | None:
        """The one mail in an address's Maildir."""
        files = list((self.mails / address / "new").glob("*"))
        if not files:
            return None
        (file,) = files
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


def text(message: EmailMessage | None) -> str:
    """What a person reads."""
    assert message is not None
    body = message.get_body(("plain",))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


@asynccontextmanager
async def running(directory: Path, transport: Transport | None = None) -> AsyncIterator[Gateway]:
    """A gateway without lines."""
    settings = MailOut(
        sender="fax@fax.localhost",
        transport=MaildirOut(directory=directory / "mail"),
        postmaster="postmaster@example.org",
    )
    config = Config(domain="fax.localhost", state=directory, mail=settings)
    clock = SettableClock(START)
    store = await Store.open(
        f"sqlite+aiosqlite:///{directory}/store.db",
        domain="fax.localhost",
        postmaster=settings.postmaster,
    )
    carrier = transport or build_transport(settings, "fax.localhost")
    worker = DeliveryWorker(
        store,
        carrier,
        Composer(store, config, carrier, lambda: config.targets),
        clock,
        settings,
        lambda event, **fields: None,  # noqa: ARG005 - nobody watches
    )
    try:
        yield Gateway(store, clock, worker, directory / "mail")
    finally:
        await store.close()


async def test_a_fax_that_was_sent_has_its_receipt(tmp_path: Path) -> None:
    """What two confirmations left in the store becomes the receipt of a delivery."""
    async with running(tmp_path) as gateway:
        claim = await gateway.rendered()
        await gateway.page(claim, 1, PageVerdict.MCF)
        await gateway.page(claim, 2, PageVerdict.MCF)
        await gateway.store.finish(claim, CALL, Sent(), START)
        receipt = await gateway.received()
        await gateway.worker.deliver_due()

    assert text(receipt).startswith(
        'Your fax to +48 22 200 00 02 was delivered: 2 pages, confirmed by "+48 22 200 00 02" on '
    )
    assert "seconds had been expected" in text(receipt)
    assert receipt is not None
    assert receipt["In-Reply-To"] == "<m1@example.org>"
    assert receipt["Return-Path"] == "<>"


async def test_a_fax_that_broke_twice_names_the_page_that_is_missing(tmp_path: Path) -> None:
    """Two calls, the second from page 2 on, end in one receipt that adds them up."""
    broken = replace(CALL, status=Hangup.EOP_NO_ANSWER, cause="No answer to EOP.")
    async with running(tmp_path) as gateway:
        claim = await gateway.rendered()
        await gateway.page(claim, 1, PageVerdict.MCF)
        later = Later(START + timedelta(minutes=5), broken.cause, "4.4.2")
        await gateway.store.finish(claim, broken, later, START)
        assert await gateway.received() is None

        gateway.clock.advance(timedelta(minutes=5))
        again = await gateway.claimed()
        await gateway.page(again, 2, PageVerdict.NONE)
        never = Never(broken.cause, "4.4.2")
        await gateway.store.finish(again, broken, never, gateway.clock.now())
        said = text(await gateway.received())

    assert "was not delivered: the other machine did not confirm the last page. " in said
    assert "We made 2 calls" in said
    assert "Of 2 pages, page 1 arrived; not confirmed: page 2." in said


async def test_a_number_that_was_busy_to_the_end(tmp_path: Path) -> None:
    """A fax whose last call found the number engaged says so, and no page was confirmed."""
    busy = CallReport(Hangup.RINGBACK_NO_ANSWER, "busy", NUMBER, dialled=Dialled.BUSY)
    async with running(tmp_path) as gateway:
        claim = await gateway.rendered()
        await gateway.store.finish(claim, busy, Never("busy", "4.4.1"), START)
        said = text(await gateway.received())

    assert "was not delivered: the number was engaged. " in said
    assert "No page was confirmed." in said


async def test_a_mail_that_makes_no_page(tmp_path: Path) -> None:
    """A document that cannot be rendered is named in a receipt without any call."""
    why = "letter.pdf is protected by a password."
    async with running(tmp_path) as gateway:
        job = await gateway.accept()
        await gateway.store.next_to_render(START)
        documents = [DocumentRecord("letter.pdf", "application/pdf", 0, why)]
        await gateway.store.render_failed(job, documents, f"Nothing was sent. {why}", START)
        said = text(await gateway.received())

    assert f"it could not be made into pages. Nothing was sent. {why} Please send" in said
    assert f"Left out: {why}" in said


async def test_a_call_that_a_crash_cut_off_in_doubt(tmp_path: Path) -> None:
    """After a crash between the page and its answer, the receipt says which page is in doubt."""
    async with running(tmp_path) as gateway:
        claim = await gateway.rendered()
        await gateway.page(claim, 1, PageVerdict.MCF)
        await gateway.store.confirming(claim, 2)
        await gateway.store.recover("gateway", START)
        await gateway.store.resolve_unknown(START, "report")
        said = text(await gateway.received())

    assert "the gateway was stopped while page 2 was being confirmed. Please ask" in said
    assert "Of 2 pages, page 1 arrived; not confirmed: page 2." in said
    assert "Page 2 may have been printed all the same." in said


@pytest.mark.parametrize(("notify", "told"), [("NEVER", False), ("FAILURE", False), ("", True)])
async def test_notify_is_honoured(notify: str, told: bool, tmp_path: Path) -> None:
    """A sender who asked not to hear of success does not, and the outbox is cleared."""
    async with running(tmp_path) as gateway:
        claim = await gateway.rendered(notify)
        await gateway.page(claim, 1, PageVerdict.MCF)
        await gateway.page(claim, 2, PageVerdict.MCF)
        await gateway.store.finish(claim, CALL, Sent(), START)
        receipt = await gateway.received()
        left = await gateway.store.next_mail(START + timedelta(days=9), timedelta(minutes=1))

    assert (receipt is not None) == told
    assert left is None


async def receive(gateway: Gateway) -> None:
    """Take a fax of two pages, of which the second is damaged."""
    store = gateway.store
    call = IncomingCall(NUMBER, "+48221000001")
    fax = await store.start_received("answerer", call.called, call.caller, [OFFICE], START)
    await store.add_received_page(fax, PAGES[0], PageQuality(100, 0, 0), PageVerdict.MCF)
    await store.add_received_page(fax, PAGES[1], PageQuality(100, 7, 3), PageVerdict.MCF)
    report = replace(CALL, remote_identity="+48 22 100 00 01")
    await store.end_received(fax, report, START)


async def test_a_received_fax_reaches_its_mailbox(tmp_path: Path) -> None:
    """A fax in the store becomes a mail with a PDF, sent in the postmaster's name."""
    async with running(tmp_path) as gateway:
        await receive(gateway)
        await gateway.worker.deliver_due()
        fax = gateway.read(OFFICE)

    assert fax is not None
    assert fax["Subject"] == "Fax from +48 22 100 00 01, 2 pages"
    assert fax["Return-Path"] == "<postmaster@example.org>"
    assert "7 of 100 rows on page 2 damaged" in text(fax)
    assert [a.get_content_type() for a in fax.iter_attachments()] == ["application/pdf"]


class RefusesOffice:
    """Takes every mail but those for one address."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Take or refuse."""
        if to == OFFICE:
            raise PermanentFailure("550 5.1.1 nobody here")
        self.taken.append((envelope_from, to, message))


async def test_a_fax_that_cannot_be_delivered_reaches_the_postmaster(tmp_path: Path) -> None:
    """What is given up is told to a person, once, under the null sender."""
    transport = RefusesOffice()
    async with running(tmp_path, transport) as gateway:
        await receive(gateway)
        await gateway.worker.deliver_due()
        await gateway.worker.deliver_due()
    ((envelope_from, to, notice),) = transport.taken

    assert (envelope_from, to) == ("", "postmaster@example.org")
    assert b"550 5.1.1 nobody here" in notice
    assert OFFICE.encode() in notice
