"""The IMAP outbox beside Dovecot: what is put there is sent once and filed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

from gateway.clock import SettableClock
from gateway.config.model import Config
from gateway.config.rules import findings
from gateway.imap import Session, connected
from gateway.imap.outbox import House, Outbox
from gateway.imap.posting import Posting
from gateway.mailout.transport import TemporaryFailure
from gateway.store import Store
from gateway.store.records import Job
from gateway.words import Language
from gateway.words.choice import language_of
from tests.gateway.imap.dovecot import PASSWORD, USER, Dovecot
from tests.gateway.imap.test_target import pretender, script
from tests.gateway.running import RunningGateway, until

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NAMES = count()
MAIL = (
    b"From: Anna <anna@example.org>\r\nTo: +48222000002@fax.localhost, x@example.org\r\n"
    b"Message-ID: <m1@example.org>\r\nSubject: Order 7\r\n\r\nHello\r\n"
)

pytestmark = pytest.mark.peer


class Written:
    """Receipts of one line."""

    async def filed(
        self, recipient: int, message_id: str, now: datetime
    ) -> Callable[[], EmailMessage | None]:
        message = EmailMessage(policy.SMTP)
        message["Message-ID"], message["Subject"] = message_id, f"receipt {recipient} {now:%H}"
        message.set_content("ended")
        return lambda: message

    def language(self, address: str, asked: str = "") -> Language:
        """Everybody reads what their mail asks for."""
        return Language(language_of(address, {}, asked, "en"))


@dataclass
class Scene:
    """One outbox of its own folders on the server, and a store of its own."""

    server: Dovecot
    store: Store
    config: Config
    told: list[str] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def outbox(self) -> Outbox:
        """As after a start of the gateway: nothing is remembered but in the store."""
        box = self.config.imap_outboxes["anna"]
        house = House(
            *(self.store, Written(), SettableClock(NOW), self._announce),
            *("fax@fax.localhost", "fax.localhost"),
        )
        return Outbox("anna", box, Posting.of(self.config, "anna", box), house)

    def _announce(self, event: str, **_: object) -> None:
        self.told.append(event)
        self.heard.set()

    async def look(self) -> None:
        """One look, on a connection of its own."""
        async with connected(self.config.imap_outboxes["anna"]) as imap:
            await imap.learn()
            await self.outbox().look(imap)

    def put(self, mail: bytes = MAIL) -> None:
        self.server.put(self.config.imap_outboxes["anna"].outbox, mail)

    def subjects(self, folder: str) -> list[str]:
        """What is in outbox, sent or failed."""
        name: str = getattr(self.config.imap_outboxes["anna"], folder)
        mails = [
            message_from_bytes(raw, policy=policy.default) for _, raw in self.server.found(name)
        ]
        return sorted(mail["Subject"] for mail in mails)

    async def jobs(self) -> list[Job]:
        found = [await self.store.job(number) for number in (1, 2, 3)]
        return [job for job in found if job is not None]


def settings(server: Dovecot) -> dict[str, object]:
    """The section of the configuration, with folders of nobody else."""
    base = f"Faksy Łódź {next(NAMES)}"
    folders = {name: f"{base}/{name}" for name in ("outbox", "sent", "failed")}
    login = {"host": "localhost", "port": server.tls, "ca": str(server.ca)}
    who = {"user": USER, "password": PASSWORD, "owner": "anna", "address": "anna@example.org"}
    return {**login, **who, **folders}


@pytest.fixture
async def scene(server: Dovecot, tmp_path: Path) -> AsyncIterator[Scene]:
    """An outbox, before anything is in it."""
    config = Config.model_validate(
        {
            "domain": "fax.localhost",
            "senders": [{"name": "anna", "addresses": ["anna@example.org"], "groups": ["office"]}],
            "rules": [{"name": "no premium", "to": ["+48700"], "do": "refuse"}, {"name": "rest"}],
            "imap_outboxes": {"anna": settings(server)},
            "mail": {
                "sender": "fax@fax.localhost",
                "transport": {"type": "maildir", "directory": str(tmp_path / "mail")},
            },
        }
    )
    assert [f for f in findings(config) if f[0][0] == "imap_outboxes"] == []
    store = await Store.open(f"sqlite:///{tmp_path}/faxgate.db")
    yield Scene(server, store, config)
    await store.close()


async def test_a_mail_is_one_order_and_moves_when_it_has_ended(scene: Scene) -> None:
    """It has its owner's rights, waits in the outbox, and is filed with its receipt."""
    scene.put()
    for _ in range(2):
        await scene.look()

    (job,) = await scene.jobs()
    (recipient,) = await scene.store.recipients_of(job.id)
    assert (job.user, job.groups, job.sender) == ("anna", ("office",), "anna@example.org")
    assert recipient.number == "+48222000002"
    assert scene.subjects("outbox") == ["Order 7"]

    await scene.store.render_failed(job.id, (), "No pages.", NOW)
    for _ in range(2):
        await scene.look()

    assert scene.subjects("outbox") == scene.subjects("sent") == []
    assert scene.subjects("failed") == ["Order 7", "receipt 1 10"]
    assert len(await scene.jobs()) == 1


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (b"x@example.org", "have no address at fax.localhost"),
        (b"+48700123456@fax.localhost, +48222000002@fax.localhost", "rule: no premium"),
        (b"nobody@fax.localhost", "nobody@fax.localhost: "),
    ],
)
async def test_what_may_not_be_sent_is_told_and_nothing_of_it_sent(
    scene: Scene, to: bytes, why: str
) -> None:
    """The mail and a notice with the reason go to the folder of what failed."""
    scene.put(b"To: " + to + b"\r\nSubject: Order 8\r\n\r\nHello\r\n")
    for _ in range(2):
        await scene.look()

    assert await scene.jobs() == []
    assert scene.subjects("outbox") == []
    assert scene.subjects("failed") == ["Not faxed: Order 8", "Order 8"]
    mails = scene.server.found(scene.config.imap_outboxes["anna"].failed)
    assert any(why in raw.decode().replace("=\r\n", "") for _, raw in mails)


async def test_a_crash_before_the_move_repeats_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt was put there; the next look finds it, and moves the mail."""

    async def killed(*_: object) -> None:
        raise TemporaryFailure("the power went")

    scene.put()
    await scene.look()
    await scene.store.render_failed(1, (), "No pages.", NOW)
    with monkeypatch.context() as power:
        power.setattr(Session, "move", killed)
        with pytest.raises(TemporaryFailure, match="power"):
            await scene.look()
    assert scene.subjects("failed") == ["receipt 1 10"]

    await scene.look()

    assert scene.subjects("failed") == ["Order 7", "receipt 1 10"]
    assert scene.subjects("outbox") == []
    assert len(await scene.jobs()) == 1


async def test_one_mail_that_cannot_be_fetched_holds_up_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trouble is told after the look."""
    fetch = Session.fetch

    async def fetched(imap: Session, uid: int, size: int) -> bytes | None:
        if uid == 1:
            raise TemporaryFailure("its disk is bad")
        return await fetch(imap, uid, size)

    monkeypatch.setattr(Session, "fetch", fetched)
    scene.put()
    scene.put(MAIL.replace(b"000002@", b"000003@"))
    with pytest.raises(TemporaryFailure, match="disk"):
        await scene.look()

    (job,) = await scene.jobs()
    assert [r.number for r in await scene.store.recipients_of(job.id)] == ["+48222000003"]


async def test_new_numbers_of_a_server_make_no_second_fax(scene: Scene) -> None:
    """With another UIDVALIDITY the mail is known by its octets, as long as it waits."""
    scene.put()
    await scene.look()
    scene.server.drop(scene.config.imap_outboxes["anna"].outbox)
    scene.put()
    await scene.look()

    assert len(await scene.jobs()) == 1


async def test_the_same_mail_put_there_again_is_a_second_order(scene: Scene) -> None:
    """People send a letter twice by copying it."""
    scene.put()
    await scene.look()
    scene.put()
    await scene.look()

    assert len(await scene.jobs()) == 2


@pytest.mark.parametrize("capabilities", [("IDLE", "MOVE"), ()])
async def test_a_server_without_move_is_served_as_well(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capabilities: tuple[str, ...]
) -> None:
    """COPY, STORE and EXPUNGE do the same (RFC 3501)."""
    from gateway.imap.session import Client

    monkeypatch.setattr(Client, "has_capability", lambda _, name: name in capabilities)
    scene.put(b"To: x@example.org\r\nSubject: Order 9\r\n\r\nHello\r\n")
    await scene.look()

    assert scene.subjects("outbox") == []
    assert scene.subjects("failed") == ["Not faxed: Order 9", "Order 9"]


async def test_a_new_mail_is_heard_of_at_once(scene: Scene) -> None:
    """IDLE tells, long before the next look is due."""
    box = scene.config.imap_outboxes["anna"].model_copy(update={"poll": NOW - NOW.replace(hour=1)})
    scene.config = scene.config.model_copy(update={"imap_outboxes": {"anna": box}})
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        running = group.create_task(scene.outbox().run())
        await asyncio.to_thread(scene.put)
        await scene.heard.wait()
        scene.heard.clear()
        await asyncio.to_thread(scene.put)  # it is idle by now, or looks again
        await scene.heard.wait()
        running.cancel()

    assert scene.told == ["mail accepted", "mail accepted"]


async def test_a_server_that_is_away_is_tried_again(scene: Scene) -> None:
    """Each failure is told, and the next try comes after a rest."""
    async with pretender(script()) as port, asyncio.timeout(30):
        away = {"host": "127.0.0.1", "port": port, "tls": "none"}
        box = scene.config.imap_outboxes["anna"].model_copy(update=away)
        scene.config = scene.config.model_copy(update={"imap_outboxes": {"anna": box}})
        async with asyncio.TaskGroup() as group:
            running = group.create_task(scene.outbox().run())
            for _ in range(2):
                await scene.heard.wait()
                scene.heard.clear()
            running.cancel()

    assert scene.told == ["imap outbox unavailable"] * 2


def test_an_owner_must_be_somebody(scene: Scene) -> None:
    """A name that nobody has would be nobody's rights."""
    box = scene.config.imap_outboxes["anna"].model_copy(update={"owner": "ana"})
    config = scene.config.model_copy(update={"imap_outboxes": {"a": box}})

    found = [f for f in findings(config) if f[0][0] == "imap_outboxes"]

    assert found == [
        (
            ("imap_outboxes", "a", "owner"),
            "`senders` has nobody with the name, login or address 'ana'",
        )
    ]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_mail_in_the_outbox_becomes_a_fax_once(server: Dovecot, tmp_path: Path) -> None:
    """Killed after the order was committed: one fax arrives, and the mail is filed as sent."""
    box = settings(server)
    gateway = RunningGateway(tmp_path)
    with gateway.config.open("a", encoding="utf-8") as config:
        config.write("senders: [{name: anna, addresses: [anna@example.org]}]\n")
        config.write(f"imap_outboxes: {json.dumps({'anna': {**box, 'poll': '200 ms'}})}\n")
    server.put(str(box["outbox"]), MAIL)
    with gateway.started() as events:
        until(events, "mail accepted")
    with gateway.started() as events:
        until(events, "mail filed")

    sent = [
        message_from_bytes(raw, policy=policy.default) for _, raw in server.found(str(box["sent"]))
    ]
    assert server.found(str(box["outbox"])) == []
    (mail,) = [m for m in sent if m["Message-ID"] == "<m1@example.org>"]
    (receipt,) = [m for m in sent if m is not mail]
    assert mail["Subject"] == "Order 7"
    assert receipt.get_content_type() == "multipart/report"
    assert gateway.mails("anna@example.org") == []
    assert len(gateway.mails("office@example.org")) == 1
