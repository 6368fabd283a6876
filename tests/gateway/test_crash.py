"""Kill a real gateway at each step of a fax, start it again, and count what everybody got."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.store import Store
from gateway.store.records import RecipientState
from tests.gateway.running import OFFICE, SENDER, RunningGateway, until

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
        await_receipt(gateway, events)

    await judge(gateway)


def await_receipt(gateway: RunningGateway, events: object) -> None:
    """Follow a gateway until the sender and the office have their mails."""
    import itertools

    for _ in itertools.chain([None], events):  # type: ignore[call-overload]
        if gateway.mails(SENDER) and gateway.mails(OFFICE) and not unfinished(gateway):
            return


def unfinished(gateway: RunningGateway) -> bool:
    """Whether somebody is still owed a mail."""
    import sqlite3

    with sqlite3.connect(f"file:{gateway.state}/faxgate.db?mode=ro", uri=True) as database:
        (owed,) = database.execute("select count(*) from outgoing_mail").fetchone()
    return bool(owed)


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
            assert "may have" in recipient.cause
        with_pages = [fax for fax in faxes if fax]
        assert len(gateway.mails(OFFICE)) == len(with_pages)
    finally:
        await store.close()
