"""gateway.smtp: what becomes of the recipients of a mail, and of the lists they stand for."""

from __future__ import annotations

from gateway.address import Book, Directory
from gateway.config.addressing import Contact, DialPlan
from gateway.store.records import NewRecipient
from tests.gateway.smtp.peers import (
    DOMAIN,
    NUMBER,
    Shelf,
    codes,
    serving,
    settings,
    talking,
)

MESSAGE = b"From: a@b.c\r\nSubject: hello\r\n\r\n.dot\r\nbody\r\n"


async def test_two_addresses_of_one_number_are_one_recipient() -> None:
    """A number is not called twice for one mail; the first way to write it stays."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        await talk.mail(MESSAGE, NUMBER, f"222000002@{DOMAIN}", NUMBER)

    assert [recipient.address for recipient in shelf.mails[0].recipients] == [NUMBER]


async def test_too_many_recipients_are_put_off() -> None:
    """452 makes a client send the rest in another mail; the first ones are kept."""
    shelf = Shelf()
    async with serving(shelf, settings(max_recipients=2)) as server, talking(server) as talk:
        rcpts = [f"RCPT TO:<+4822200000{n}@{DOMAIN}>" for n in range(4)]
        answers = await talk.say("MAIL FROM:<a@b.c>", *rcpts, "DATA")
        await talk.say(".")

    assert codes(answers)[1:5] == ["250 2.1.5", "250 2.1.5", "452 4.5.3", "452 4.5.3"]
    assert len(shelf.mails[0].recipients) == 2


async def test_a_list_is_stored_as_its_numbers_each_once() -> None:
    """A number that two addresses of one mail reach is one recipient, told what both asked for."""
    book = Book(
        [
            Contact(name="office", display="The Office", numbers=("+48222000002",)),
            Contact(name="all", numbers=("office", "+48222000002/T33S=7", "+48222000003")),
        ]
    )
    directory = Directory(DOMAIN, "PL", book=book)
    shelf = Shelf()
    async with serving(shelf, directory=directory) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>")
        answers = await talk.say(
            f"RCPT TO:<{NUMBER}> NOTIFY=FAILURE",
            f"RCPT TO:<all@{DOMAIN}> NOTIFY=SUCCESS",
            f"RCPT TO:<FAX=+48222000002/T33S=7@{DOMAIN}>",
        )
        await talk.say("DATA")
        talk.write(MESSAGE + b".\r\n")
        await talk.answer()

    assert [answer[10:] for answer in answers] == [
        "Fax to +48222000002",
        "Fax to 3 numbers",
        "Fax to +48222000002, subaddress 7",
    ]
    assert shelf.mails[0].recipients == (
        NewRecipient(NUMBER, "+48222000002", "", "", "SUCCESS,FAILURE", "The Office"),
        NewRecipient(
            f"all@{DOMAIN}", "+48222000002", "7", "", "SUCCESS,FAILURE,DELAY", "The Office"
        ),
        NewRecipient(f"all@{DOMAIN}", "+48222000003", "", "", "SUCCESS"),
    )


async def test_a_list_that_is_too_long_is_put_off_whole() -> None:
    """Never half of a list in one mail and half in another."""
    book = Book([Contact(name="all", numbers=("+48222000003", "+48222000004"))])
    directory = Directory(DOMAIN, "PL", book=book)
    config = settings(max_recipients=2)
    async with serving(Shelf(), config, directory) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>")
        answers = await talk.say(f"RCPT TO:<all@{DOMAIN}>", f"RCPT TO:<222000003@{DOMAIN}>")

    assert codes(answers) == ["452 4.5.3", "250 2.1.5"]


async def test_local_numbers_are_those_of_the_clients_network() -> None:
    """The dial plan goes by where the mail comes from, whatever its sender calls himself."""
    plans = [DialPlan(networks=("127.0.0.0/8",), area_code="22", local_digits=(7,))]
    shelf = Shelf()
    directory = Directory(DOMAIN, "PL", plans)
    async with serving(shelf, directory=directory) as server, talking(server) as talk:
        await talk.mail(MESSAGE, f"2000002@{DOMAIN}")

    assert shelf.mails[0].recipients == (NewRecipient(f"2000002@{DOMAIN}", "+48222000002"),)
