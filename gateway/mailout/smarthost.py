"""Mail out through another mail server, by SMTP submission.

One connection a mail: the volume of a fax gateway does not pay for a pool, and nothing is left
half open. A mail counts as delivered when the server has answered 250 to its content, never
before; what follows that answer can no longer fail it.

Who must act decides what a refusal means. The server's 5yz for the recipient or the content is
permanent. Everything before that (no connection, no TLS, our password, our sender's standing)
concerns us and not this mail, so it is temporary whatever its number: a received fax must not be
lost because a password was changed.

RFC 5321, 6409 (submission), 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE), 6152 (8BITMIME), 6531.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.utils import parseaddr

import aiosmtplib
from aiosmtplib import (
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPStatus,
)

from gateway.config import mail
from gateway.mailout.pieces import for_data
from gateway.mailout.transport import DeliveryError, PermanentFailure, TemporaryFailure
from gateway.said import said
from gateway.words import printable

AFTER_CONTENT = 600.0  # s to wait for the answer to the content (RFC 5321 4.5.3.2.6)
SLOWEST = 16_000.0  # octets/s; a line slower than this is given up
FAREWELL = 5.0  # s for the answer to QUIT, which changes nothing any more
LONGEST_REPLY = 500  # characters of a server's answer that are kept
AUTHENTICATION_REQUIRED = 530  # RFC 4954 6: ours to mend, whenever it is said


class Smarthost:
    """Submits mails to the server that `settings` names; `hostname` is what we call ourselves."""

    def __init__(
        self, settings: mail.Smarthost, hostname: str, *, after_content: float = AFTER_CONTENT
    ) -> None:
        self._settings = settings
        self._hostname = hostname
        self._after_content = after_content

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Submit the mail. Each answer is waited for at most `timeout`, the last one longer."""
        for address in (envelope_from, to):  # the client library would send what it parses
            if parseaddr(address)[1] != address or not address.isprintable():
                raise PermanentFailure(f"553 5.1.3 not a mail address: {address!r}")
        async with self._session() as client:
            try:
                await self._transfer(client, envelope_from, to, message)
            except SMTPResponseException as refused:
                raise self._failure(refused) from refused
            except (SMTPException, OSError) as lost:  # TimeoutError is an OSError
                raise TemporaryFailure(self._lost(lost)) from lost
            except ValueError as unfit:
                raise PermanentFailure(f"553 5.1.3 not a mail address: {unfit}") from unfit

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection that has greeted, secured and authenticated itself."""
        client = self._client()
        try:
            await self._connect(client)
            yield client
            with suppress(SMTPException, OSError):
                await client.quit(timeout=FAREWELL)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password or None,
            local_hostname=self._hostname,
            timeout=settings.timeout.total_seconds(),
            use_tls=settings.tls == "implicit",
            start_tls=settings.tls == "starttls",  # None would let an attacker talk us out of it
            validate_certs=settings.verify,
            cert_bundle=str(settings.ca) if settings.ca else None,
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:  # its extensions decide what MAIL says
                await _greet(client)
        except (SMTPException, OSError, ValueError) as error:
            raise TemporaryFailure(self._lost(error)) from error

    async def _transfer(
        self, client: aiosmtplib.SMTP, envelope_from: str, to: str, message: bytes
    ) -> None:
        international = not (envelope_from + to).isascii()
        options = _mail_options(client, message, international=international)
        encoding = "utf-8" if international else "ascii"
        try:
            await client.mail(envelope_from, options=options, encoding=encoding)
            await client.rcpt(to, encoding=encoding)
        except SMTPResponseException:
            with suppress(SMTPException, OSError):
                await client.quit(timeout=FAREWELL)  # servers count who just goes away
            raise
        await _send_content(client, message, self._after_content + len(message) / SLOWEST)

    def _failure(self, refused: SMTPResponseException) -> DeliveryError:
        """What a refusal means; the library's own codes for nonsense are no refusal."""
        if not 200 <= refused.code < 600:
            return TemporaryFailure(self._lost(refused))
        reply = f"{refused.code} {printable(refused.message, LONGEST_REPLY)}"
        permanent = refused.code >= 500 and refused.code != AUTHENTICATION_REQUIRED
        return PermanentFailure(reply) if permanent else TemporaryFailure(reply)

    def _lost(self, error: Exception) -> str:
        """What became of the connection, for people."""
        if isinstance(error, SMTPServerDisconnected):
            return said("{server} closed the connection", server=self._name)
        if isinstance(error, TimeoutError) and not isinstance(error, SMTPConnectError):
            return said("{server} gives no answer", server=self._name)
        if isinstance(error, SMTPResponseException) and not 200 <= error.code < 600:
            return said("what {server} answers is no SMTP", server=self._name)
        return f"{self._name}: {printable(str(error), LONGEST_REPLY)}"

    @property
    def _name(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError:
        await client.helo()  # RFC 5321 3.2: for a server of before 1995


def _mail_options(client: aiosmtplib.SMTP, message: bytes, *, international: bool) -> list[str]:
    """The parameters of MAIL that this mail needs and the server offers."""
    options = []
    if client.supports_extension("size"):
        options.append(f"SIZE={len(message)}")
    if not message.isascii() and client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")
    if international:
        if not client.supports_extension("smtputf8"):
            raise PermanentFailure("550 5.6.7 the mail server takes only addresses in ASCII")
        options.append("SMTPUTF8")
    return options


async def _send_content(client: aiosmtplib.SMTP, message: bytes, timeout: float) -> None:
    """DATA, piece by piece. `timeout` is for all of it, in seconds.

    The library's own `data` copies, searches and writes a mail in one go, which holds the event
    loop for 30 ms a megabyte; a call in progress on it cannot wait so long.
    """
    ready = await client.execute_command(b"DATA")
    if ready.code != SMTPStatus.start_input:
        raise SMTPDataError(ready.code, ready.message)
    protocol, transport = client.protocol, client.transport
    if protocol is None or transport is None:
        raise SMTPServerDisconnected("the connection was lost before the content")
    answer = asyncio.ensure_future(protocol.read_response(timeout))
    try:
        for piece in for_data(message):
            protocol.write(piece)
            await asyncio.sleep(0)
            if answer.done():  # refused, or gone, before the end
                break
        taken = await answer
    except BaseException:
        answer.cancel()
        await asyncio.gather(answer, return_exceptions=True)  # nobody else will ask for it
        raise
    if taken.code != SMTPStatus.completed:
        raise SMTPDataError(taken.code, taken.message)
