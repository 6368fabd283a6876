"""Options of a subject through a real gateway: from the mail to what the far machine received."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.paper import rows_of
from gateway.store import Store
from gateway.store.records import StoredPage
from tests.gateway.offramp.corpus import saved, text_image
from tests.gateway.running import SENDER, TO, RunningGateway, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ALL = "[no header, photo, cover: Please call Anna, today] Contract"


def mail(subject: str) -> EmailMessage:
    """A mail with a picture of a text and nothing else."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, TO, subject
    message.add_attachment(saved(text_image(), "PNG"), "image", "png", filename="scan.png")
    return message


async def faxed(store: Store, number: int) -> list[tuple[str, bool]]:
    """Of the nth fax: how each page was made, and whether it arrived as it was rendered."""
    sent = [await store.page(number, page.number) for page in await store.pages(number)]
    got = await store.received_pages(number)
    return [(s.rendition.name, same(s, g)) for s, g in zip(sent, got, strict=True)]


def same(one: StoredPage, other: StoredPage) -> bool:
    """Whether two pages are the same pel by pel."""
    return rows_of(one) == rows_of(other)


async def test_what_a_subject_asks_for_is_what_arrives(tmp_path: Path) -> None:
    """A cover, a picture in lines and no header line where asked; none of it where not."""
    gateway = RunningGateway(tmp_path)
    settings = gateway.config.read_text()
    gateway.config.write_text(settings.replace("header: {on: false}", "header: {on: true}"))
    with gateway.started() as events:
        until(events, "watching")
        for subject in ("Contract", ALL):
            with smtplib.SMTP("127.0.0.1", gateway.port, timeout=30) as client:
                client.send_message(mail(subject))
            until(events, "fax received")

    store = await Store.open(f"sqlite:///{gateway.state}/faxgate.db")
    try:
        assert await faxed(store, 1) == [("text", False)]
        assert await faxed(store, 2) == [("text", True), ("screen", True)]
        assert [d.name for d in await store.documents(2)] == ["The cover page", "scan.png"]
    finally:
        await store.close()
