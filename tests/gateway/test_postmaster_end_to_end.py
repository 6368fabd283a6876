"""A letter to postmaster through a real gateway, which is killed after its 250."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from tests.gateway.running import SENDER, RunningGateway, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

LETTER = b"From: x@example.net\r\nSubject: noise\r\n\r\nThe fax rings at \xc3\xb3smej\r\n"


async def test_a_letter_to_postmaster_arrives_as_it_is(tmp_path: Path) -> None:
    """Below our Received line, also when the gateway is killed right after it took it."""
    gateway = RunningGateway(tmp_path)
    with gateway.started() as events:
        until(events, "watching")
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
            assert client.sendmail(SENDER, ["abuse@fax.localhost"], LETTER) == {}
    inbox = tmp_path / "mail" / "postmaster@example.org" / "new"
    if not list(inbox.glob("*")):  # nothing was delivered before the kill
        with gateway.started() as events:
            until(events, "mail delivered")

    (arrived,) = inbox.glob("*")
    assert arrived.read_bytes().replace(b"\r\n", b"\n").endswith(LETTER.replace(b"\r\n", b"\n"))
