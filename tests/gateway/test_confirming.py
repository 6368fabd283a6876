"""Confirming a held fax: against the real mail server, with the real store behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.address import Directory
from gateway.admission.gate import Gate
from gateway.admission.placing import Placing
from gateway.admission.senders import Senders
from gateway.admission.token import SECRET, local_part
from gateway.clock import SettableClock
from gateway.config.sending import SenderEntry
from gateway.events import Events
from gateway.intake import Intake
from gateway.smtp import MailServer
from gateway.store import Store
from gateway.store.records import RecipientState
from tests.gateway.admission.policies import policy, rule
from tests.gateway.smtp.peers import DOMAIN, NOW, NUMBER, codes, settings, talking
from tests.gateway.smtp.test_tls_and_login import PLAIN, USERS
from tests.gateway.store.samples import DOCUMENTS, mail, pages

REPLY = b"From: anna@example.com\r\nTo: x\r\nSubject: Re: fax\r\n\r\nyes\r\n"
ANNA = SenderEntry(name="anna", networks=("127.0.0.1",))


@dataclass
class Scene:
    """A held fax of Anna's, and the server that takes replies."""

    server: MailServer
    store: Store
    clock: SettableClock
    fax: int
    address: str  # confirms it

    async def state(self) -> RecipientState:
        """Where the fax stands."""
        fax = await self.store.recipient(self.fax)
        assert fax is not None
        return fax.state

    async def reply(self, address: str = "", message: bytes = REPLY, sender: str = "a@b.c") -> str:
        """What whoever is at 127.0.0.1 hears who replies."""
        async with talking(self.server) as talk:
            return await talk.mail(message, address or self.address, sender=sender)


def gate(owner: SenderEntry) -> Gate:
    """Whoever is on this machine is `owner`."""
    held = policy(rule(do="hold"))
    return Gate(Senders(("127.0.0.0/8",), (owner,)), held)


@pytest.fixture
async def scene(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """Who is at 127.0.0.1 is Anna, or the parameter's name."""
    owner = ANNA.model_copy(update={"name": getattr(request, "param", "anna")})
    store, clock = await Store.open(f"sqlite:///{tmp_path}/x.db"), SettableClock(NOW)
    judge = Placing(policy(rule(do="hold")), timedelta(days=2))
    job = await store.accept(replace(mail(), user="anna", proof="login"), NOW)
    await store.rendered(job, DOCUMENTS, pages(1), NOW, judge, 60.0)
    (fax,) = await store.queue_view(1)
    assert fax.due is not None
    local = local_part(await store.secret(SECRET), fax.id, "anna", fax.due)
    intake = Intake(store, Events(), judge)
    config = settings(users=USERS)
    server = MailServer(config, Directory(DOMAIN, "PL"), gate(owner), intake, clock)
    await server.start()
    yield Scene(server, store, clock, fax.id, f"{local}@{DOMAIN}")
    await server.stop(grace=1.0)
    await store.close()


async def test_a_reply_of_the_sender_lets_the_fax_go(scene: Scene) -> None:
    """250 with the time, after the commit; the same reply again changes nothing."""
    assert (await scene.reply()).startswith("250 2.0.0 Confirmed; the fax is due at 2026-11-23")
    assert await scene.state() is RecipientState.QUEUED
    assert (await scene.reply()).startswith("550 5.7.1 The fax does not wait for you")


@pytest.mark.parametrize("scene", ["eve"], indirect=True)
async def test_a_reply_of_somebody_else_does_nothing(scene: Scene) -> None:
    """Also with the right token, as from a mail that was passed on."""
    assert (await scene.reply()).startswith("550 5.7.1 This confirms nothing")
    assert await scene.state() is RecipientState.HELD


async def test_a_forged_token_does_nothing(scene: Scene) -> None:
    """Another fax, another time, another seal."""
    number, until, seal = scene.address.removeprefix("confirm+").partition("@")[0].split("-")
    other = "b" if seal[0] == "a" else "a"
    forged = [
        f"{int(number) + 1}-{until}-{seal}",
        f"{number}-{int(until) + 1}-{seal}",
        f"{number}-{until}-{other}{seal[1:]}",
    ]
    for token in forged:
        answer = await scene.reply(f"confirm+{token}@{DOMAIN}")
        assert answer.startswith("550 5.7.1 This confirms nothing")
    assert await scene.state() is RecipientState.HELD


async def test_an_expired_token_does_nothing(scene: Scene) -> None:
    """Though its fax is still in the store."""
    scene.clock.advance(timedelta(days=2))
    assert (await scene.reply()).startswith("550 5.7.1 This confirms nothing")
    assert await scene.state() is RecipientState.HELD


@pytest.mark.parametrize(
    "field",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: auto-generated",
        b"Precedence: bulk",
        b"Precedence: auto_reply",
        b"X-Autoreply: yes",
        b"X-Autorespond: yes",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x",
    ],
)
async def test_an_automatic_reply_confirms_nothing(scene: Scene, field: bytes) -> None:
    """Out of office is no yes."""
    assert (await scene.reply(message=field + b"\r\n" + REPLY)).startswith("550 5.7.1")
    assert await scene.state() is RecipientState.HELD


async def test_a_bounce_confirms_nothing(scene: Scene) -> None:
    """The null sender is nobody."""
    async with talking(scene.server) as talk:
        answers = await talk.say("MAIL FROM:<>", f"RCPT TO:<{scene.address}>")

    assert codes(answers) == ["250 2.1.0", "550 5.7.1"]
    assert await scene.state() is RecipientState.HELD


@pytest.mark.parametrize("confirmation_first", [True, False])
async def test_a_mail_confirms_one_fax_or_sends_some(
    scene: Scene, confirmation_first: bool
) -> None:
    """A client that has both is told to hand in the other by itself."""
    recipients = [scene.address, NUMBER] if confirmation_first else [NUMBER, scene.address]
    async with talking(scene.server) as talk:
        answers = await talk.say("MAIL FROM:<a@b.c>", *(f"RCPT TO:<{r}>" for r in recipients))

    assert codes(answers) == ["250 2.1.0", "250 2.1.5", "452 4.5.3"]


async def test_who_logs_in_is_not_the_network(scene: Scene) -> None:
    """Anna's desk does not make the receptionist Anna."""
    async with talking(scene.server) as talk:
        assert codes(await talk.say(PLAIN)) == ["235 2.7.0"]
        answer = await talk.mail(REPLY, scene.address)

    assert answer.startswith("550 5.7.1 This confirms nothing")
    assert await scene.state() is RecipientState.HELD
