"""The reader of a fax puts its caller on the junk list by a mail; nobody else can."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from gateway.address import Refusal
from gateway.admission.placing import Placing
from gateway.admission.token import JUNK, local_part, read
from gateway.clock import SettableClock
from gateway.config.load import check
from gateway.config.mail import MaildirOut, MailOut
from gateway.config.model import Config
from gateway.events import Events
from gateway.intake import MOST_JUNK, NOT_YOUR_FAX, TOO_MUCH_JUNK, Intake
from gateway.mailout.transports import build_transport
from gateway.mailout.worker import DeliveryWorker
from gateway.onramp.complaint import complainer, entry_for
from gateway.onramp.junk import read as read_junk
from gateway.outgoing import Composer
from gateway.store import Store
from gateway.store.records import ReceivedFax
from modems.terminal import PageVerdict
from tests.gateway.report.sheets import sheet
from tests.gateway.smtp.peers import Shelf, codes, serving, talking
from tests.gateway.store.samples import NOW, QUALITY, call_report

OFFICE = "Office@Example.pl"
CALLER = "+48 70 123 45 67"
ADDRESS = re.compile(r"junk\+\d+-\d+-[a-z2-7]+@fax\.example")


class House:
    """A gateway that has got a fax, without its lines."""

    def __init__(self, store: Store, tmp_path: Path) -> None:
        self.store = store
        self.clock = SettableClock(NOW)
        self.directory = tmp_path / "mail"
        mail = MailOut(
            sender="fax@fax.example",
            transport=MaildirOut(directory=self.directory),
            languages={"example.pl": "pl"},
        )
        self.config = Config(domain="fax.example", state=tmp_path, mail=mail, junk_by_reply=True)
        transport = build_transport(mail, "fax.example")
        composer = Composer(store, self.config, transport, dict)
        self._worker = DeliveryWorker(
            store, transport, composer, self.clock, mail, lambda *_, **__: None
        )
        judge = Placing.of(self.config)
        self.intake = Intake(store, Events(), judge, self.config.junk_list)

    async def fax(self, caller: str = CALLER) -> int:
        """A fax comes and is delivered to the office."""
        fax = await self.store.start_received("line", "+482", caller, (OFFICE,), NOW)
        await self.store.add_received_page(fax, sheet(1), QUALITY, PageVerdict.MCF)
        await self.store.end_received(fax, call_report(), NOW)
        await self._worker.deliver_due()
        return fax

    async def mails(self) -> list[str]:
        """What the office has got."""
        await self._worker.deliver_due()
        return [path.read_text() for path in sorted(self.directory.rglob("new/*"))]

    async def say(self, address: str, who: str = OFFICE.lower()) -> str | Refusal:
        """Somebody writes to an address."""
        token = read(address.partition("@")[0])
        assert token is not None
        return await self.intake.junk(token, who, self.clock.now())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A gateway."""
    store = await Store.open(f"sqlite:///{tmp_path}/faxgate.db", domain="fax.example")
    yield House(store, tmp_path)
    await store.close()


async def address_in_the_mail(house: House) -> str:
    """What the mail of the fax names."""
    (mail,) = await house.mails()
    found = ADDRESS.search(mail.replace("=\n", "").replace("=3D", "="))
    assert found, mail
    return found[0]


async def test_the_reader_puts_the_caller_on_the_list(house: House) -> None:
    """The address in the mail does it, once, and a mail in the reader's language says so."""
    await house.fax()
    address = await address_in_the_mail(house)
    assert await house.say(address) == "+48701234567"
    assert await house.say(address.upper()) == "+48701234567"
    assert read_junk(house.config.junk_list).has("0048701234567", "") is True
    assert house.config.junk_list.read_text().count("+48701234567") == 1
    assert len([mail for mail in await house.mails() if "faxgate junk remove" in mail]) == 2


async def test_nobody_else_can(house: House) -> None:
    """A stranger, a forged or another fax's token, and one whose time is over do nothing."""
    fax = await house.fax()
    address = await address_in_the_mail(house)
    assert await house.say(address, "mallory@example.org") == NOT_YOUR_FAX
    forged = local_part(b"guess", fax, OFFICE.lower(), NOW + timedelta(days=1), JUNK)
    assert await house.say(forged) == NOT_YOUR_FAX
    assert await house.say(address.replace(f"+{fax}-", f"+{fax + 1}-")) == NOT_YOUR_FAX
    house.clock.advance(timedelta(days=31))
    assert await house.say(address) == NOT_YOUR_FAX
    assert not house.config.junk_list.exists()


async def test_a_reader_has_so_many_a_day(house: House) -> None:
    """Whoever gets hold of a mailbox cannot shut everybody out."""
    await house.fax()
    address = await address_in_the_mail(house)
    for _ in range(MOST_JUNK):
        assert isinstance(await house.say(address), str)
    assert await house.say(address) == TOO_MUCH_JUNK
    house.clock.advance(timedelta(days=1, seconds=1))
    assert isinstance(await house.say(address), str)


async def test_off_is_off(house: House) -> None:
    """Without the option no mail names an address, and none is good."""
    house.config = house.config.model_copy(update={"junk_by_reply": False})
    intake = Intake(house.store, Events(), Placing.of(house.config))
    token = read(local_part(await house.store.secret(JUNK), 1, "a@b.c", NOW, JUNK))
    assert token
    assert await intake.junk(token, "a@b.c", NOW) == NOT_YOUR_FAX


def fax_of(caller: str, tsi: str) -> ReceivedFax:
    """A fax of this caller."""
    return ReceivedFax(1, "line", "+482", caller, tsi, "", NOW, NOW, True, "", 1, 1.0)


@pytest.mark.parametrize(
    ("caller", "tsi", "entry"),
    [
        ("+48 22 100 00 01", "X", "+48221000001"),
        ("0221000001", "", "0221000001"),
        ("", "+48 22 100 00 01", "tsi: +48 22 100 00 01"),
        ("", "CHEAP* 800100#200", "tsi: CHEAP? 800100?200"),
        ("", "FAX", ""),
        ("", "", ""),
    ],
)
def test_the_entry_is_of_this_caller_only(caller: str, tsi: str, entry: str) -> None:
    """By number, else by a name with a number in it; what many call themselves is no entry."""
    assert entry_for(fax_of(caller, tsi)) == entry


def reply(subject: str, body: str = "", *, html: bool = False) -> bytes:
    """A mail of the office."""
    message = EmailMessage()
    message["From"] = f"Office <{OFFICE}>"
    message["Subject"] = subject
    message.set_content(body, subtype="html" if html else "plain")
    return message.as_bytes(policy=SMTP)


@pytest.mark.parametrize(
    ("mail", "says"),
    [
        (reply("junk"), True),
        (reply("Re: Spam!"), True),
        (reply("Odp: Faks od +48", "Śmieci\n> junk\n"), True),
        (reply("Re: Fax", "<p>junk</p><blockquote>x</blockquote>", html=True), True),
        (reply("Re: Fax from JUNK INC", "Thank you, I have got it."), False),
        (reply("Re: Fax", "> junk"), False),
        (b"From: a@b.c\r\nContent-Type: text/plain; charset=no\r\n\r\n\xff", False),
    ],
)
def test_only_the_word_does_it(mail: bytes, says: bool) -> None:
    """A person writes it; what a program answers by itself does not say so."""
    assert isinstance(complainer(mail), Refusal) is not says
    if says:
        assert complainer(mail) == OFFICE.lower()


async def test_in_the_dialogue(tmp_path: Path) -> None:
    """The client hears at the final dot what became of it."""
    del tmp_path
    until = NOW + timedelta(days=30)
    address = f"{local_part(b'key', 7, OFFICE.lower(), until, JUNK)}@fax.example.com"
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        assert codes([await talk.mail(reply("junk"), address)]) == ["250 2.0.0"]
        assert codes([await talk.mail(reply("hello"), address)]) == ["550 5.6.0"]
        automatic = b"Auto-Submitted: auto-replied\r\n" + reply("junk")
        assert codes([await talk.mail(automatic, address)]) == ["550 5.7.1"]
    assert shelf.junked == [(7, OFFICE.lower())]


def test_a_list_that_no_route_asks_for_is_a_mistake(tmp_path: Path) -> None:
    """`faxgate check` says which route is missing."""
    path = tmp_path / "gateway.yaml"
    path.write_text(
        "domain: fax.example\njunk_by_reply: true\n"
        f"mail: {{sender: a@b.c, transport: {{type: maildir, directory: {tmp_path}}}}}\n"
    )
    assert "no route asks for the junk list" in str(check(path)[0])
