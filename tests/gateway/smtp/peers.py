"""The two sides of a mail server in tests: a store that keeps mails in a list, and a client."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from gateway.address import Directory, Refusal
from gateway.admission.gate import Gate
from gateway.admission.policy import Policy
from gateway.admission.senders import Senders
from gateway.admission.token import Token
from gateway.clock import SettableClock
from gateway.config.model import Listener, Smtp
from gateway.config.sending import Rule, Tariff
from gateway.smtp import MailServer
from gateway.store.records import NewMail

DOMAIN = "fax.example.com"
NUMBER = f"+48222000002@{DOMAIN}"
NOW = datetime(2026, 11, 23, 6, 12, tzinfo=UTC)
PATIENCE = 10.0  # s; a test that waits longer has failed


class Shelf:
    """Keeps mails; `hold` makes it wait, `fault` makes it fail."""

    def __init__(self) -> None:
        self.mails: list[NewMail] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.begun = asyncio.Event()
        self.fault: Exception | None = None
        self.letters: list[bytes] = []
        self.confirmed: list[tuple[int, str]] = []
        self.junked: list[tuple[int, str]] = []

    async def accept(self, mail: NewMail, now: datetime) -> int:
        """Number of the mail, from 1."""
        assert now == NOW
        self.begun.set()
        await self.hold.wait()
        if self.fault is not None:
            raise self.fault
        self.mails.append(mail)
        return len(self.mails)

    async def forward(self, raw: bytes, now: datetime) -> int:
        """Keep a mail for the postmaster."""
        assert now == NOW
        await self.hold.wait()
        if self.fault is not None:
            raise self.fault
        self.letters.append(raw)
        return len(self.letters)

    async def junk(self, token: Token, address: str, now: datetime) -> str | Refusal:
        """Note who calls the caller of which fax junk."""
        assert now == NOW
        if self.fault is not None:
            raise self.fault
        self.junked.append((token.recipient, address))
        return "+481"

    async def confirm(self, token: Token, user: str, now: datetime) -> datetime | Refusal:
        """Note who confirms what."""
        self.confirmed.append((token.recipient, user))
        return now


class Talk:
    """A client that says exactly what it is told, and hears one answer at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def write(self, octets: bytes | str) -> None:
        """Send octets as they are."""
        self._writer.write(octets if isinstance(octets, bytes) else octets.encode())

    async def answer(self, patience: float = PATIENCE) -> str:
        """The next answer; the lines of a longer one with a line feed between. "" at the end."""
        lines: list[str] = []
        async with asyncio.timeout(patience):
            while True:
                line = (await self._reader.readline()).decode().rstrip("\r\n")
                lines.append(line)
                if line[3:4] != "-":
                    return "\n".join(lines)

    async def say(self, *lines: str) -> list[str]:
        """Send lines, each after the answer to the one before."""
        answers = []
        for line in lines:
            self.write(line + "\r\n")
            answers.append(await self.answer())
        return answers

    async def mail(self, message: bytes, *recipients: str, sender: str = "a@b.c") -> str:
        """Hand in a message; the answer to its final dot."""
        await self.say(f"MAIL FROM:<{sender}>")
        await self.say(*(f"RCPT TO:<{r}>" for r in recipients or (NUMBER,)))
        await self.say("DATA")
        self.write(message + b"\r\n.\r\n")
        return await self.answer()

    async def starttls(self, context: ssl.SSLContext) -> None:
        """Change to TLS after a 220."""
        await self._writer.start_tls(context, server_hostname="localhost")

    async def ended(self, patience: float = PATIENCE) -> list[str]:
        """Every answer until the server closes."""
        async with asyncio.timeout(patience):
            octets = await self._reader.read()
        return octets.decode("utf-8", "replace").split("\r\n")[:-1]

    def stop_reading(self) -> None:
        """Let the answers pile up."""
        transport = self._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()

    def half_close(self) -> None:
        """Say that nothing more will come, and go on listening."""
        self._writer.write_eof()

    def reset(self) -> None:
        """Break the connection: SO_LINGER 0 makes the close a RST."""
        transport = self._writer.transport
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        transport.abort()

    def close(self) -> None:
        """Go without a word."""
        self._writer.transport.abort()


def settings(**given: Any) -> Smtp:
    """A server on a free port that lets this machine send."""
    plain: dict[str, Any] = {
        "listen": (Listener(port=0),),
        "networks": ("127.0.0.0/8",),
        "hostname": "mx.example.com",
        "max_size": 1_000_000,
    }
    return Smtp(**plain | given)


def open_gate(config: Smtp) -> Gate:
    """Whoever is known may send anything; a From address says nothing."""
    policy = Policy((Rule(name="all"),), (), Tariff(), "PL", None)
    return Gate(Senders(config.networks, ()), policy)


@asynccontextmanager
async def serving(
    shelf: Shelf,
    config: Smtp | None = None,
    directory: Directory | None = None,
    gate: Gate | None = None,
    postmaster: str = "",
    is_full: Callable[[], bool] = bool,
) -> AsyncIterator[MailServer]:
    """A running server."""
    config = config or settings()
    directory = directory or Directory(DOMAIN, "PL")
    clock, gate = SettableClock(NOW), gate or open_gate(config)
    server = MailServer(config, directory, gate, shelf, clock, postmaster, is_full)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(grace=1.0)


@asynccontextmanager
async def talking(
    server: MailServer, *, listener: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Talk]:
    """A client that has heard the greeting and said EHLO."""
    async with connected(server, listener=listener, tls=tls) as talk:
        assert (await talk.answer()).startswith("220 mx.example.com ESMTP")
        await talk.say("EHLO client.example.org")
        yield talk


@asynccontextmanager
async def connected(
    server: MailServer, *, listener: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Talk]:
    """A client that has said nothing yet."""
    reader, writer = await asyncio.open_connection(
        *server.addresses[listener],
        ssl=tls,
        server_hostname="localhost" if tls else None,
        limit=2**20,
    )
    talk = Talk(reader, writer)
    try:
        yield talk
    finally:
        talk.close()


def codes(answers: Sequence[str]) -> list[str]:
    """The reply codes with their enhanced codes."""
    return [" ".join(answer.split("\n")[-1].split(" ")[:2]) for answer in answers]
