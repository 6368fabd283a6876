"""A real Postfix as the next hop, and in front of the gateway."""

from __future__ import annotations

import asyncio
import base64
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateway.clock import SettableClock
from gateway.config.mail import Dkim, MailOut, Smarthost
from gateway.config.model import Config
from gateway.mailout import DeliveryWorker, build_transport
from gateway.outgoing import Composer
from gateway.store import Store
from modems.terminal import PageQuality, PageVerdict
from tests.gateway.mailout import postfix
from tests.gateway.mailout.faulty import Break, wire
from tests.gateway.mailout.postfix import Postfix
from tests.gateway.report.sheets import sheet
from tests.gateway.running import RunningGateway, until
from tests.gateway.store.samples import call_report

START = datetime(2026, 11, 23, 6, tzinfo=UTC)
DOMAIN = "fax.localhost"
KEY = rsa.generate_private_key(65537, 2048)
LARGE = 6000  # rows of ragged pels, for a mail of some 100 kB


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    """A running Postfix."""
    with postfix.running() as started:
        yield started


@dataclass
class Gateway:
    """A store with received faxes, and a worker that mails them."""

    store: Store
    clock: SettableClock
    worker: DeliveryWorker
    key: rsa.RSAPrivateKey
    faxes: int = 0

    async def receive(self, *to: str) -> None:
        """Owe a fax of two pages."""
        line, called, caller = "isdn", "+48222000002", "+48221000001"
        fax = await self.store.start_received(line, called, caller, to, self.clock.now())
        for number in (1, 2):
            page = sheet(number, height=LARGE)
            await self.store.add_received_page(fax, page, PageQuality(LARGE, 0, 0), PageVerdict.MCF)
        await self.store.end_received(fax, call_report(), self.clock.now())
        self.faxes = fax

    async def states(self) -> dict[str, tuple[str, int]]:
        """By address: how the newest fax's delivery stands, and the tries."""
        return {d.to: (d.state, d.tries) for d in await self.store.deliveries(self.faxes)}

    def dns(self, name: bytes, timeout: int = 5) -> bytes:
        """The public key, as a verifier finds it."""
        public = self.key.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


@asynccontextmanager
async def gateway(folder: Path, port: int, **transport: Any) -> AsyncIterator[Gateway]:
    """A gateway without lines, whose mail leaves through that port."""
    key = KEY
    pem = folder / "dkim.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    settings = MailOut(
        sender=f"fax@{DOMAIN}",
        transport=Smarthost(host="localhost", port=port, **{"tls": "none", **transport}),
        postmaster="postmaster@example.org",
        dkim=Dkim(domain=DOMAIN, selector="fax", key=pem),
    )
    config = Config(domain=DOMAIN, state=folder, mail=settings)
    store = await Store.open(
        f"sqlite:///{folder}/faxgate.db", domain=DOMAIN, postmaster=settings.postmaster
    )
    carrier, clock = build_transport(settings, DOMAIN), SettableClock(START)
    composer = Composer(store, config, carrier, lambda: config.targets)
    worker = DeliveryWorker(
        *(store, carrier, composer, clock, settings),
        lambda event, **fields: None,  # noqa: ARG005 - nobody watches
    )
    try:
        yield Gateway(store, clock, worker, key)
    finally:
        await store.close()


def parsed(raw: bytes) -> EmailMessage:
    """A mail as its reader's program sees it."""
    return message_from_bytes(raw, policy=policy.default)


def pdf_of(raw: bytes) -> bytes:
    """The octets of the fax."""
    (part,) = parsed(raw).iter_attachments()
    return cast(bytes, part.get_content())


def content(raw: bytes) -> bytes:
    """A mail without what servers have written above it."""
    return raw[raw.index(b"DKIM-Signature:") :]


async def arrived(server: Postfix, box: str, count: int = 1) -> list[bytes]:
    """The mails of a mailbox, when so many are there."""
    return await asyncio.to_thread(server.mails, box, count)


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
async def test_a_fax_passes_unharmed(server: Postfix, tmp_path: Path, tls: str) -> None:
    """Over each kind of TLS the signature verifies, and the PDF is the one that was sent."""
    box = f"anna-{tls}"
    secure = {} if tls == "none" else {"ca": server.ca}
    port = server.tls_port if tls == "implicit" else server.port
    async with gateway(tmp_path, port, tls=tls, **secure) as ours:
        await ours.receive(f"{box}@example.org")
        await ours.worker.deliver_due()
        (raw,) = await arrived(server, box)

        assert dkim.verify(raw, dnsfunc=ours.dns)
        assert not dkim.verify(raw.replace(b"Fax", b"Spam", 1), dnsfunc=ours.dns)
        assert pdf_of(raw).startswith(b"%PDF-")
        assert b"%%EOF" in pdf_of(raw)[-10:]
        assert parsed(raw)["Return-Path"] == "<postmaster@example.org>"
        assert (b"(using TLS" in raw) is (tls != "none")


async def test_a_certificate_of_somebody_else_is_not_believed(
    server: Postfix, tmp_path: Path
) -> None:
    """The fax waits, and says why."""
    async with gateway(tmp_path, server.port, tls="starttls") as ours:
        await ours.receive("nobody@example.org")
        await ours.worker.deliver_due()
        (delivery,) = await ours.store.deliveries(1)

    assert delivery.state == "queued"
    assert "CERTIFICATE_VERIFY_FAILED" in delivery.error
    assert server.box("nobody") == []


async def test_an_address_beyond_ascii(server: Postfix, tmp_path: Path) -> None:
    """SMTPUTF8 on the wire, and the name in To."""
    async with gateway(tmp_path, server.port) as ours:
        await ours.receive("żółć@example.org")
        await ours.worker.deliver_due()
        (raw,) = await arrived(server, "żółć")

        assert "UTF8SMTP" in raw.decode()
        assert "To: żółć@example.org" in raw.decode()
        assert dkim.verify(raw, dnsfunc=ours.dns)


async def test_a_greylist_delays_and_loses_nothing(server: Postfix, tmp_path: Path) -> None:
    """The first try is put off with the server's words, the second delivers, once."""
    async with gateway(tmp_path, server.port) as ours:
        await ours.receive("patient@example.org")
        await ours.worker.deliver_due()
        (first,) = await ours.store.deliveries(1)
        assert await ours.states() == {"patient@example.org": ("queued", 1)}
        assert "450 4.2.0" in first.error
        assert "greylisted, come back later" in first.error

        ours.clock.advance(timedelta(hours=1))
        await ours.worker.deliver_due()
        assert await ours.states() == {"patient@example.org": ("sent", 2)}
        await arrived(server, "patient")

    assert len(server.box("patient")) == 1


async def test_who_is_not_there_is_told_to_the_postmaster(server: Postfix, tmp_path: Path) -> None:
    """A 5yz ends that delivery alone; a full mailbox is for later."""
    async with gateway(tmp_path, server.port) as ours:
        await ours.receive("gone@example.org", "full@example.org", "here@example.org")
        for _ in range(2):  # the notice is owed when the delivery has failed
            await ours.worker.deliver_due()
        told = parsed((await arrived(server, "postmaster"))[0])

        assert await ours.states() == {
            "gone@example.org": ("failed", 1),
            "full@example.org": ("queued", 1),
            "here@example.org": ("sent", 1),
        }
    assert "gone@example.org" in told.get_content()
    assert "550 5.1.1" in told.get_content()
    assert len(server.box("here")) == 1


async def test_a_bounce_comes_back_to_a_person(server: Postfix, tmp_path: Path) -> None:
    """What Postfix has taken and cannot deliver goes to the postmaster, never to nobody."""
    before = len(server.box("postmaster"))
    async with gateway(tmp_path, server.port) as ours:
        await ours.receive("lost@elsewhere.example")
        await ours.worker.deliver_due()
        assert await ours.states() == {"lost@elsewhere.example": ("sent", 1)}
        bounce = parsed((await arrived(server, "postmaster", before + 1))[-1])

    assert bounce.get_content_type() == "multipart/report"
    assert "lost@elsewhere.example" in bounce.as_string()


@pytest.mark.parametrize("where", Break)
async def test_a_wire_that_breaks(server: Postfix, tmp_path: Path, where: Break) -> None:
    """Nothing is lost; a mail comes twice only where nobody can know, and is the same mail then."""
    box, copies = f"broken-{where.name.lower()}", 2 if where is Break.AFTER_DOT else 1
    async with (
        wire(server.port, where) as port,
        gateway(tmp_path, port, timeout=timedelta(seconds=1)) as ours,
    ):
        await ours.receive(f"{box}@example.org")
        await ours.worker.deliver_due()
        assert await ours.states() == {f"{box}@example.org": ("queued", 1)}

        ours.clock.advance(timedelta(hours=1))
        await ours.worker.deliver_due()
        assert await ours.states() == {f"{box}@example.org": ("sent", 2)}
        mails = await arrived(server, box, copies)

    assert len(server.box(box)) == copies
    assert len({parsed(raw)["Message-ID"] for raw in mails}) == 1
    assert len({pdf_of(raw) for raw in mails}) == 1
    assert len({content(raw).partition(b"\r\n\r\n")[2] for raw in mails}) == 1


def order(number: str) -> EmailMessage:
    """A mail to be faxed, with eight bits in it."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = "sender@example.org", f"{number}@{DOMAIN}"
    message["Subject"], message["Message-ID"] = "Zamówienie", "<order-1@example.org>"
    message.set_content("Zażółć gęślą jaźń\n", cte="8bit")
    return message


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_postfix_in_front_and_behind(server: Postfix, tmp_path: Path) -> None:
    """What a client asks of Postfix (NOTIFY, ORCPT, ENVID) comes back through it in the receipt."""
    ours = RunningGateway(tmp_path)
    config = ours.config.read_text().replace(f"port: {ours.port}", f"port: {server.gateway}")
    maildir = f"{{type: maildir, directory: {tmp_path}/mail}}"
    out = f"{{type: smarthost, host: localhost, port: {server.port}, tls: none}}"
    assert maildir in config
    ours.config.write_text(config.replace(maildir, out))
    with ours.started() as events:
        with smtplib.SMTP("localhost", server.port, timeout=20) as client:
            client.send_message(
                order("+48222000002"),
                mail_options=["BODY=8BITMIME", "RET=HDRS", "ENVID=order-1"],
                rcpt_options=["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;fax+2Dwarsaw@example.org"],
            )
        until(events, "fax received")
        (receipt,) = await arrived(server, "sender")
        (fax,) = await arrived(server, "office")

    report = parsed(receipt).as_string()
    assert parsed(receipt)["Return-Path"] == "<>"
    assert parsed(receipt)["In-Reply-To"] == "<order-1@example.org>"
    assert "Original-Envelope-Id: order-1" in report
    assert "Original-Recipient: rfc822; fax-warsaw@example.org" in report
    assert "Action: delivered" in report
    assert pdf_of(fax).startswith(b"%PDF-")
