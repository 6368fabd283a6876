"""gateway.smtp: whole dialogues with a real client over real sockets."""

from __future__ import annotations

import asyncio
import smtplib

import pytest

from gateway.store import StoreFull
from gateway.store.records import NewRecipient
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

MESSAGE = b"From: a@b.c\r\nSubject: hello\r\n\r\n.dot\r\nbody\r\n"


async def test_a_mail_with_several_recipients_is_answered_one_by_one() -> None:
    """The standard library's client hears at once which recipients will not be faxed."""
    shelf = Shelf()

    def send(address: tuple[str, int]) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP(*address, timeout=10) as client:
            recipients = [NUMBER, f"office@{DOMAIN}", "+48222000002@example.org"]
            return client.sendmail("a@b.c", recipients, MESSAGE)

    async with serving(shelf) as server:
        refused = await asyncio.to_thread(send, server.addresses[0])

    assert {address: code for address, (code, _) in refused.items()} == {
        f"office@{DOMAIN}": 550,
        "+48222000002@example.org": 550,
    }
    (mail,) = shelf.mails
    assert (mail.sender, mail.client, mail.user) == ("a@b.c", "127.0.0.1", "127.0.0.0/8")
    assert mail.recipients == (NewRecipient(NUMBER, "+48222000002"),)


async def test_the_raw_message_is_what_was_sent_below_a_received_line() -> None:
    """Not an octet of it is changed (RFC 5321 4.4)."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        answer = await talk.mail(MESSAGE.replace(b"\r\n.dot", b"\r\n..dot"))

    assert answer == "250 2.0.0 Accepted as job 1"
    assert shelf.mails[0].raw == (
        b"Received: from client.example.org ([127.0.0.1])\r\n"
        b"\tby mx.example.com with ESMTP;\r\n"
        b"\tMon, 23 Nov 2026 06:12:00 +0000\r\n" + MESSAGE + b"\r\n"
    )


async def test_ehlo_offers_what_we_can_and_nothing_else() -> None:
    """DSN and PIPELINING, but no BDAT; no AUTH where nobody can log in."""
    async with serving(Shelf()) as server, connected(server) as talk:
        await talk.answer()
        (answer,) = await talk.say("EHLO me")

    assert answer.replace("250-", "").replace("250 ", "").split("\n") == [
        "mx.example.com",
        "SIZE 1000000",
        "8BITMIME",
        "SMTPUTF8",
        "PIPELINING",
        "DSN",
        "HELP",
        "ENHANCEDSTATUSCODES",
    ]


async def test_helo_is_answered_as_well() -> None:
    """An old client gets one line, and can send."""
    shelf = Shelf()
    async with serving(shelf) as server, connected(server) as talk:
        await talk.answer()

        assert await talk.say("HELO old") == ["250 mx.example.com"]
        assert codes([await talk.mail(MESSAGE)]) == ["250 2.0.0"]

    assert b"with SMTP;" in shelf.mails[0].raw


async def test_dsn_parameters_reach_the_store() -> None:
    """ENVID and, for each recipient, NOTIFY and ORCPT (RFC 3461), with their case and decoded."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        await talk.say(
            "MAIL FROM:<a@b.c> RET=HDRS ENVID=QQ+2B314",
            f"RCPT TO:<{NUMBER}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Fax+2Bx@B.c",
            f"RCPT TO:<222000003@{DOMAIN}> NOTIFY=NEVER",
            "DATA",
        )
        await talk.say(".")

    (mail,) = shelf.mails
    assert mail.envid == "QQ+314"
    assert mail.recipients == (
        NewRecipient(NUMBER, "+48222000002", "", "rfc822;Fax+x@B.c", "SUCCESS,FAILURE"),
        NewRecipient(f"222000003@{DOMAIN}", "+48222000003", "", "", "NEVER"),
    )


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("a@b.c", "250 2.1.0"),
        ('"a b"@b.c', "250 2.1.0"),
        ("a@[192.0.2.1]", "250 2.1.0"),
        ("a@[IPv6:2001:db8::1]", "250 2.1.0"),
        ("root", "553 5.1.7"),
        ("a b@b.c", "553 5.1.7"),
        ("a@b@c", "553 5.1.7"),
        ("a@", "553 5.1.7"),
        ("x" * 65 + "@b.c", "553 5.1.7"),
    ],
)
async def test_a_sender_must_be_one_that_a_receipt_can_reach(sender: str, code: str) -> None:
    """Whoever sends a fax always hears back, so an address without domain is refused."""
    async with serving(Shelf()) as server, talking(server) as talk:
        assert codes(await talk.say(f"MAIL FROM:<{sender}>")) == [code]


async def test_the_dialogue_refuses_there_and_then() -> None:
    """Each refusal has its code and its enhanced code at the command that it is about."""
    async with serving(Shelf()) as server, talking(server) as talk:
        answers = await talk.say(
            f"RCPT TO:<{NUMBER}>",
            "MAIL TO:<a@b.c>",
            "MAIL FROM:<a@b.c> SIZE=1000001",
            "MAIL FROM:<żółw@b.c>",
            "MAIL FROM:<a@b.c>",
            "MAIL FROM:<a@b.c>",
            "DATA",
            "RCPT TO:<+48222000002@example.org>",
            f"RCPT TO:<office@{DOMAIN}>",
            f"RCPT TO:<112@{DOMAIN}>",
            f'RCPT TO:<"FAX=+48222000002/T33S=x"@{DOMAIN}>',
            f"RCPT TO:<żółw@{DOMAIN}>",
            f"RCPT TO:<{NUMBER}> X=Y",
            "RCPT FROM:<a@b.c>",
            f"RCPT TO:<{NUMBER}>",
            "DATA now",
        )

    assert codes(answers) == [
        "503 5.5.1",
        "501 5.5.4",
        "552 5.3.4",
        "553 5.6.7",
        "250 2.1.0",
        "503 5.5.1",
        "503 5.5.1",
        "550 5.1.2",
        "550 5.1.1",
        "550 5.1.3",
        "550 5.1.3",
        "553 5.6.7",
        "555 5.5.4",
        "501 5.5.4",
        "250 2.1.5",
        "501 5.5.4",
    ]


async def test_commands_before_hello_and_unknown_ones_are_refused() -> None:
    """Answers that aiosmtpd writes by itself carry enhanced codes too."""
    async with serving(Shelf()) as server, connected(server) as talk:
        await talk.answer()
        answers = await talk.say(
            "MAIL FROM:<a@b.c>",
            "RCPT TO:<a@b.c>",
            "DATA",
            "AUTH PLAIN",
            "EHLO",
            "HELO",
            "STARTTLS",
            "EXPN x",
            "VRFY x",
            "VRFY",
            "NOOP",
            "RSET",
            "BDAT 5 LAST",
            "",
            "x" * 3000,
            "QUIT",
        )

        assert await talk.ended() == []

    assert codes(answers) == [
        "503 5.5.1",
        "503 5.5.1",
        "503 5.5.1",
        "503 5.5.1",
        "501 5.5.4",
        "501 5.5.4",
        "454 4.7.0",
        "502 5.5.1",
        "252 2.5.0",
        "501 5.5.4",
        "250 2.0.0",
        "250 2.0.0",
        "500 5.5.2",
        "500 5.5.2",
        "500 5.5.2",
        "221 2.0.0",
    ]


async def test_a_stranger_is_refused_at_each_recipient() -> None:
    """A network that is not listed may not send, whatever it writes."""
    async with serving(Shelf(), settings(networks=())) as server, talking(server) as talk:
        answers = await talk.say(f"MAIL FROM:<boss@{DOMAIN}>", f"RCPT TO:<{NUMBER}>", "DATA")

    assert codes(answers) == ["250 2.1.0", "550 5.7.1", "503 5.5.1"]


async def test_a_null_sender_cannot_send_a_fax() -> None:
    """Bounces and automatic replies would go round in circles."""
    async with serving(Shelf()) as server, talking(server) as talk:
        assert codes(await talk.say("MAIL FROM:<>", f"RCPT TO:<{NUMBER}>")) == [
            "250 2.1.0",
            "550 5.7.1",
        ]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"Auto-Submitted: auto-replied\r\n", "550 5.7.1"),
        (b"Auto-Submitted: auto-generated\r\n", "250 2.0.0"),
        (b"Received: by x\r\n" * 101, "554 5.4.6"),
        (b"Received: by x\r\n" * 100, "250 2.0.0"),
    ],
)
async def test_mails_that_go_in_circles_are_refused(header: bytes, code: str) -> None:
    """An automatic reply to a receipt, and a mail that has seen too many servers."""
    async with serving(Shelf()) as server, talking(server) as talk:
        assert codes([await talk.mail(header + MESSAGE)]) == [code]


async def test_a_mail_over_the_limit_is_refused_and_the_next_is_taken() -> None:
    """552 comes after the final dot; the connection goes on."""
    shelf = Shelf()
    async with serving(shelf, settings(max_size=1000)) as server, talking(server) as talk:
        assert codes([await talk.mail(b"x" * 1001)]) == ["552 5.3.4"]
        assert codes([await talk.mail(b"x" * 500)]) == ["250 2.0.0"]


async def test_a_store_that_fails_loses_nothing() -> None:
    """451: the client keeps the mail, and can hand it in again."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        shelf.fault = OSError("disk full")
        assert codes([await talk.mail(MESSAGE)]) == ["451 4.3.0"]
        shelf.fault = None
        assert codes([await talk.mail(MESSAGE)]) == ["250 2.0.0"]

    assert len(shelf.mails) == 1


async def test_250_comes_only_after_the_store_has_it() -> None:
    """Nothing is promised while the store is still writing."""
    shelf = Shelf()
    shelf.hold.clear()
    async with serving(shelf) as server, talking(server) as talk:
        answer = asyncio.create_task(talk.mail(MESSAGE))
        await shelf.begun.wait()
        await asyncio.sleep(0)
        assert not answer.done()

        shelf.hold.set()

        assert codes([await answer]) == ["250 2.0.0"]


async def test_commands_in_one_packet_are_answered_in_order() -> None:
    """PIPELINING (RFC 2920): also the command right behind a final dot."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        group = f"MAIL FROM:<a@b.c>\r\nRCPT TO:<{NUMBER}>\r\nRCPT TO:<x@{DOMAIN}>\r\nDATA\r\n"
        talk.write(group)
        first = [await talk.answer() for _ in range(4)]
        talk.write(b"Subject: 1\r\n\r\n1\r\n.\r\n" + group.encode())
        second = [await talk.answer() for _ in range(5)]
        talk.write(b"Subject: 2\r\n\r\n2\r\n.\r\nNOOP\r\nQUIT\r\n")
        third = [await talk.answer() for _ in range(3)]

    assert [answer[:3] for answer in first] == ["250", "250", "550", "354"]
    assert [answer[:3] for answer in second] == ["250", "250", "250", "550", "354"]
    assert [answer[:3] for answer in third] == ["250", "250", "221"]
    assert [mail.raw[-4:-2] for mail in shelf.mails] == [b"\n1", b"\n2"]


async def test_an_international_address_needs_smtputf8() -> None:
    """With it, sender and domain may be in any script."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        answers = await talk.say("MAIL FROM:<żółw@b.c> SMTPUTF8", f"RCPT TO:<{NUMBER}>", "DATA")
        await talk.say(".")

    assert codes(answers)[:2] == ["250 2.1.0", "250 2.1.5"]
    assert shelf.mails[0].sender == "żółw@b.c"


async def test_octets_that_are_no_utf_8_are_refused() -> None:
    """In an address, in a name, in a word: each time with an answer, and nothing breaks."""
    async with serving(Shelf()) as server, talking(server) as talk:
        talk.write(b"EHLO \xff\r\nVRFY \xff\r\n\xff\r\nMAIL FROM:<\xff@b.c>\r\nQUIT\r\n")
        answers = [await talk.answer() for _ in range(5)]

    assert codes(answers) == [
        "250 ENHANCEDSTATUSCODES",
        "252 2.5.0",
        "500 5.5.2",
        "501 5.5.4",
        "221 2.0.0",
    ]


async def test_a_bug_of_ours_is_no_end_of_the_dialogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """451 without internals; the client may go on, or come again."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret internals")

    async with serving(Shelf()) as server, talking(server) as talk:
        monkeypatch.setattr("gateway.smtp.transaction.parse_mail", broken)
        answers = await talk.say("MAIL FROM:<a@b.c>", "NOOP")

    assert codes(answers) == ["451 4.3.0", "250 2.0.0"]
    assert "secret" not in answers[0]


async def test_without_room_a_client_is_put_off_with_452() -> None:
    """At MAIL below the reserve, and at the end of a mail that finds the store full."""
    shelf, full = Shelf(), [True]
    async with serving(shelf, is_full=lambda: full[0]) as server, talking(server) as talk:
        assert codes(await talk.say("MAIL FROM:<a@b.c>")) == ["452 4.3.1"]
        full[0] = False
        shelf.fault = StoreFull("database or disk is full")
        assert codes([await talk.mail(MESSAGE)]) == ["452 4.3.1"]
        shelf.fault = None
        assert codes([await talk.mail(MESSAGE)]) == ["250 2.0.0"]
