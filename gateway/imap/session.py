"""One session with somebody's IMAP server: log in, open a folder, look for a mail, put one there.

Every answer is waited for within the limit of the configuration. Whose fault it was decides what a
failure means: what the server says against the mail itself (too big, can never be) is permanent;
everything else (no connection, no trust, our password, a full mailbox) somebody can mend, so it is
temporary, for a received fax must not be lost over it. Failures carry the server's words.

RFC 3501; RFC 8314 (TLS from the first octet); RFC 5530 and 7889 (response codes).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Final

from aioimaplib.aioimaplib import IMAP4, AioImapException

from gateway.config.imap import ImapServer
from gateway.imap.wire import LARGEST_ANSWER, Wire
from gateway.imap.words import mailbox, quoted, said
from gateway.mailout.transport import DeliveryError, PermanentFailure, TemporaryFailure

SLOWEST: Final = 16_000.0  # octets/s; a line slower than this is given up
FAREWELL: Final = 5.0  # s for the answer to LOGOUT, which changes nothing any more
NEVER: Final = 1e6  # s; the library's own limit, which ours is always within
_FOR_EVER = re.compile(r"\[(?:TOOBIG|CANNOT)\b", re.IGNORECASE)


class Session:
    """A session that has logged in. It is its owner's alone: one command at a time."""

    def __init__(self, client: Client, name: str, seconds: float) -> None:
        """`name` is the server's, for failures; `seconds` the longest wait for an answer."""
        self._client = client
        self._name = name
        self._seconds = seconds

    async def begin(self, user: str, password: str) -> None:
        """Wait for the greeting, and log in."""
        await self._answer(self._client.wait_hello_from_server(), self._seconds)
        await self._ok("the login", self._client.login(quoted(user), password))

    async def open(self, folder: str) -> None:
        """Select a folder; make it, and let mail programs show it, where it is missing."""
        name = mailbox(folder)
        selected = await self._answer(self._client.select(name), self._seconds)
        if selected.result != "OK":
            await self._ok(f"the folder {folder!r}", self._client.create(name))
            await self._answer(self._client.subscribe(name), self._seconds)
            await self._ok(f"the folder {folder!r}", self._client.select(name))

    async def holds(self, message_id: str) -> bool:
        """Whether the open folder has a mail of this Message-ID."""
        asked = ("HEADER", "Message-ID", quoted(message_id))
        answer = await self._ok("the search", self._client.search(*asked, charset=None))
        return any(word.isdigit() for line in answer.lines[:-1] for word in bytes(line).split())

    async def append(self, folder: str, message: bytes, flags: Sequence[str], at: datetime) -> None:
        """Put a mail (CRLF) into a folder; `at` is when it came (INTERNALDATE)."""
        name, marks = mailbox(folder), f"({' '.join(flags)})" if flags else None
        seconds = self._seconds + len(message) / SLOWEST
        await self._ok("the mail", self._client.append(message, name, marks, at), seconds)

    async def end(self) -> None:
        """Say goodbye, to whoever still listens."""
        with suppress(DeliveryError):
            await self._answer(self._client.logout(), FAREWELL)

    async def _ok(self, what: str, asked: Awaitable[Any], seconds: float = 0.0) -> Any:
        answer = await self._answer(asked, seconds or self._seconds)
        if answer.result == "OK":
            return answer
        words = said(answer.lines)
        failure = PermanentFailure if _FOR_EVER.search(words) else TemporaryFailure
        raise failure(f"{self._name} refused {what}: {words or answer.result}")

    async def _answer(self, asked: Awaitable[Any], seconds: float) -> Any:
        """What the library answers, unless the connection or our patience ends first."""
        wire = self._client.wire
        wire.allowance = LARGEST_ANSWER
        answer = asyncio.ensure_future(asked)
        try:
            await asyncio.wait({answer, wire.lost}, timeout=seconds, return_when="FIRST_COMPLETED")
            if answer.done():
                return answer.result()
            lost = wire.lost.result() if wire.lost.done() else f"no answer within {seconds:.1f} s"
            raise TemporaryFailure(f"{self._name}: {lost}")
        except (AioImapException, OSError) as error:
            raise TemporaryFailure(f"{self._name}: {error}") from error
        finally:
            if not answer.done():
                await wire.close()  # first, or the library waits for a lock that its greeting holds
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)


class Client(IMAP4):  # type: ignore[misc]
    """The library's client over our wire."""

    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Begin to connect."""
        loop = loop or asyncio.get_running_loop()
        self.protocol = self.wire = Wire(loop, conn_lost_cb)
        connecting = loop.create_connection(lambda: self.wire, host, port, ssl=ssl_context)
        self._client_task = loop.create_task(connecting)

    async def discard(self) -> None:
        """Leave no task and no connection behind."""
        self._client_task.cancel()
        await asyncio.gather(self._client_task, return_exceptions=True)
        await self.wire.close()


@asynccontextmanager
async def connected(server: ImapServer) -> AsyncIterator[Session]:
    """A session that has logged in. Raises TemporaryFailure."""
    name = f"{server.host}:{server.port}"
    try:
        context = await asyncio.to_thread(_trust, server)
    except OSError as error:
        raise TemporaryFailure(f"{server.ca}: {error.strerror or error}") from error
    client = Client(server.host, server.port, timeout=NEVER, ssl_context=context)
    session = Session(client, name, server.timeout.total_seconds())
    try:
        await session.begin(server.user, server.password)
        yield session
        await session.end()
    finally:
        await client.discard()


def _trust(server: ImapServer) -> ssl.SSLContext | None:
    """Whom we believe; reading the authorities takes milliseconds."""
    if server.tls == "none":
        return None
    context = ssl.create_default_context(cafile=server.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
