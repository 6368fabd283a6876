"""Addresses through a real gateway: from RCPT TO to what the far machine was told."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from gateway.store import Store
from tests.gateway.running import SENDER, RunningGateway, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

BOOK = """\
address_book:
  - {name: office, display: The Office, numbers: [+48222000002]}
  - {name: all, numbers: [office, +48222000002/T33S=12]}
"""
MAIL = b"From: sender@example.org\r\nTo: +48999999999@fax.localhost\r\nSubject: x\r\n\r\nHello\r\n"


async def test_each_destination_is_called_once_with_its_subaddress(tmp_path: Path) -> None:
    """A list and a number in it are two calls; the number in the header's To is none."""
    gateway = RunningGateway(tmp_path)
    with gateway.config.open("a") as config:
        config.write(BOOK)
    with gateway.started() as events:
        until(events, "watching")
        with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
            to = [f"{name}@fax.localhost" for name in ("all", "222000002", "FAX=+48222000002")]
            assert client.sendmail(SENDER, to, MAIL) == {}
        until(events, "fax received", 2)

    store = await Store.open(f"sqlite:///{gateway.state}/faxgate.db")
    try:
        queue = await store.queue_view(10)
        assert sorted((r.number, r.subaddress, r.name) for r in queue) == [
            ("+48222000002", "", "The Office"),
            ("+48222000002", "12", "The Office"),
        ]
        reports = [await store.received_report(fax.id) for fax in await store.received_list(10)]
        assert sorted(report.subaddress for report in reports if report) == ["", "12"]
    finally:
        await store.close()
