"""A client from its arrival to its leave: what holds whatever it says.

aiosmtpd reads command lines, keeps their limits and changes to TLS. The end of a connection is not
left to it: here it always says why (421), and it comes for certain, even when the client does not
read. Every answer passes `push`, which sees to enhanced status codes, to clients that only make
errors, and to the others' share of the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import defaultdict
from dataclasses import dataclass
from typing import AnyStr, Final

from aiosmtpd.smtp import SMTP

from gateway.smtp import reply
from gateway.smtp.body import PIECE
from gateway.smtp.desk import Desk, log
from gateway.smtp.reply import Reply, with_status
from gateway.smtp.transaction import Client

LONGEST_COMMAND: Final = 2048  # octets; RFC 5321 wants 512, RFC 3461 4.2 500 more
LONGEST_AUTH: Final = 12_288  # octets (RFC 4954 4)
MOST_ERRORS: Final = 100  # answers of 4xx and 5xx to one client
HANDSHAKE: Final = 15.0  # s for a client that begins in TLS
FAREWELL: Final = 5.0  # s in which a client may fetch our last words
# What only other protocols begin with: HTTP, for a page in a browser may post lines of SMTP from
# inside one of our networks; and what a proxy would tell us of the client, which we believe nobody.
FOREIGN: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE")
FOREIGN_HEADS: Final = ("PRI", "PROXY", "HOST:", "USER-AGENT:", "CONTENT-LENGTH:", "CONTENT-TYPE:")
#              command  at most so often in one connection
CALLS: Final = {"NOOP": 100, "HELP": 20, "VRFY": 20, "EXPN": 20, "AUTH": 20, "*": 10_000}

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd's; we log the decisions


@dataclass(frozen=True, slots=True)
class Door:
    """What a connection must know of the listener that it came in by."""

    starttls: ssl.SSLContext | None  # offered
    implicit: ssl.SSLContext | None  # spoken from the first octet
    is_local: bool  # only this machine can reach it, so passwords may come in the clear


class Guest(SMTP):
    """One connection without its commands; `guests` is everybody who is here."""

    line_length_limit = PIECE  # aiosmtpd makes it the StreamReader's limit

    def __init__(self, desk: Desk, door: Door, guests: set[Guest]) -> None:
        self._desk = desk
        self._door = door
        self._guests = guests
        self._client = Client("")
        self._errors = 0
        self._in_data = False
        self._closing = False  # the gateway stops
        self._parted = False  # our last word is said
        self._socket: asyncio.Transport | None = None  # below TLS, if there is any
        self._handshake: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()
        super().__init__(
            None,
            hostname=desk.hostname,
            ident="ESMTP Faxgate",
            enable_SMTPUTF8=True,
            tls_context=door.starttls,
            timeout=desk.timeout,
            command_call_limit=CALLS,
            loop=asyncio.get_running_loop(),
        )
        for word in (*FOREIGN, *FOREIGN_HEADS):
            self._smtp_methods[word] = self._not_smtp
        # aiosmtpd keeps these in its class, for all connections together.
        self.command_size_limits = defaultdict(lambda: LONGEST_COMMAND, AUTH=LONGEST_AUTH)
        self.command_size_limit = LONGEST_COMMAND

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once for the connection and once more after STARTTLS.

        A client is counted before the first octet of TLS: half a handshake is a guest as well.
        """
        assert isinstance(transport, asyncio.Transport)
        if self in self._guests:
            self._begin(transport)
            return
        peer = transport.get_extra_info("peername")
        self._client = Client(peer[0] if peer else "")
        refusal = self._desk.crowd.enter(self._client.address)
        if refusal is not None:
            self._turn_away(transport, refusal)
            return
        self._guests.add(self)
        self._socket = transport
        if self._door.implicit is None:
            self._begin(transport)
        else:
            self._handshake = self.loop.create_task(self._shake_hands(self._door.implicit))

    async def _shake_hands(self, context: ssl.SSLContext) -> None:
        assert self._socket is not None
        transport: asyncio.Transport | None = None
        cause = "the client left"
        try:
            transport = await self.loop.start_tls(
                self._socket, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE
            )
        except OSError as error:  # ssl.SSLError, ConnectionError and TimeoutError are
            cause = str(error)
        if transport is not None and not transport.is_closing():
            self._begin(transport)
            return
        log.info("client.no_tls", client=self._client.address, cause=cause)
        self.abort()
        self._leave()

    def _begin(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._client = Client(self._client.address, may_log_in=self._may_log_in)
        assert self._handler_coroutine is not None
        self._handler_coroutine.add_done_callback(_forget_outcome)

    def _leave(self) -> None:
        if self in self._guests:
            self._guests.discard(self)
            self._desk.crowd.leave(self._client.address)
            self.gone.set()

    def _turn_away(self, transport: asyncio.Transport, refusal: Reply) -> None:
        log.warning("client.refused", client=self._client.address, reply=str(refusal))
        self._part(transport, str(refusal), talkative=True)

    def data_received(self, data: bytes) -> None:
        """From a client that we parted with, octets are taken and dropped."""
        if not self._parted:
            super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """The transport is gone."""
        known = self in self._guests
        self._leave()
        if known and self.session is not None:
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """The client will say no more; a mail that is being stored is stored all the same."""
        return False if self._parted or self.session is None else super().eof_received()

    async def _not_smtp(self, arg: str | None) -> None:  # noqa: ARG002 - aiosmtpd's shape
        log.warning("client.no_smtp", client=self._client.address)
        self._hang_up(reply.NOT_SMTP)
        await self.gone.wait()  # what follows is not looked at

    def show_out(self) -> None:
        """The gateway stops: end at once, or as soon as a mail that is coming in has its answer."""
        self._closing = True
        if self.session is None:
            self.abort()
        elif not self._in_data:
            self._hang_up(reply.SHUTTING_DOWN, talkative=False)

    def abort(self) -> None:
        """End without a word."""
        if self._socket is not None:
            self._socket.abort()

    def _timeout_cb(self) -> None:
        log.info("client.timed_out", client=self._client.address)
        self._hang_up(reply.TOO_SLOW, talkative=False)

    def _hang_up(self, last: Reply | str, *, talkative: bool = True) -> None:
        if isinstance(self.transport, asyncio.Transport) and not self._parted:
            self._part(self.transport, str(last), talkative=talkative)

    def _part(self, transport: asyncio.Transport, last: str, *, talkative: bool) -> None:
        """Say the last words, so that they are heard, and end within FAREWELL.

        A socket that is closed while its client is still sending resets the connection, and the
        client may never read what we said. So towards a `talkative` one only our half is closed,
        and the rest of what it sends is dropped until it closes the other.
        """
        self._parted = True
        transport.write(f"{last}\r\n".encode())
        self.loop.call_later(FAREWELL, transport.abort)
        if talkative and transport.can_write_eof():  # TLS cannot half-close
            transport.write_eof()
            transport.resume_reading()
        else:
            transport.close()

    async def push(self, status: AnyStr) -> None:
        """Send one line. Lets others work after each, for a client that pipelines thousands."""
        line = with_status(status if isinstance(status, str) else status.decode())
        if line.startswith("421"):  # aiosmtpd's, for one command too many
            self._hang_up(line)
        await self._push_plain(line)
        await asyncio.sleep(0)
        # Recipients that are put off to another mail are no error (RFC 5321 4.5.3.1.10).
        self._errors += line[0] in "45" and line != str(reply.TOO_MANY_RECIPIENTS)
        if self._errors > MOST_ERRORS:
            log.warning("client.too_many_errors", client=self._client.address)
            self._hang_up(reply.TOO_MANY_ERRORS)

    async def _push_plain(self, line: str) -> None:
        """Send a line that may have no enhanced code: greetings (RFC 2034 4).

        After we parted there is nothing to say: the commands that were pipelined wait here until
        the connection is lost.
        """
        if self._parted:
            await self.gone.wait()
        await super().push(line)

    async def _answer(self, answer: Reply, about: str) -> None:
        if answer.refuses:
            about = about.encode("utf-8", "backslashreplace").decode()
            log.info("refused", client=self._client.address, about=about, reply=str(answer))
        await self.push(str(answer))

    async def handle_exception(self, error: Exception) -> str:
        """A bug of ours; the client hears that it is not its fault."""
        log.error("client.trouble", client=self._client.address, exc_info=error)
        return str(reply.INTERNAL_ERROR)

    @property
    def _is_encrypted(self) -> bool:
        transport = self.transport
        return transport is not None and transport.get_extra_info("ssl_object") is not None

    @property
    def _may_log_in(self) -> bool:
        return self._desk.logins.possible and (self._is_encrypted or self._door.is_local)


def _forget_outcome(task: asyncio.Task[None]) -> None:
    """A connection that broke is no news; without this asyncio would print its traceback."""
    if not task.cancelled():
        task.exception()
