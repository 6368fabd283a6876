"""Notices over channels, by the real Apprise to a server that listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config.mail import Channel
from gateway.mailout.channels import SCHEME, Channels
from gateway.mailout.letter import octets
from gateway.mailout.transport import PermanentFailure, TemporaryFailure
from gateway.report.receipt import short_notice
from gateway.store import Store
from gateway.store.records import MailKind
from gateway.words import Language
from modems.session import Hangup
from tests.gateway.report import samples
from tests.gateway.store.samples import Desk

LEASE = timedelta(minutes=1)
LETTER = octets(
    short_notice(
        samples.failed(Hangup.PHASE_C_TRANSMIT, cause="The call broke."),
        sender="fax@fax.localhost",
        message_id="<r1@fax.localhost>",
        language=Language("pl", samples.WARSAW),
    )
)


class Mails:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.to: list[str] = []

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        self.to.append(to)


@asynccontextmanager
async def web(status: int) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers every request with `status`; its Apprise URL and what it got."""
    got: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        got.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"json://127.0.0.1:{port}/fax", got


@pytest.mark.slow
async def test_a_channel_gets_subject_and_text() -> None:
    """What Apprise sends is what the receipt says first, in the sender's language."""
    async with web(200) as (url, got):
        channels = Channels(Mails(), {"chat": [url]})

        await channels.deliver("", f"{SCHEME}chat", LETTER)

    (told,) = map(json.loads, got)
    assert told["title"].startswith("Faks NIEDOSTARCZONY: +48 22 200 00 02")
    assert "połączenie urwało się podczas wysyłania strony" in told["message"]


@pytest.mark.slow
async def test_a_service_that_refuses_is_tried_again() -> None:
    """Its failure is for later, and says nothing of the URL."""
    async with web(503) as (url, _):
        channels = Channels(Mails(), {"chat": [url]})

        with pytest.raises(TemporaryFailure) as caught:
            await channels.deliver("", f"{SCHEME}chat", LETTER)

    assert url not in str(caught.value)


@pytest.mark.slow
async def test_a_url_that_nobody_knows_is_given_up() -> None:
    """No try would make it better."""
    with pytest.raises(PermanentFailure, match="does not know"):
        await Channels(Mails(), {"chat": ["nonsense"]}).deliver("", f"{SCHEME}chat", LETTER)


async def test_a_channel_that_is_gone_is_given_up() -> None:
    """The administrator has taken it out of the file."""
    with pytest.raises(PermanentFailure, match="channel:chat"):
        await Channels(Mails(), {}).deliver("", f"{SCHEME}chat", LETTER)


async def test_all_other_letters_are_mails() -> None:
    """An address without the scheme goes to the mail server."""
    mails = Mails()
    await Channels(mails, {"chat": ["json://x"]}).deliver("", "jan@example.org", LETTER)

    assert mails.to == ["jan@example.org"]


@pytest.mark.parametrize(
    ("senders", "sender", "told"),
    [
        ((), "anybody@example.org", True),
        (("example.org",), "jan@Example.org", True),
        (("Jan@example.org",), "jan@example.org", True),
        (("example.org",), "jan@sub.example.org", False),
    ],
)
def test_whose_faxes_a_channel_tells_of(senders: tuple[str, ...], sender: str, told: bool) -> None:
    """An address or the very domain; everybody's where none is named."""
    assert Channel(name="chat", senders=senders, urls=("json://x",)).is_for(sender) == told


async def test_notices_are_owed_with_the_receipt(tmp_path: Path) -> None:
    """One commit: neither can be lost without the other."""
    store = await Store.open(
        f"sqlite+aiosqlite:///{tmp_path}/store.db", channels=lambda _: [f"{SCHEME}chat"]
    )
    try:
        desk = Desk(store)
        await desk.accept("+48229999999")
        assert await desk.store.cancel(1, desk.now)
        owed = [await store.next_mail(desk.now, LEASE) for _ in range(2)]
    finally:
        await store.close()

    assert {(mail.kind, mail.to) for mail in owed if mail} == {
        (MailKind.RECEIPT, "sender@example.org"),
        (MailKind.CHANNEL, f"{SCHEME}chat"),
    }
