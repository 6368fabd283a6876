"""gateway.smtp: how the server comes up and goes down, with clients in every state."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.address import Directory
from gateway.config.model import Listener
from gateway.smtp import MailServer
from tests.gateway.smtp.peers import (
    DOMAIN,
    NUMBER,
    Shelf,
    codes,
    open_gate,
    serving,
    settings,
    talking,
)

MESSAGE = b"From: a@b.c\r\nSubject: hello\r\n\r\n.dot\r\nbody\r\n"


async def test_every_listener_is_open_or_none() -> None:
    """A port that is taken is an error at the start, and leaves nothing behind."""
    async with serving(Shelf()) as server:
        taken = server.addresses[0][1]
        listen = (Listener(port=0), Listener(port=taken))
        config = settings(listen=listen)
        directory = Directory(DOMAIN, "PL")
        other = MailServer(config, directory, open_gate(config), Shelf(), server._desk.clock)

        with pytest.raises(OSError, match="address already in use"):
            await other.start()

        assert other.addresses == []


async def test_a_certificate_that_cannot_be_read_is_an_error_at_the_start(tmp_path: Path) -> None:
    """The server never starts without the TLS that it was told to offer."""
    config = settings(certificate=tmp_path / "none.pem")

    with pytest.raises(FileNotFoundError):
        async with serving(Shelf(), config):
            pass


async def test_stopping_sends_idle_clients_away() -> None:
    """With 421, so that they try again later (RFC 5321 3.8)."""
    async with serving(Shelf()) as server, talking(server) as talk:
        await server.stop()

        assert codes([await talk.answer()]) == ["421 4.3.2"]
        assert await talk.ended() == []


async def test_stopping_waits_for_the_mail_that_is_coming_in() -> None:
    """Its client hears 250 first, and then that the gateway goes."""
    shelf = Shelf()
    async with serving(shelf) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)

        assert codes(await talk.say("Subject: late\r\n\r\n.")) == ["250 2.0.0"]
        assert codes([await talk.answer()]) == ["421 4.3.2"]
        await stopping

    assert len(shelf.mails) == 1


async def test_stopping_does_not_wait_for_ever() -> None:
    """A client that never ends its mail is cut off after the grace."""
    async with serving(Shelf()) as server, talking(server) as talk:
        await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")

        await server.stop(grace=0.0)

        assert await talk.ended() == []


async def test_a_client_that_leaves_too_early_does_not_stop_the_store() -> None:
    """What the store has begun is finished, and the server stops only after that."""
    shelf = Shelf()
    shelf.hold.clear()
    async with serving(shelf) as server:
        async with talking(server) as talk:
            await talk.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{NUMBER}>", "DATA")
            talk.write(b"Subject: x\r\n\r\n.\r\n")
            await shelf.begun.wait()
        stopping = asyncio.create_task(server.stop(grace=0.0))
        await asyncio.sleep(0)
        assert not stopping.done()
        shelf.hold.set()
        await stopping

    assert len(shelf.mails) == 1
