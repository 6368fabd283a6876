"""Mail servers to deliver to: a real one (aiosmtpd), and one that answers from a script.

Both run on the test's own event loop, on a free port of the loopback interface.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG = "hang"  # say nothing more
DROP = "drop"  # close the connection instead of answering

GREETING = "greeting"
CONTENT = "."  # the final dot
EARLY = "early"  # the answer in the middle of the content, where the script has one


class Sink:
    """Takes every mail, and remembers its envelope."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the mail."""
        self.envelopes.append(envelope)
        return "250 2.0.0 taken"


def check_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    """One user is known."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"fax", b"right")
    return AuthResult(success=known, handled=False)


@asynccontextmanager
async def mail_server(
    sink: Sink,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    auth: bool = False,
    smtputf8: bool = False,
) -> AsyncIterator[int]:
    """A real mail server; yields its port."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            sink,
            hostname="sink.example",
            loop=loop,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check_password if auth else None,
            auth_required=auth,
            enable_SMTPUTF8=smtputf8,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


@dataclass
class Script:
    """What a server says to each verb; where a list stands, one answer a time, the last for ever.

    `heard` is what the client said, without the mail's content.
    """

    answers: Mapping[str, str | list[str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def answer(self, verb: str) -> str:
        """The next answer to `verb`."""
        usual = {GREETING: "220 ready", "DATA": "354 go on", "QUIT": "221 bye"}
        answer = self.answers.get(verb, usual.get(verb, "250 ok"))
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer


@asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[int]:
    """A server that follows `script`; yields its port."""
    writers: list[asyncio.StreamWriter] = []
    clients: list[asyncio.Task[None]] = []

    def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        clients.append(asyncio.create_task(_converse(script, reader, writer)))

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*clients, return_exceptions=True)
        for writer in writers:
            writer.close()


async def _converse(
    script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    verb = GREETING
    while True:
        answer = script.answer(verb)
        if answer == HANG:
            return
        if answer == DROP or not verb:
            writer.close()
            return
        writer.write(answer.encode() + b"\r\n")
        if verb == "DATA" and answer.startswith("354"):
            if EARLY in script.answers:
                await reader.readline()
                writer.write(script.answer(EARLY).encode() + b"\r\n")
            await _content(reader)
            verb = CONTENT
            continue
        line = (await reader.readline()).decode().rstrip()
        script.heard.append(line)
        verb = line.partition(" ")[0].upper()


async def _content(reader: asyncio.StreamReader) -> None:
    """Read up to the final dot, or to the end of the connection."""
    while await reader.readline() not in {b".\r\n", b""}:
        pass
