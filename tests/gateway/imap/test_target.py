"""The IMAP target beside Dovecot, and beside servers that no one should trust."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.config.imap import ImapServer
from gateway.config.receiving import AnyTarget
from gateway.imap import connected
from gateway.mailout.transport import PermanentFailure, TemporaryFailure
from gateway.onramp.targets import Target
from tests.gateway.imap.dovecot import PASSWORD, USER, Dovecot
from tests.gateway.mailout.test_sealed import attachment, certificate, ran
from tests.gateway.onramp.test_targets import FAX, PARCEL, target
from tests.peer import need_program

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FOLDERS = count()


def at(server: Dovecot, folder: str, **settings: object) -> Target:
    """A target on the real server."""
    login = {"user": USER, "password": PASSWORD, "ca": server.ca, "port": server.tls}
    return target(
        None, **{"type": "imap", "host": "localhost", "folder": folder, **login, **settings}
    )


@asynccontextmanager
async def pretender(talk: Talk) -> AsyncIterator[int]:
    """A server on loopback that does what `talk` does; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def pretended(port: int, timeout: str = "500 ms") -> Target:
    """A target on such a server, with little patience."""
    login = {"user": "a", "password": "b", "tls": "none", "timeout": timeout}
    return target(None, type="imap", host="127.0.0.1", port=port, **login)


def script(*answers: bytes, then: str = "close") -> Talk:
    """Greet, answer line by line (%s is the tag), and then close, or hang."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        for answer in answers:
            tag = (await reader.readline()).split(b" ")[0]
            writer.write(answer.replace(b"%s", tag))
        if then == "hang":
            await reader.read()

    return talk


CAPABLE = b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n"
LOGGED_IN, SELECTED, NOTHING_FOUND = b"%s OK in\r\n", b"%s OK open\r\n", b"* SEARCH\r\n%s OK x\r\n"
LISTED = b'* LIST (\\Noselect) "." ""\r\n%s OK listed\r\n'
READY = (CAPABLE, LOGGED_IN, LISTED, SELECTED, NOTHING_FOUND)


@pytest.mark.peer
@pytest.mark.parametrize("folder", ["INBOX", "Faksy/Łódź & spółka", '東京 "1" \\ 2', "&-", "😀"])
async def test_a_fax_is_appended_once(server: Dovecot, folder: str) -> None:
    """A folder of any name is made, the mail is unread and has the fax's time, a repeat is seen."""
    folder = f"{folder} {next(FOLDERS)}" if folder != "INBOX" else folder
    for _ in range(2):
        await at(server, folder).deliver(PARCEL)

    ((facts, raw),) = server.found(folder)
    message = message_from_bytes(raw, policy=policy.default)
    assert message["Message-ID"] == PARCEL.reader.message_id
    (pdf,) = message.iter_attachments()
    assert pdf.get_content() == PARCEL.pdf()
    assert "\\Seen" not in facts
    assert f"{FAX.ended_at:%d-%b-%Y %H:%M:%S} +0000" in facts


@pytest.mark.peer
async def test_flags_and_form_are_configured(server: Dovecot) -> None:
    r"""\Seen and keywords are set; a TIFF goes as well."""
    await at(server, "Flags", flags=["\\Seen", "Fax"], format="tiff").deliver(PARCEL)

    ((facts, raw),) = server.found("Flags")
    assert "\\Seen" in facts
    assert "Fax" in facts
    assert b"image/tiff" in raw


@pytest.mark.peer
async def test_an_append_whose_answer_was_lost_is_not_repeated(server: Dovecot) -> None:
    """The mail is there, we never heard so: the next try finds it by its Message-ID."""

    async def cut_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass everything on to the server, but not what it says of the APPEND."""
        there, here = await asyncio.open_connection("127.0.0.1", server.plain)

        async def back() -> None:
            while (line := await there.readline()) and b"Append completed" not in line:
                writer.write(line)
            writer.close()

        answering = asyncio.ensure_future(back())
        while piece := await reader.read(65536):
            here.write(piece)
        await answering
        here.close()

    login = {"user": USER, "password": PASSWORD, "tls": "none", "folder": "Lost"}
    async with pretender(cut_off) as port:
        with pytest.raises(TemporaryFailure, match="connection was lost"):
            await target(None, type="imap", host="127.0.0.1", port=port, **login).deliver(PARCEL)
    await at(server, "Lost").deliver(PARCEL)

    assert len(server.found("Lost")) == 1


@pytest.mark.peer
async def test_a_wrong_password_is_for_later_in_the_servers_words(server: Dovecot) -> None:
    """The administrator can mend it."""
    with pytest.raises(TemporaryFailure, match=r"refused the login.*AUTHENTICATIONFAILED"):
        await at(server, "INBOX", password="wrong").deliver(PARCEL)


@pytest.mark.peer
async def test_a_certificate_is_checked(server: Dovecot) -> None:
    """An authority that we do not trust, or another name, and no password goes there."""
    with pytest.raises(TemporaryFailure, match="CERTIFICATE_VERIFY_FAILED"):
        await at(server, "INBOX", ca=None).deliver(PARCEL)
    with pytest.raises(TemporaryFailure, match="CERTIFICATE_VERIFY_FAILED"):
        await at(server, "INBOX", host="127.0.0.1").deliver(PARCEL)


@pytest.mark.parametrize("answered", range(len(READY) + 1))
async def test_a_server_that_hangs_is_given_up(answered: int) -> None:
    """After whichever answer, the next is waited for within the limit."""
    async with pretender(script(*READY[:answered], then="hang")) as port:
        with pytest.raises(TemporaryFailure, match="no answer within"):
            await pretended(port, "100 ms").deliver(PARCEL)


@pytest.mark.parametrize("answered", range(len(READY) + 1))
async def test_a_server_that_drops_us_is_noticed_at_once(answered: int) -> None:
    """Nobody waits for an answer that cannot come."""
    async with pretender(script(*READY[:answered])) as port, asyncio.timeout(20):
        with pytest.raises(TemporaryFailure, match="connection was lost"):
            await pretended(port, "60 s").deliver(PARCEL)


async def test_a_server_that_is_not_there_is_for_later() -> None:
    """Nothing listens."""
    async with pretender(script()) as port:
        pass
    with pytest.raises(TemporaryFailure, match=r"127.0.0.1"):
        await pretended(port).deliver(PARCEL)


@pytest.mark.parametrize(
    ("last", "failure"),
    [
        (b"%s NO [TOOBIG] too big\r\n", PermanentFailure),
        (b"%s NO [CANNOT] never\r\n", PermanentFailure),
        (b"%s NO [OVERQUOTA] full\r\n", TemporaryFailure),
        (b"%s BAD what\r\n", TemporaryFailure),
        (b"* BYE going down\r\n", TemporaryFailure),
    ],
)
async def test_what_a_server_says_against_the_mail_is_final(
    last: bytes, failure: type[Exception]
) -> None:
    """Only that; a full mailbox can be emptied."""
    words = last.split(b" ", 2)[2].decode().strip()
    async with pretender(script(*READY, last)) as port:
        with pytest.raises(failure) as caught:
            await pretended(port, "60 s").deliver(PARCEL)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"* BYE too many\r\n",
        b"A1 OK x\r\n",
        b"* X {99999999}\r\n" + b"x" * 300_000,
        b"* 1 EXISTS\r\n" * 20_000 + b"*" * 300_000,
        b"x" * 300_000,
        b"\xff\x00 NO \xfe\r\n* \xff {1}\r\n\r\n",
    ],
    ids=["bye", "unasked", "literal", "lines", "line", "binary"],
)
@pytest.mark.parametrize("when", ["greeting", "login"])
async def test_nonsense_and_floods_end_the_session(nonsense: bytes, when: str) -> None:
    """Whatever a server sends is a failure for later, never another exception, within the limit."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if when == "login":
            writer.write(b"* OK ready\r\n")
            writer.write(CAPABLE.replace(b"%s", (await reader.readline()).split(b" ")[0]))
            await reader.readline()
        writer.write(nonsense)
        await writer.drain()
        await reader.read()

    async with pretender(talk) as port, asyncio.timeout(20):
        with pytest.raises(TemporaryFailure):
            await pretended(port).deliver(PARCEL)


def test_a_password_never_travels_in_the_clear() -> None:
    """`tls: none` is refused but for this machine."""
    adapter: TypeAdapter[AnyTarget] = TypeAdapter(AnyTarget)
    settings = {"type": "imap", "user": "a", "password": "b", "tls": "none"}
    with pytest.raises(ValidationError, match="could be read on its way to mail"):
        adapter.validate_python({**settings, "host": "mail.example.com"})
    adapter.validate_python({**settings, "host": "::1"})


@pytest.mark.parametrize(
    ("key", "value"),
    [("folder", ""), ("folder", "a\r\nb"), ("flags", ["\\Recent"]), ("flags", ["a b"])],
)
def test_names_and_flags_are_checked(key: str, value: object) -> None:
    """Nothing of the configuration can break a line of the protocol."""
    adapter: TypeAdapter[AnyTarget] = TypeAdapter(AnyTarget)
    settings = {"type": "imap", "host": "h", "user": "a", "password": "b", key: value}
    with pytest.raises(ValidationError, match=f"imap.{key}"):
        adapter.validate_python(settings)


@pytest.mark.peer
async def test_a_large_mail_goes_whole_over_tls(server: Dovecot) -> None:
    """Piece by piece, with not an octet lost."""
    settings = ImapServer(
        host="localhost", port=server.tls, ca=server.ca, user=USER, password=PASSWORD
    )
    body = b"".join(b"%075d\r\n" % line for line in range(60_000))
    mail = b"Message-ID: <large@fax.localhost>\r\n\r\n" + body
    async with connected(settings) as session:
        await session.open("Large")
        await session.append("Large", mail, (), FAX.started_at)

    assert [raw for _, raw in server.found("Large")] == [mail]


async def test_a_folder_of_mails_that_only_its_reader_opens(
    server: Dovecot, tmp_path: Path
) -> None:
    """Encrypted before it leaves; once, for its Message-ID stays readable."""
    public, private = certificate(tmp_path)
    for _ in range(2):
        await at(server, "Sealed", smime=public).deliver(PARCEL)
    ((_, raw),) = server.found("Sealed")
    (tmp_path / "mail").write_bytes(raw)
    opened = ran(
        *(need_program("openssl", "openssl"), "cms", "-decrypt", "-in", tmp_path / "mail"),
        *("-inkey", private, "-recip", public),
    )

    assert b"%PDF" not in raw
    assert attachment(opened) == PARCEL.pdf()
