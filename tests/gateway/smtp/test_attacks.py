"""gateway.smtp under attack: nobody else notices, nothing is promised, nothing stays behind."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from gateway.config.model import User
from gateway.smtp import login
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
from tests.gateway.smtp.test_tls_and_login import CHEAP, PLAIN, WRONG

MESSAGE = b"Subject: hello\r\n\r\nbody\r\n"
LONG = 1000.0  # s, of virtual time


@pytest.mark.parametrize("false_end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r"])
async def test_a_smuggled_mail_is_no_mail(false_end: bytes) -> None:
    """Commands behind a false end are text, and the text is refused."""
    shelf = Shelf()
    evil = f"MAIL FROM:<evil@x.y>\r\nRCPT TO:<+48999999999@{DOMAIN}>\r\nDATA\r\nevil".encode()
    async with serving(shelf) as server, talking(server) as talk:
        answer = await talk.mail(b"Subject: x\r\n\r\ngood" + false_end + evil)

        assert codes([answer]) == ["554 5.6.0"]
        assert codes(await talk.say("NOOP")) == ["250 2.0.0"]

    assert shelf.mails == []


async def test_a_line_of_a_megabyte_is_only_a_line() -> None:
    """Senders break the limit of 998 every day; nothing here relays such a line."""
    shelf = Shelf()
    async with serving(shelf, settings(max_size=2_000_000)) as server, talking(server) as talk:
        assert codes([await talk.mail(b"Subject: x\r\n\r\n" + b"x" * 1_000_000)]) == ["250 2.0.0"]

    assert len(shelf.mails[0].raw) > 1_000_000


async def test_ten_thousand_recipients_do_not_hold_the_others_up() -> None:
    """They are answered one loop turn each, and so many on one connection are enough."""
    turns = 0

    async def bystander() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with serving(Shelf()) as server, talking(server) as talk:
        task = asyncio.create_task(bystander())
        flood = "".join(f"RCPT TO:<+4822{n:07}@{DOMAIN}>\r\n" for n in range(10_500))
        talk.write("MAIL FROM:<a@b.c>\r\n" + flood)
        answers = codes(await talk.ended(patience=60.0))
        task.cancel()

    assert answers == ["250 2.1.0"] + ["250 2.1.5"] * 50 + ["452 4.5.3"] * 9950 + ["421 4.7.0"]
    assert turns >= len(answers)


async def test_recipients_that_are_guessed_end_the_connection() -> None:
    """Nobody can ask for ever which addresses are taken."""
    async with serving(Shelf()) as server, talking(server) as talk:
        talk.write("MAIL FROM:<a@b.c>\r\n" + "RCPT TO:<x@y.z>\r\n" * 500)

        assert codes((await talk.ended())[-2:]) == ["550 5.1.2", "421 4.7.0"]


@pytest.mark.parametrize(
    ("command", "goodbye"), [("NOOP", "421 4.7.0"), ("HELP", "421 4.7.0"), ("FOO", "502 5.5.1")]
)
async def test_a_command_without_end_ends_the_connection(command: str, goodbye: str) -> None:
    """What leads nowhere is answered so many times and no more."""
    async with serving(Shelf()) as server, talking(server) as talk:
        talk.write(f"{command}\r\n" * 200)

        assert codes((await talk.ended())[-1:]) == [goodbye]


async def test_one_address_gets_its_share_of_connections_and_no_more() -> None:
    """421 for the rest, and the share comes back when a client leaves."""
    config = settings(max_connections_per_client=2)
    async with serving(Shelf(), config) as server, talking(server):
        async with talking(server) as second:
            async with connected(server) as third:
                assert codes([await third.answer()]) == ["421 4.7.0"]
                assert await third.ended() == []
            await second.say("QUIT")
            await second.ended()
        async with connected(server) as fourth:
            assert codes([await fourth.answer()]) == ["220 mx.example.com"]


async def test_all_together_get_so_many_connections_and_no_more() -> None:
    """The whole server is bounded, whoever comes."""
    config = settings(max_connections=1)
    async with serving(Shelf(), config) as server, talking(server), connected(server) as second:
        assert codes([await second.answer()]) == ["421 4.3.2"]


@pytest.mark.virtual_time
async def test_a_client_that_says_nothing_is_sent_away() -> None:
    """After the time that the administrator gave, with a 421 that says why."""
    async with serving(Shelf(), settings(timeout="5 min")) as server, connected(server) as talk:
        started = asyncio.get_running_loop().time()
        answers = await talk.ended(patience=LONG)

        assert codes(answers) == ["220 mx.example.com", "421 4.4.2"]
        assert asyncio.get_running_loop().time() - started == pytest.approx(300, abs=1)


@pytest.mark.virtual_time
async def test_a_mail_that_never_ends_is_given_up() -> None:
    """Half a message is no message, and its memory comes back."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")
        talk.write(b"x" * 500_000)
        answers = await talk.ended(patience=LONG)

        assert codes(answers) == ["421 4.4.2"]
        assert server._desk.budget._free == 4_000_000

    assert shelf.mails == []


@pytest.mark.virtual_time
async def test_a_store_that_never_answers_is_not_waited_for() -> None:
    """451 after four minutes, well before the client loses patience; the attempt is called off."""
    shelf = Shelf()
    shelf.hold.clear()
    async with serving(shelf) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")
        talk.write(b"Subject: x\r\n\r\n.\r\n")

        assert codes([await talk.answer(patience=LONG)]) == ["451 4.3.0"]

    assert shelf.mails == []


@pytest.mark.virtual_time
async def test_a_client_that_does_not_read_is_cut_off() -> None:
    """Its answers pile up only so far; then silence counts, and no farewell is waited for."""
    async with serving(Shelf(), settings(timeout="60 s")) as server, talking(server) as talk:
        talk.stop_reading()
        talk.write("RSET\r\n" * 1000 + "EHLO x\r\n" * 9000)
        (visitor,) = server._guests

        await visitor.gone.wait()

        assert server._desk.crowd.enter("127.0.0.1") is None


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"MAIL FR",
        b"MAIL FROM:<a@b.c>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: x\r\n\r\nhalf" % NUMBER.encode(),
    ],
)
async def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(octets: bytes) -> None:
    """Half a command is no command; half a mail is no mail; the place is free again."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        (visitor,) = server._guests
        talk.write(octets)
        talk.half_close()
        await talk.ended()
        await visitor.gone.wait()

        assert server._guests == set()

    assert shelf.mails == []


async def test_a_mail_whose_client_half_closes_behind_it_is_kept() -> None:
    """The final dot was there; what was promised to the store is finished."""
    shelf = Shelf()
    shelf.hold.clear()
    async with serving(shelf) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")
        talk.write(b"Subject: x\r\n\r\n.\r\n")
        await shelf.begun.wait()
        talk.half_close()
        await talk.ended()
        shelf.hold.set()

    assert len(shelf.mails) == 1


async def test_a_flood_of_logins_waits_or_is_put_off() -> None:
    """Only so many wait for the two threads that compute; the rest hears 454 at once."""
    logins = login.Logins([User(name="u", password=CHEAP.hash("p"))])
    checks = [logins.check("u", "wrong") for _ in range(100)]

    answers = await asyncio.gather(*checks)
    logins.close()

    assert answers.count(None) == 100 - login.MOST_WAITING
    assert answers.count(False) == login.MOST_WAITING


async def test_a_login_that_must_wait_too_long_hears_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as no failure of the client."""
    monkeypatch.setattr(login, "MOST_WAITING", 0)
    users = (User(name="żółw", password=CHEAP.hash("hasło")),)
    async with serving(Shelf(), settings(users=users)) as server, talking(server) as talk:
        assert codes(await talk.say(*[PLAIN] * 5)) == ["454 4.7.0"] * 5


async def test_a_connection_that_breaks_in_the_middle_of_a_mail_leaves_nothing() -> None:
    """A reset is no end of a mail either."""
    shelf = Shelf()
    async with serving(shelf) as server:
        async with talking(server) as talk:
            (visitor,) = server._guests
            await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")
            talk.write(b"Subject: x\r\n\r\nhalf")
            talk.reset()
        await visitor.gone.wait()

    assert shelf.mails == []


async def test_a_flood_of_auth_on_one_connection_ends_it() -> None:
    """Pipelined guesses are not even looked at after the third."""
    users = (User(name="żółw", password=CHEAP.hash("hasło")),)
    async with serving(Shelf(), settings(users=users)) as server, talking(server) as talk:
        talk.write(f"{WRONG}\r\n" * 1000 + f"{PLAIN}\r\n")

        assert codes(await talk.ended()) == ["535 5.7.8"] * 3 + ["421 4.7.0"]


async def test_memory_for_mails_is_bounded_over_all_connections() -> None:
    """Four mails of the largest size; a client beyond that is asked to come again."""
    async with serving(Shelf()) as server:
        server._desk.budget.take(3_500_000)
        async with talking(server) as talk:
            assert codes([await talk.mail(b"x" * 900_000)]) == ["452 4.3.1"]
            assert codes([await talk.mail(b"x" * 400_000)]) == ["250 2.0.0"]


async def test_blank_lines_without_end_end_the_connection() -> None:
    """They are no mail, and are not worth reading on."""
    async with serving(Shelf()) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")
        talk.write(b"\r\n" * 5000)

        assert codes(await talk.ended()) == ["554 5.6.0", "421 4.7.0"]


@effort(max_examples=25, deadline=None)
@given(
    st.lists(
        st.binary(max_size=300)
        | st.sampled_from(
            [
                b"EHLO x\r\n",
                b"DATA\r\n",
                b"AUTH PLAIN\r\n",
                b"RSET\r\n",
                b"MAIL FROM:<a@b.c>\r\n",
                b".\r\n",
                b"STARTTLS\r\n",
            ]
        ),
        max_size=20,
    )
)
async def test_rubbish_gets_answers_and_never_a_mail(pieces: list[bytes]) -> None:
    """Whatever comes, the server answers, ends the connection in time, and serves the next."""
    shelf = Shelf()
    async with serving(shelf) as server:
        async with talking(server) as talk:
            for piece in pieces:
                talk.write(piece)
            talk.half_close()
            await talk.ended()
        async with talking(server) as talk:
            assert codes(await talk.say("NOOP")) == ["250 2.0.0"]

    assert shelf.mails == []
