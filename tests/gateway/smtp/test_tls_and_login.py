"""gateway.smtp: STARTTLS, implicit TLS, and who may log in where."""

from __future__ import annotations

import ssl
from base64 import b64encode

import pytest
from argon2 import PasswordHasher

from gateway.config.model import Listener, Smtp, User
from tests.gateway.smtp.conftest import Pem
from tests.gateway.smtp.peers import (
    NUMBER,
    Shelf,
    Talk,
    codes,
    connected,
    serving,
    settings,
    talking,
)

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
USERS = (User(name="żółw", password=CHEAP.hash("hasło")),)
MESSAGE = b"Subject: hello\r\n\r\nbody\r\n"


def b64(text: str) -> str:
    """Text as AUTH carries it."""
    return b64encode(text.encode()).decode()


PLAIN = "AUTH PLAIN " + b64("\0żółw\0hasło")
WRONG = "AUTH PLAIN " + b64("\0żółw\0haslo")


def secured(pem: Pem, address: str = "127.0.0.1") -> Smtp:
    """Listeners: 0 in the clear, 1 STARTTLS, 2 implicit TLS; nobody may send without a login."""
    return settings(
        listen=tuple(
            Listener(address=address, port=0, tls=tls) for tls in ("none", "starttls", "implicit")
        ),
        certificate=pem.certificate,
        key=pem.key,
        users=USERS,
        networks=(),
    )


async def offers(talk: Talk) -> str:
    """What EHLO is answered."""
    return (await talk.say("EHLO me"))[0]


async def test_starttls_then_login_then_mail(pem: Pem) -> None:
    """The ordinary way of a mail program on port 587; Received says how it came."""
    shelf = Shelf()
    async with serving(shelf, secured(pem)) as server, talking(server, listener=1) as talk:
        assert "STARTTLS" in await offers(talk)
        assert codes(await talk.say("STARTTLS")) == ["220 Ready"]
        await talk.starttls(pem.trust)
        assert codes(await talk.say(f"RCPT TO:<{NUMBER}>")) == ["503 5.5.1"]  # all is forgotten
        assert "STARTTLS" not in await offers(talk)
        assert codes(await talk.say("STARTTLS", PLAIN)) == ["503 5.5.1", "235 2.7.0"]
        assert codes([await talk.mail(MESSAGE)]) == ["250 2.0.0"]

    assert shelf.mails[0].user == "żółw"
    assert b"with ESMTPSA;" in shelf.mails[0].raw


async def test_implicit_tls_then_login_then_mail(pem: Pem) -> None:
    """Port 465: encrypted from the first octet, and known to be so."""
    shelf = Shelf()
    async with (
        serving(shelf, secured(pem)) as server,
        talking(server, listener=2, tls=pem.trust) as talk,
    ):
        assert "STARTTLS" not in await offers(talk)
        assert codes(await talk.say(PLAIN)) == ["235 2.7.0"]
        assert codes([await talk.mail(b"x" * 900_000)]) == ["250 2.0.0"]

    assert len(shelf.mails[0].raw) > 900_000


async def test_old_tls_is_not_spoken(pem: Pem) -> None:
    """TLS 1.2 is the least (RFC 8996)."""
    old = ssl.create_default_context(cafile=str(pem.certificate))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with serving(Shelf(), secured(pem)) as server:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            async with connected(server, listener=2, tls=old):
                pass


async def test_auth_login_asks_for_name_and_password(pem: Pem) -> None:
    """Both with and without the name in the first line; the mechanism's case does not matter."""
    async with serving(Shelf(), secured(pem)) as server:
        async with talking(server) as talk:
            answers = await talk.say("AUTH login", b64("żółw"), b64("hasło"))
            assert answers[:2] == ["334 " + b64("Username:"), "334 " + b64("Password:")]
            assert codes(answers)[2] == "235 2.7.0"
        async with talking(server) as talk:
            answers = await talk.say(f"AUTH LOGIN {b64('żółw')}", b64("hasło"))
            assert codes(answers)[1] == "235 2.7.0"


async def test_auth_plain_may_be_asked_for(pem: Pem) -> None:
    """Without an initial response there is an empty challenge (RFC 4954 4)."""
    async with serving(Shelf(), secured(pem)) as server, talking(server) as talk:
        answers = await talk.say("AUTH PLAIN", b64("żółw\0żółw\0hasło"), PLAIN)

    assert answers[0] == "334 "
    assert codes(answers)[1:] == ["235 2.7.0", "503 5.5.1"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([WRONG], "535 5.7.8"),
        (["AUTH PLAIN " + b64("\0nobody\0hasło")], "535 5.7.8"),
        (["AUTH PLAIN " + b64("\0żółw\0" + "x" * 2000)], "535 5.7.8"),
        (["AUTH PLAIN " + b64("root\0żółw\0hasło")], "501 5.5.2"),
        (["AUTH PLAIN " + b64("żółw\0hasło")], "501 5.5.2"),
        (["AUTH PLAIN ="], "501 5.5.2"),
        (["AUTH PLAIN /////w=="], "501 5.5.2"),
        (["AUTH PLAIN ???"], "501 5.5.2"),
        (["AUTH PLAIN", "???"], "501 5.5.2"),
        (["AUTH PLAIN", "*"], "501 5.7.0"),
        (["AUTH LOGIN", "*"], "501 5.7.0"),
        (["AUTH LOGIN", b64("żółw"), "*"], "501 5.7.0"),
        (["AUTH CRAM-MD5"], "504 5.5.4"),
        (["AUTH"], "501 5.5.4"),
        (["MAIL FROM:<a@b.c>", PLAIN], "503 5.5.1"),
    ],
)
async def test_a_login_that_is_none_is_refused(lines: list[str], code: str, pem: Pem) -> None:
    """Wrong, broken, given up, or at the wrong time; a wrong name is as wrong as a password."""
    async with serving(Shelf(), secured(pem)) as server, talking(server) as talk:
        assert codes(await talk.say(*lines))[-1] == code
        assert codes(await talk.say("NOOP")) == ["250 2.0.0"]


async def test_credentials_without_end_end_the_connection(pem: Pem) -> None:
    """What follows of such a line is not taken for commands."""
    async with serving(Shelf(), secured(pem)) as server, talking(server) as talk:
        answers = await talk.say("AUTH PLAIN", "A" * 300_000)

        assert codes([*answers, await talk.answer()])[1:] == ["501 5.5.2", "421 4.7.0"]


async def test_passwords_are_not_taken_in_the_clear_from_afar(pem: Pem) -> None:
    """A listener that others can reach offers AUTH only once the connection is encrypted."""
    config = secured(pem, address="0.0.0.0")
    async with serving(Shelf(), config) as server:
        async with talking(server, listener=1) as talk:
            assert "AUTH" not in await offers(talk)
            assert codes(await talk.say(PLAIN)) == ["538 5.7.11"]
            await talk.say("STARTTLS")
            await talk.starttls(pem.trust)
            assert "AUTH PLAIN LOGIN" in await offers(talk)
        async with talking(server, listener=0) as talk:
            assert "AUTH" not in await offers(talk)


async def test_this_machine_may_log_in_in_the_clear(pem: Pem) -> None:
    """What goes over the loopback interface is not overheard."""
    async with serving(Shelf(), secured(pem)) as server, talking(server) as talk:
        assert "AUTH PLAIN LOGIN" in await offers(talk)


async def test_where_nobody_can_log_in_auth_is_not_known() -> None:
    """No users, no AUTH."""
    async with serving(Shelf()) as server, talking(server) as talk:
        assert codes(await talk.say(PLAIN)) == ["502 5.5.1"]


async def test_a_stranger_is_told_to_log_in(pem: Pem) -> None:
    """Where it could, the refusal says so."""
    async with serving(Shelf(), secured(pem)) as server, talking(server) as talk:
        answers = await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>")

    assert answers[1] == "550 5.7.1 You may not send faxes from here without logging in"


async def test_who_guesses_is_shown_out(pem: Pem) -> None:
    """Three wrong logins end the connection, ten make the address wait."""
    async with serving(Shelf(), secured(pem)) as server:
        for _ in range(3):
            async with talking(server) as talk:
                assert codes(await talk.say(WRONG, WRONG, WRONG)) == ["535 5.7.8"] * 3
                assert codes([await talk.answer()]) == ["421 4.7.0"]
                assert await talk.ended() == []
        async with talking(server) as talk:
            assert codes(await talk.say(WRONG, PLAIN)) == ["535 5.7.8", "454 4.7.0"]


async def test_what_came_before_starttls_is_forgotten(pem: Pem) -> None:
    """Commands that an attacker put behind STARTTLS in the clear are never run (CVE-2011-0411)."""
    async with serving(Shelf(), secured(pem)) as server, talking(server, listener=1) as talk:
        talk.write(f"STARTTLS\r\nEHLO evil\r\n{PLAIN}\r\nMAIL FROM:<evil@b.c>\r\n")
        assert codes([await talk.answer()]) == ["220 Ready"]
        await talk.starttls(pem.trust)

        assert codes(await talk.say("NOOP", "RSET", "MAIL FROM:<a@b.c>")) == [
            "250 2.0.0",
            "250 2.0.0",
            "503 5.5.1",
        ]


async def test_a_handshake_that_fails_ends_the_connection(pem: Pem) -> None:
    """Rubbish after 220 is no TLS, and the server goes on."""
    async with serving(Shelf(), secured(pem)) as server:
        async with talking(server, listener=1) as talk:
            await talk.say("STARTTLS")
            talk.write(b"this is no handshake\r\n" * 10)
            await talk.ended()
        async with talking(server, listener=1) as talk:
            assert codes(await talk.say("NOOP")) == ["250 2.0.0"]


async def test_half_a_handshake_is_a_guest_as_well(pem: Pem) -> None:
    """Clients that open port 465 and say nothing take their share of connections and no more."""
    config = secured(pem).model_copy(update={"max_connections_per_client": 1})
    async with serving(Shelf(), config) as server, connected(server, listener=2):
        (visitor,) = server._guests
        async with connected(server, listener=2) as second:
            assert codes([await second.answer()]) == ["421 4.7.0"]
        await server.stop(grace=1.0)

        assert visitor.gone.is_set()


async def test_what_is_no_tls_ends_a_tls_connection(pem: Pem) -> None:
    """A client that speaks in the clear to port 465 is gone at once, and its place is free."""
    async with serving(Shelf(), secured(pem)) as server, connected(server, listener=2) as talk:
        (visitor,) = server._guests
        talk.write("EHLO me\r\n")
        await visitor.gone.wait()

        assert server._guests == set()
