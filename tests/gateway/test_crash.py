"""Kill a real gateway at each step of a fax, start it again, and count what everybody got."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import Store
from gateway.store.records import RecipientState
from tests.gateway.running import OFFICE, SENDER, Event, RunningGateway, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

STEPS = [
    ("mail accepted", 1),
    ("rendered", 1),
    ("calling", 1),
    ("ringing", 1),
    ("page received", 1),
    ("page confirmed", 1),
    ("page received", 2),
    ("page confirmed", 2),
    ("fax sent", 1),
    ("fax received", 1),
    ("mail delivered", 1),
]


@pytest.mark.parametrize(("step", "nth"), STEPS)
async def test_a_fax_survives_a_kill(step: str, nth: int, tmp_path: Path) -> None:
    """Killed at any step and started again, the gateway loses no page and tells the sender once."""
    gateway = RunningGateway(tmp_path)
    with gateway.started() as events:
        until(events, "watching")
        gateway.mail("Kill me")
        until(events, step, nth)

    with gateway.started() as events:
        until(events, "watching")
        follow_to_the_end(gateway, events)

    await judge(gateway)


def follow_to_the_end(gateway: RunningGateway, events: Iterator[Event]) -> None:
    """Follow a gateway until nobody is owed anything."""
    while owes(gateway):
        until(events, "mail delivered")


def owes(gateway: RunningGateway) -> bool:
    """Whether a call or a mail is still to come, read past the gateway's own code."""
    open_rows = """
        select count(*) from recipient where ended_at is null
        union all select count(*) from received where ended_at is null
        union all select count(*) from outgoing where ended_at is null
    """
    with closing(sqlite3.connect(f"file:{gateway.state}/faxgate.db?mode=ro", uri=True)) as database:
        return any(count for (count,) in database.execute(open_rows))


async def judge(gateway: RunningGateway) -> None:
    """One outcome, one receipt; every confirmed page was delivered, and none twice in a fax."""
    store = await Store.open(f"sqlite:///{gateway.state}/faxgate.db")
    try:
        (recipient,) = await store.queue_view(10)
        assert recipient.state in {RecipientState.SENT, RecipientState.FAILED}
        assert len(gateway.mails(SENDER)) == 1
        sent = [await store.page(recipient.job, n) for n in range(1, recipient.pages + 1)]
        confirmed = {
            c.page
            for c in await store.page_reports(recipient.id)
            if c.report and c.report.verdict.confirmed
        }
        faxes = [await store.received_pages(fax.id) for fax in await store.received_list(10)]
        for pages in faxes:
            assert len({page.mmr for page in pages}) == len(pages)
        arrived = {page.mmr for pages in faxes for page in pages}
        assert {sent[n - 1].mmr for n in confirmed} <= arrived
        if recipient.state is RecipientState.SENT:
            assert confirmed == set(range(1, recipient.pages + 1))
        else:
            assert "may or may not have arrived" in recipient.cause
        with_pages = [fax for fax in faxes if fax]
        assert len(gateway.mails(OFFICE)) == len(with_pages)
    finally:
        await store.close()
