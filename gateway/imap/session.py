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
from gateway.imap.words import mailbox, quoted, spoken
from gateway.mailout.transport import DeliveryError, PermanentFailure, TemporaryFailure

SLOWEST: Final = 16_000.0  # octets/s; a line slower than this is given up
LONGEST_IDLE: Final = 1500.0  # s; servers end one of 30 minutes (RFC 2177)
FAREWELL: Final = 5.0  # s for the answer to LOGOUT, which changes nothing any more
NEVER: Final = 1e6  # s; the library's own limit, which ours is always within
_SEPARATOR = re.compile(rb'\([^)]*\) "\\?([^"])" ')
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d{1,10})\]", re.IGNORECASE)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})", re.IGNORECASE)
_FOR_EVER = re.compile(r"\[(?:TOOBIG|CANNOT)\b", re.IGNORECASE)


class Session:
    """A session that has logged in. It is its owner's alone: one command at a time."""

    def __init__(self, client: Client, name: str, seconds: float) -> None:
        """`name` is the server's, for failures; `seconds` the longest wait for an answer."""
        self._client = client
        self._name = name
        self._seconds = seconds
        self._separator = "/"

    @property
    def is_lost(self) -> bool:
        """Whether no more answers can come."""
        return self._client.wire.lost.done()

    async def begin(self, user: str, password: str) -> None:
        """Wait for the greeting, and log in."""
        await self._answer(self._client.wait_hello_from_server(), self._seconds)
        await self._ok("the login", self._client.login(quoted(user), password))
        listed = await self._ok("the list of folders", self._client.list('""', '""'))
        found = _SEPARATOR.search(b" ".join(map(bytes, listed.lines)))
        self._separator = found[1].decode() if found else "/"

    async def open(self, folder: str) -> int:
        """Select a folder; make it, and let mail programs show it, where it is missing.

        Returns its UIDVALIDITY: while that stays the same, a UID means the same mail.
        """
        name = self._mailbox(folder)
        selected = await self._answer(self._client.select(name), self._seconds)
        if selected.result != "OK":
            await self._ok(f"the folder {folder!r}", self._client.create(name))
            await self._answer(self._client.subscribe(name), self._seconds)
            selected = await self._ok(f"the folder {folder!r}", self._client.select(name))
        validity = _VALIDITY.search(b" ".join(map(bytes, selected.lines)))
        return int(validity[1]) if validity else 0

    async def holds(self, message_id: str) -> bool:
        """Whether the open folder has a mail of this Message-ID."""
        asked = ("HEADER", "Message-ID", quoted(message_id))
        answer = await self._ok("the search", self._client.search(*asked, charset=None))
        return any(word.isdigit() for line in answer.lines[:-1] for word in bytes(line).split())

    async def append(self, folder: str, message: bytes, flags: Sequence[str], at: datetime) -> None:
        """Put a mail (CRLF) into a folder; `at` is when it came (INTERNALDATE)."""
        name, marks = self._mailbox(folder), f"({' '.join(flags)})" if flags else None
        seconds = self._seconds + len(message) / SLOWEST
        answer = await self._answer(self._client.append(message, name, marks, at), seconds)
        if answer.result != "OK":
            final = _FOR_EVER.search(spoken(answer.lines))
            failure = PermanentFailure if final else TemporaryFailure
            raise failure(self._refused("the mail", answer))

    async def uids(self) -> list[int]:
        """The UIDs of the mails in the open folder that nobody has marked deleted."""
        answer = await self._ok("the search", self._client.uid_search("UNDELETED", charset=None))
        words = [word for line in answer.lines[:-1] for word in bytes(line).split()]
        return sorted(int(word) for word in words if word.isdigit())

    async def size(self, uid: int) -> int | None:
        """Octets of a mail; None where it is gone."""
        answer = await self._ok("the mail", self._client.uid("fetch", str(uid), "(RFC822.SIZE)"))
        found = _SIZE.search(b" ".join(map(bytes, answer.lines)))
        return int(found[1]) if found else None

    async def fetch(self, uid: int, size: int) -> bytes | None:
        """A mail of so many octets, still unread; None where it is gone."""
        asked = self._client.uid("fetch", str(uid), "(BODY.PEEK[])")
        seconds = self._seconds + size / SLOWEST
        answer = await self._ok("the mail", asked, seconds, LARGEST_ANSWER + 2 * size)
        return next((bytes(part) for part in answer.lines if isinstance(part, bytearray)), None)

    async def move(self, uid: int, folder: str) -> None:
        """Move a mail of the open folder to another, which is there (RFC 6851, or as before it)."""
        name, client = self._mailbox(folder), self._client
        if client.has_capability("MOVE"):
            await self._ok("the move", client.uid("move", str(uid), name))
            return
        await self._ok("the move", client.uid("copy", str(uid), name))
        await self._ok("the move", client.uid("store", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
        await self._ok("the move", client.expunge())

    async def learn(self) -> None:
        """Ask what the server can do for who has logged in."""
        await self._answer(self._client.protocol.capability(), self._seconds)

    async def watch(self, seconds: float) -> None:
        """Wait until the server tells of something in the open folder, or so long (RFC 2177)."""
        if not self._client.has_capability("IDLE"):
            await asyncio.sleep(seconds)
            return
        idle = await self._answer(self._client.idle_start(NEVER), self._seconds)
        news = asyncio.ensure_future(self._client.wire.idle_queue.get())
        try:
            await asyncio.wait(
                {news, self._client.wire.lost},
                timeout=min(seconds, LONGEST_IDLE),
                return_when="FIRST_COMPLETED",
            )
        finally:
            news.cancel()
        self._client.idle_done()
        await self._answer(idle, self._seconds)

    def _mailbox(self, folder: str) -> str:
        return mailbox(folder, self._separator)

    async def end(self) -> None:
        """Say goodbye, to whoever still listens."""
        with suppress(DeliveryError):
            await self._answer(self._client.logout(), FAREWELL)

    async def _ok(
        self,
        what: str,
        asked: Awaitable[Any],
        seconds: float = 0.0,
        allowance: int = LARGEST_ANSWER,
    ) -> Any:
        answer = await self._answer(asked, seconds or self._seconds, allowance)
        if answer.result == "OK":
            return answer
        raise TemporaryFailure(self._refused(what, answer))

    def _refused(self, what: str, answer: Any) -> str:
        return f"{self._name} refused {what}: {spoken(answer.lines) or answer.result}"

    async def _answer(
        self, asked: Awaitable[Any], seconds: float, allowance: int = LARGEST_ANSWER
    ) -> Any:
        """What the library answers, unless the connection or our patience ends first."""
        wire = self._client.wire
        wire.allowance = allowance
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
        tasks = [self._client_task, *self.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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
