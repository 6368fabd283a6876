"""Ways to send without permission: each is tried over a real connection, and none sends a fax."""

from __future__ import annotations

import asyncio

import pytest

from gateway.admission.gate import Gate
from gateway.admission.policy import Policy
from gateway.admission.senders import Senders
from gateway.config.model import Smtp, User
from gateway.config.sending import Rule, SenderEntry, Tariff
from tests.gateway.smtp.conftest import Pem
from tests.gateway.smtp.peers import (
    DOMAIN,
    NUMBER,
    Shelf,
    codes,
    connected,
    serving,
    settings,
    talking,
)
from tests.gateway.smtp.test_tls_and_login import CHEAP, b64, secured

MESSAGE = b"Subject: hello\r\n\r\nbody\r\n"
ANNA = "AUTH PLAIN " + b64("\0anna\0secret")
WRONG = "AUTH PLAIN " + b64("\0anna\0guess")
ORDER = f"MAIL FROM:<a@b.c>\r\nRCPT TO:<{NUMBER}>\r\nDATA\r\n"
LONG = 1000.0  # s, of virtual time
REFUSED = "550 5.7.1"


def closed() -> Smtp:
    """Nobody may send without a login."""
    return settings(networks=(), users=(User(name="anna", password=CHEAP.hash("secret")),))


def gate() -> Gate:
    """Anna has an address, the boss too, and Bob at the desk has none."""
    entries = [
        SenderEntry(name="anna", logins=("anna",), addresses=("anna@example.com",)),
        SenderEntry(name="boss", logins=("boss",), addresses=("boss@example.net",)),
    ]
    return Gate(Senders((), entries), Policy((Rule(name="all"),), (), Tariff(), "PL", None))


@pytest.mark.parametrize(
    "before",
    [
        "",
        "HELO x\r\n",
        f"{WRONG}\r\n",
        f"{WRONG}\r\nRSET\r\n",
        "AUTH ANONYMOUS\r\n",
        "AUTH EXTERNAL =\r\n",
        "AUTH PLAIN =\r\n",
        "AUTH PLAIN " + b64("anna\0\0") + "\r\n",
        "AUTH PLAIN " + b64("boss\0anna\0secret") + "\r\n",
        "AUTH PLAIN\r\n*\r\n",
        "AUTH LOGIN\r\n" + b64("anna") + "\r\n*\r\n",
        "XCLIENT ADDR=127.0.0.1 LOGIN=anna\r\n",
        "XFORWARD ADDR=127.0.0.1 NAME=localhost\r\n",
        "NOOP AUTH\r\n",
        "VRFY anna\r\nEXPN staff\r\n",
        "ETRN example.com\r\nTURN\r\n",
        "BURL imap://example.com\r\nBDAT 10 LAST\r\n",
    ],
)
@pytest.mark.parametrize("pipelined", [True, False])
async def test_a_stranger_stays_one(before: str, pipelined: bool) -> None:
    """Neither half a login, nor another's word about the client, nor haste makes it a sender."""
    shelf = Shelf()
    attack = f"EHLO x\r\n{before}{ORDER}"
    async with serving(shelf, closed()) as server, connected(server) as talk:
        for line in [attack] if pipelined else attack.splitlines(keepends=True):
            talk.write(line)
            await asyncio.sleep(0)
        talk.write("QUIT\r\n")
        answers = codes(await talk.ended())

    assert REFUSED in answers
    assert "354" not in " ".join(answers)
    assert shelf.mails == []


@pytest.mark.parametrize(
    "sender", ["anna@example.com", "ANNA@EXAMPLE.COM", f"+48222000002@{DOMAIN}", f"root@{DOMAIN}"]
)
async def test_an_envelope_sender_is_no_permission(sender: str) -> None:
    """Whoever is named there, even of our own domain; nor does AUTH= of MAIL log anybody in."""
    async with serving(Shelf(), closed(), gate=gate()) as server, talking(server) as talk:
        asked = await talk.say(f"MAIL FROM:<{sender}> AUTH=anna", f"RCPT TO:<{NUMBER}>")

    assert codes(asked) == ["250 2.1.0", REFUSED]


@pytest.mark.parametrize("between", [["RSET"], ["EHLO again"], ["HELO again"], ["NOOP", "RSET"]])
async def test_a_login_outlives_a_mail_and_its_recipients_do_not(between: list[str]) -> None:
    """RSET and EHLO clear the envelope (RFC 5321 4.1.1.5) and leave who it is (RFC 4954 4)."""
    shelf = Shelf()
    async with serving(shelf, closed()) as server, talking(server) as talk:
        await talk.say(ANNA, "MAIL FROM:<a@b.c>", f"RCPT TO:<+48999999999@{DOMAIN}>")
        await talk.say(*between)
        assert codes(await talk.say("DATA", f"RCPT TO:<{NUMBER}>")) == ["503 5.5.1"] * 2
        assert codes(await talk.say(ANNA)) == ["503 5.5.1"]
        assert codes([await talk.mail(MESSAGE)]) == ["250 2.0.0"]

    (kept,) = shelf.mails
    assert (kept.user, [to.number for to in kept.recipients]) == ("anna", ["+48222000002"])


async def test_nobody_logs_in_within_a_mail() -> None:
    """Recipients that were taken for one are not sent by another (RFC 4954 4)."""
    async with serving(Shelf(), closed()) as server, talking(server) as talk:
        answers = await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", ANNA)
        again = await talk.say(f"RCPT TO:<{NUMBER}>")

    assert codes([*answers, *again]) == ["250 2.1.0", REFUSED, "503 5.5.1", REFUSED]


async def test_another_login_is_not_taken_on_top() -> None:
    """One connection, one sender."""
    async with serving(Shelf(), closed()) as server, talking(server) as talk:
        assert codes(await talk.say(ANNA, ANNA, WRONG)) == ["235 2.7.0", "503 5.5.1", "503 5.5.1"]


async def test_a_login_in_the_clear_is_gone_after_starttls(pem: Pem) -> None:
    """What was said before TLS may have been anybody (RFC 3207 4.2)."""
    async with serving(Shelf(), secured(pem)) as server, talking(server, listener=1) as talk:
        await talk.say("AUTH PLAIN " + b64("\0żółw\0hasło"))
        talk.write("STARTTLS\r\nAUTH PLAIN " + b64("\0żółw\0hasło") + f"\r\n{ORDER}")
        assert codes([await talk.answer()]) == ["220 Ready"]
        await talk.starttls(pem.trust)
        asked = await talk.say("EHLO x", "MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>")

    assert codes(asked)[-2:] == ["250 2.1.0", REFUSED]


@pytest.mark.parametrize(
    ("sender", "answer", "to"),
    [
        ("anna@example.com", "250 2.0.0", "anna@example.com"),
        ("fax+anna@EXAMPLE.com", "250 2.0.0", "fax+anna@EXAMPLE.com"),
        ("victim@example.org", "250 2.0.0", "anna@example.com"),
        ("boss@example.net", "503 5.5.1", ""),
        ("Boss@Example.Net", "503 5.5.1", ""),
    ],
)
async def test_who_logged_in_hears_what_became_of_it(sender: str, answer: str, to: str) -> None:
    """Receipts go to an address of theirs, never to a stranger; nobody sends as somebody else."""
    shelf = Shelf()
    async with serving(shelf, closed(), gate=gate()) as server, talking(server) as talk:
        await talk.say(ANNA, f"MAIL FROM:<{sender}>", f"RCPT TO:<{NUMBER}>", "DATA")
        talk.write(MESSAGE + b".\r\n" if to else "DATA\r\n")
        told = await talk.answer()

    assert codes([told]) == [answer]
    assert [mail.sender for mail in shelf.mails] == ([to] if to else [])
    assert (f"receipts go to {to}" in told) == bool(to and to != sender)


@pytest.mark.parametrize(
    "address",
    [
        "@a.example,@b.example:{n}@other.example",
        "{n}@fax.example.com@other.example",
        "{n}@other.example@fax.example.com",
        "{n}%other.example@fax.example.com",
        "other.example!{n}@fax.example.com",
        "FAX={n}@other.example",
        "{n}@other.example",
        "{n}@fax.example.com.other.example",
        "{n}@xfax.example.com",
        "{n}@sub.fax.example.com",
        "{n}@[127.0.0.1]",
        '"{n}@other.example"@fax.example.com',
        '"{n}\\r\\nRCPT TO:<x@y>"@fax.example.com',
        "<{n}@fax.example.com>",
        "{n},+48999999999@fax.example.com",
        "{n}/T33S=1/T33S=2@fax.example.com",
        "{n}/SMTP=x@fax.example.com",
        "{n}\0@fax.example.com",
        "\uff0b48222000002@fax.example.com",
        "{n}@f\u0430x.example.com",
        "",
        "{n}",
        "@fax.example.com",
    ],
)
async def test_an_address_that_can_be_read_in_two_ways_is_no_number(address: str) -> None:
    """Nothing is relayed, no other gateway's address is ours, and no part of one is a number."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c> SMTPUTF8")
        (answer,) = await talk.say(f"RCPT TO:<{address.format(n='+48222000002')}>")
        assert answer[0] == "5"
        assert codes(await talk.say("DATA")) == ["503 5.5.1"]


@pytest.mark.parametrize(
    "address",
    [
        "@a.example,@b.example:+48222000002@fax.example.com",
        '"+48222000002"@fax.example.com',
        '"\\+48222000002"@fax.example.com',
        "fax=+48222000002@FAX.Example.Com.",
    ],
)
async def test_an_address_in_its_old_clothes_is_the_same_number(address: str) -> None:
    """A source route is read and not followed (RFC 5321 appendix C); quotes add nothing."""
    async with serving(Shelf()) as server, talking(server) as talk:
        answers = await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{address}>")

    assert answers[1] == "250 2.1.5 Fax to +48222000002"


@pytest.mark.parametrize(
    "first",
    [
        "POST / HTTP/1.1",
        "GET / HTTP/1.1",
        "PROXY TCP4 127.0.0.1 127.0.0.1 1 25",
        "\r\n\r\nPOST / HTTP/1.1",
        "PRI * HTTP/2.0",
        "x\r\nHost: fax.example.com",
    ],
)
async def test_what_speaks_another_protocol_is_shown_out_at_once(first: str) -> None:
    """A page in a browser that may send posts SMTP in vain, and no proxy's word is taken."""
    shelf = Shelf()
    async with serving(shelf) as server, connected(server) as talk:
        talk.write(f"{first}\r\nEHLO x\r\n{ORDER}")
        talk.write(MESSAGE + b".\r\nQUIT\r\n")
        answers = codes(await talk.ended())

    assert answers[-1] == "421 4.7.0"
    assert not any(answer.startswith(("250", "354")) for answer in answers)
    assert shelf.mails == []


@pytest.mark.parametrize("end", ["\n", "\r", "\0\r\n", "\x0b\r\n"])
async def test_a_command_holds_no_second_one(end: str) -> None:
    """A control character does not hide a recipient behind a sender."""
    async with serving(Shelf(), closed()) as server, talking(server) as talk:
        talk.write(f"MAIL FROM:<a@b.c>{end}RCPT TO:<{NUMBER}>{end}DATA\r\nQUIT\r\n")
        answers = codes(await talk.ended())

    assert not any(answer.startswith(("250 2.1.5", "354")) for answer in answers)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("MAIL FROM:<" + "a" * 3000 + "@b.c>", "500 5.5.2"),
        ("RCPT TO:<" + "1" * 400 + f"@{DOMAIN}>", "550 5.1.3"),
        ("MAIL FROM:<a@b.c> SIZE=99999999999", "552 5.3.4"),
        ("MAIL FROM:<a@b.c> SIZE=-1", "555 5.5.4"),
        ("MAIL FROM:<a@b.c> SIZE=1 SIZE=2", "555 5.5.4"),
        ("MAIL FROM:<a@b.c> BODY=BINARYMIME", "555 5.5.4"),
        ("VRFY root", "252 2.5.0"),
        ("EXPN staff", "502 5.5.1"),
        ("BDAT 10 LAST", "500 5.5.2"),
    ],
)
async def test_what_is_too_long_or_not_offered_is_refused(line: str, answer: str) -> None:
    """And the dialogue goes on."""
    async with serving(Shelf()) as server, talking(server) as talk:
        if line.startswith("RCPT"):
            await talk.say("MAIL FROM:<a@b.c>")
        assert codes(await talk.say(line, "NOOP")) == [answer, "250 2.0.0"]


async def test_size_is_counted_and_not_believed() -> None:
    """SIZE=1 in front of too much."""
    shelf = Shelf()
    async with serving(shelf, settings(max_size=10_000)) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c> SIZE=1", f"RCPT TO:<{NUMBER}>", "DATA")
        talk.write(b"x" * 20_000 + b"\r\n.\r\n")
        assert codes([await talk.answer()]) == ["552 5.3.4"]

    assert shelf.mails == []


@pytest.mark.virtual_time
@pytest.mark.parametrize("octet", ["E", "\r\n"])
async def test_a_client_that_drips_is_sent_away(octet: str) -> None:
    """Octets that never make a command are no sign of life."""
    async with serving(Shelf(), settings(timeout="60 s")) as server, talking(server) as talk:
        began = asyncio.get_running_loop().time()
        task = asyncio.create_task(talk.ended(patience=LONG))
        while not task.done():
            talk.write(octet)
            await asyncio.sleep(10)
        assert codes(await task)[-1] in ("421 4.4.2", "421 4.7.0")
        assert asyncio.get_running_loop().time() - began < 120
