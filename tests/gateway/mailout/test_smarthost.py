"""Submission to real and to scripted mail servers."""

from __future__ import annotations

import ssl
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.config import mail
from gateway.mailout.smarthost import Smarthost
from gateway.mailout.transport import PermanentFailure, TemporaryFailure
from tests.gateway.mailout.servers import (
    CONTENT,
    DROP,
    EARLY,
    GREETING,
    HANG,
    Script,
    Sink,
    mail_server,
    scripted_server,
)
from tests.peer import need_program

MAIL = b"Subject: Fax\r\nMessage-ID: <a1@fax.localhost>\r\n\r\n.a line with a dot\r\nend\r\n"
FROM = "fax@fax.localhost"
TO = "office@example.org"


def smarthost(port: int, **changes: Any) -> Smarthost:
    """Our side, for a server on this port without TLS."""
    values = {"host": "localhost", "port": port, "tls": "none"} | changes
    return Smarthost(mail.Smarthost(**values), "gateway.example.com")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    directory = tmp_path_factory.mktemp("certificate")
    pem, key = directory / "cert.pem", directory / "key.pem"
    command = [need_program("openssl", "openssl"), "req", "-x509", "-nodes", "-days", "1"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(key), "-out", str(pem)]
    subprocess.run(command, check=True, capture_output=True)
    return pem, key


@pytest.fixture(scope="session")
def server_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


async def test_a_mail_arrives_with_its_envelope() -> None:
    """Sender, recipient and every octet of the content arrive."""
    sink = Sink()
    async with mail_server(sink) as port:
        await smarthost(port).deliver(FROM, TO, MAIL)
    (envelope,) = sink.envelopes

    assert envelope.mail_from == FROM
    assert envelope.rcpt_tos == [TO]
    assert envelope.content == MAIL


async def test_the_null_sender_is_sent_as_such() -> None:
    """A receipt goes out with MAIL FROM:<>, so that no bounce of it comes back."""
    script = Script()
    async with scripted_server(script) as port:
        await smarthost(port).deliver("", TO, MAIL)

    assert "MAIL FROM:<>" in script.heard


async def test_the_size_is_told_where_it_is_asked_for() -> None:
    """A server with SIZE can refuse before the content (RFC 1870)."""
    script = Script({"EHLO": "250-sink\r\n250 SIZE 1000000"})
    async with scripted_server(script) as port:
        await smarthost(port).deliver(FROM, TO, MAIL)

    assert f"MAIL FROM:<{FROM}> SIZE={len(MAIL)}" in script.heard


async def test_eight_bit_content_is_declared() -> None:
    """Content beyond ASCII is announced where 8BITMIME is offered (RFC 6152)."""
    script = Script({"EHLO": "250-sink\r\n250 8BITMIME"})
    async with scripted_server(script) as port:
        await smarthost(port).deliver(FROM, TO, MAIL + "Größe\r\n".encode())

    assert f"MAIL FROM:<{FROM}> BODY=8BITMIME" in script.heard


async def test_an_address_beyond_ascii_needs_smtputf8() -> None:
    """Such an address is delivered where SMTPUTF8 is offered, else refused for good."""
    sink = Sink()
    async with mail_server(sink, smtputf8=True) as port:
        await smarthost(port).deliver("", "żółć@example.org", MAIL)
    async with mail_server(sink) as port:
        with pytest.raises(PermanentFailure, match=r"5\.6\.7"):
            await smarthost(port).deliver("", "żółć@example.org", MAIL)

    assert [e.rcpt_tos for e in sink.envelopes] == [["żółć@example.org"]]


@pytest.mark.parametrize(
    "to", ["a@b\r\nRCPT TO:<victim@example.net>", "a@b\0", "a@b <victim@example.net>"]
)
async def test_an_address_cannot_carry_commands(to: str) -> None:
    """An address that holds another, or a control character, is refused here, not sent."""
    script = Script()
    async with scripted_server(script) as port:
        with pytest.raises(PermanentFailure, match=r"5\.1\.3"):
            await smarthost(port).deliver(FROM, to, MAIL)

    assert script.heard == []


async def test_an_address_that_the_client_library_refuses_is_permanent() -> None:
    """What cannot be written into a command will not be writable later either."""
    async with scripted_server(Script()) as port:
        with pytest.raises(PermanentFailure, match=r"5\.1\.3"):
            await smarthost(port).deliver(FROM, 'a@b["]', MAIL)


@pytest.mark.peer
@pytest.mark.parametrize("mode", ["starttls", "implicit"])
async def test_tls_with_a_certificate_that_we_trust(
    mode: str, certificate: tuple[Path, Path], server_tls: ssl.SSLContext
) -> None:
    """Both forms of TLS deliver when the server's certificate is signed by `ca`."""
    sink = Sink()
    implicit = server_tls if mode == "implicit" else None
    starttls = server_tls if mode == "starttls" else None
    async with mail_server(sink, tls=implicit, starttls=starttls) as port:
        await smarthost(port, tls=mode, ca=certificate[0]).deliver(FROM, TO, MAIL)

    assert len(sink.envelopes) == 1


@pytest.mark.peer
async def test_a_certificate_that_nobody_signed(server_tls: ssl.SSLContext) -> None:
    """An unknown certificate is a temporary failure, unless the administrator said not to check."""
    sink = Sink()
    async with mail_server(sink, starttls=server_tls) as port:
        with pytest.raises(TemporaryFailure, match="certificate"):
            await smarthost(port, tls="starttls").deliver(FROM, TO, MAIL)
        await smarthost(port, tls="starttls", verify=False).deliver(FROM, TO, MAIL)

    assert len(sink.envelopes) == 1


async def test_starttls_that_is_not_offered_is_not_done_without() -> None:
    """Nobody on the way can talk us out of encryption."""
    sink = Sink()
    async with mail_server(sink) as port:
        with pytest.raises(TemporaryFailure):
            await smarthost(port, tls="starttls").deliver(FROM, TO, MAIL)

    assert sink.envelopes == []


@pytest.mark.peer
async def test_a_user_logs_in(certificate: tuple[Path, Path], server_tls: ssl.SSLContext) -> None:
    """With user and password the mail is taken; a wrong password is the operator's to mend."""
    sink = Sink()
    secure = {"tls": "starttls", "ca": certificate[0], "user": "fax"}
    async with mail_server(sink, starttls=server_tls, auth=True) as port:
        await smarthost(port, **secure, password="right").deliver(FROM, TO, MAIL)
        with pytest.raises(TemporaryFailure, match="535"):
            await smarthost(port, **secure, password="wrong").deliver(FROM, TO, MAIL)

    assert len(sink.envelopes) == 1


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", CONTENT])
async def test_a_4yz_is_temporary_and_a_5yz_is_not(verb: str) -> None:
    """The server's number for this mail decides, at every step, and its words are kept."""
    async with scripted_server(Script({verb: "450 4.2.0 full"})) as port:
        with pytest.raises(TemporaryFailure, match=r"^450 4\.2\.0 full$"):
            await smarthost(port).deliver(FROM, TO, MAIL)
    async with scripted_server(Script({verb: "550 5.1.1 nobody"})) as port:
        with pytest.raises(PermanentFailure, match=r"^550 5\.1\.1 nobody$"):
            await smarthost(port).deliver(FROM, TO, MAIL)


async def test_a_refusal_in_the_middle_of_the_content_is_heard() -> None:
    """A server that has had enough is believed at once, and no more is sent."""
    large = MAIL + b"a line of a large mail\r\n" * 200_000
    async with scripted_server(Script({EARLY: "552 5.3.4 too large"})) as port:
        with pytest.raises(PermanentFailure, match=r"5\.3\.4"):
            await smarthost(port).deliver(FROM, TO, large)


async def test_a_large_mail_arrives_whole() -> None:
    """A mail of many pieces has every line, also those that begin with a dot."""
    sink = Sink()
    large = MAIL + b"".join(b".%d\r\n" % n for n in range(50_000))
    async with mail_server(sink) as port:
        await smarthost(port).deliver(FROM, TO, large)

    assert sink.envelopes[0].content == large


async def test_a_temporary_refusal_and_then_success() -> None:
    """The same mail is taken at the second try: greylisting costs a delay, not the fax."""
    script = Script({"RCPT": ["451 4.7.1 greylisted", "250 ok"]})
    async with scripted_server(script) as port:
        with pytest.raises(TemporaryFailure):
            await smarthost(port).deliver(FROM, TO, MAIL)
        await smarthost(port).deliver(FROM, TO, MAIL)

    assert len([line for line in script.heard if line == "DATA"]) == 1


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        (GREETING, "554 no service for you"),
        ("EHLO", "550 who are you"),
        ("MAIL", "530 5.7.0 Authentication required"),
        (GREETING, "rubbish"),
        ("RCPT", "rubbish"),
    ],
)
async def test_a_refusal_of_us_is_temporary(verb: str, answer: str) -> None:
    """What the operator must mend never costs a mail, whatever the number."""
    answers: dict[str, str | list[str]] = {verb: answer, "HELO": answer}
    async with scripted_server(Script(answers)) as port:
        with pytest.raises(TemporaryFailure):
            await smarthost(port).deliver(FROM, TO, MAIL)


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", CONTENT])
async def test_a_lost_connection_is_temporary(verb: str) -> None:
    """A server that goes away at any step has not taken the mail."""
    async with scripted_server(Script({verb: DROP})) as port:
        with pytest.raises(TemporaryFailure):
            await smarthost(port).deliver(FROM, TO, MAIL)


@pytest.mark.parametrize(
    ("answer", "told"), [(DROP, "closed the connection"), ("\x00\x07rubbish", "is no SMTP")]
)
async def test_what_a_server_did_is_told_in_words(answer: str, told: str) -> None:
    """Nothing of a server's nonsense goes into the log, nor the library's own codes."""
    async with scripted_server(Script({"RCPT": answer})) as port:
        with pytest.raises(TemporaryFailure, match=told) as failure:
            await smarthost(port).deliver(FROM, TO, MAIL)

    assert failure.value.reply.isprintable()


@pytest.mark.virtual_time
@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", CONTENT])
async def test_every_wait_has_an_end(verb: str) -> None:
    """A server that falls silent is given up after the time-out, and the mail is tried again."""
    async with scripted_server(Script({verb: HANG})) as port:
        with pytest.raises(TemporaryFailure):
            await smarthost(port, timeout=timedelta(seconds=60)).deliver(FROM, TO, MAIL)


@pytest.mark.virtual_time
@pytest.mark.parametrize("answer", [HANG, DROP, "421 leaving", "rubbish"])
async def test_nothing_after_the_final_answer_undoes_it(answer: str) -> None:
    """Once the content has its 250 the mail is delivered, whatever becomes of QUIT."""
    script = Script({"QUIT": answer})
    async with scripted_server(script) as port:
        await smarthost(port).deliver(FROM, TO, MAIL)

    assert "QUIT" in script.heard


async def test_a_server_that_is_not_there_is_temporary() -> None:
    """A refused connection names the server."""
    async with scripted_server(Script()) as port:
        pass
    with pytest.raises(TemporaryFailure, match=f"localhost:{port}"):
        await smarthost(port).deliver(FROM, TO, MAIL)
