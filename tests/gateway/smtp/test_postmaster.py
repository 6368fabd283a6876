"""gateway.smtp.postbox: everybody may write to postmaster and abuse, within bounds."""

from __future__ import annotations

import pytest

from gateway.smtp.login import MOST_FAILURES
from gateway.smtp.postbox import LARGEST
from tests.gateway.smtp.peers import (
    DOMAIN,
    NUMBER,
    Shelf,
    codes,
    serving,
    settings,
    talking,
)

READER = "admin@example.org"
LETTER = b"From: somebody@example.net\r\nSubject: your gateway\r\n\r\nIt calls me at night.\r\n"
NOBODY_KNOWN = settings(networks=())  # the client of these tests is a stranger


@pytest.mark.parametrize(
    "address",
    [f"postmaster@{DOMAIN}", f"Abuse@{DOMAIN.upper()}", "Postmaster", f'"postmaster"@{DOMAIN}'],
)
@pytest.mark.parametrize("sender", ["somebody@example.net", ""])
async def test_a_stranger_may_write_to_the_postmaster(address: str, sender: str) -> None:
    """Bounces too (RFC 5321 4.5.1, RFC 2142); the mail is kept as it is, and is no fax."""
    shelf = Shelf()
    async with (
        serving(shelf, NOBODY_KNOWN, postmaster=READER) as server,
        talking(server) as talk,
    ):
        answer = await talk.mail(LETTER, address, sender=sender)

    assert answer == "250 2.0.0 Accepted for the postmaster"
    assert shelf.mails == []
    (letter,) = shelf.letters
    assert letter.startswith(b"Received: from client.example.org ([127.0.0.1])\r\n")
    assert letter.partition(b"+0000\r\n")[2] == LETTER + b"\r\n"


@pytest.mark.parametrize("reader", ["", f"postmaster@{DOMAIN}"])
async def test_mail_that_nobody_reads_is_refused(reader: str) -> None:
    """Where no reader is set, or the reader is the postmaster of this domain: a circle."""
    async with serving(Shelf(), postmaster=reader) as server, talking(server) as talk:
        answers = await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<postmaster@{DOMAIN}>", "DATA")

    assert answers[1].startswith("550 5.1.1 Nobody reads mail to postmaster here: mail.postmaster")
    assert codes(answers[2:]) == ["503 5.5.1"]


async def test_a_mail_is_a_letter_or_a_fax() -> None:
    """Whatever comes second is put off to a mail of its own; both names together are one letter."""
    shelf = Shelf()
    letters = (f"RCPT TO:<postmaster@{DOMAIN}>", f"RCPT TO:<abuse@{DOMAIN}>")
    async with serving(shelf, postmaster=READER) as server, talking(server) as talk:
        first = await talk.say("MAIL FROM:<a@b.c>", *letters, f"RCPT TO:<{NUMBER}>")
        second = await talk.say("RSET", "MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", letters[0])

    assert codes(first[1:]) == ["250 2.1.5", "250 2.1.5", "452 4.5.3"]
    assert codes(second[2:]) == ["250 2.1.5", "452 4.5.3"]


async def test_a_large_letter_is_refused() -> None:
    """When it is announced, and when it comes all the same; a fax may be larger."""
    shelf, config = Shelf(), settings(max_size=2 * LARGEST)
    async with serving(shelf, config, postmaster=READER) as server, talking(server) as talk:
        announced = await talk.say(
            f"MAIL FROM:<a@b.c> SIZE={LARGEST + 1}", f"RCPT TO:<postmaster@{DOMAIN}>", "RSET"
        )
        large = (b"x" * 98 + b"\r\n") * (LARGEST // 100 + 1)
        came = await talk.mail(large, f"postmaster@{DOMAIN}")
        fax = await talk.mail(large)

    assert codes([announced[1], came, fax]) == ["552 5.3.4", "552 5.3.4", "250 2.0.0"]
    assert shelf.letters == []


async def test_too_many_letters_have_to_wait() -> None:
    """A stranger does not fill the store; who sends faxes from there is not hindered."""
    shelf = Shelf()
    async with serving(shelf, postmaster=READER) as server, talking(server) as talk:
        for _ in range(MOST_FAILURES):
            assert codes([await talk.mail(LETTER, "postmaster")]) == ["250 2.0.0"]
        late = await talk.say("MAIL FROM:<a@b.c>", "RCPT TO:<postmaster>", "RSET")
        fax = await talk.mail(LETTER)

    assert codes([late[1], fax]) == ["451 4.7.1", "250 2.0.0"]
    assert len(shelf.letters) == MOST_FAILURES


async def test_a_letter_that_is_not_stored_stays_with_its_sender() -> None:
    """451 where the store fails: 250 is said only of what is durable."""
    shelf = Shelf()
    shelf.fault = OSError("disk full")
    async with serving(shelf, postmaster=READER) as server, talking(server) as talk:
        assert codes([await talk.mail(LETTER, "postmaster")]) == ["451 4.3.0"]


async def test_an_automatic_reply_may_reach_people() -> None:
    """It would be no fax, but somebody may want to read it."""
    shelf = Shelf()
    async with serving(shelf, postmaster=READER) as server, talking(server) as talk:
        reply = b"Auto-Submitted: auto-replied\r\n" + LETTER
        assert codes([await talk.mail(reply, "abuse@" + DOMAIN)]) == ["250 2.0.0"]
