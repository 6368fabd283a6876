"""A gateway that works until it is killed: `python -m tests.gateway.store.victim URL`.

It sends and receives faxes without pause, and writes a line to stdout only after the store has
answered, just as the real one answers 250 or MCF only then. Whatever was written must be there
after any kill.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count

from gateway.retry import Sent
from gateway.store import Store
from modems.terminal import PageVerdict
from tests.gateway.store.samples import (
    DOCUMENTS,
    LEASE,
    OWNER,
    QUALITY,
    call_report,
    mail,
    page,
    page_report,
    pages,
    say,
)

PAGES = 3


async def send(store: Store, sender: str) -> None:
    """Mails come in and go out as faxes."""
    for serial in count():
        now = datetime.now(UTC)
        raw = f"{sender} {serial} ".encode() * 5000
        job = await store.accept(mail(f"+48{sender}{serial}", raw=raw), now)
        say("accepted", job, sender, serial)
        await store.rendered(job, DOCUMENTS, pages(PAGES), now)
        say("rendered", job)
        claim = await store.claim(OWNER, now, LEASE)
        if claim is None:  # the other one was faster
            continue
        for number in range(claim.pages_confirmed + 1, PAGES + 1):
            await store.confirming(claim, number)
            say("asked", claim.recipient, number)
            await store.confirmed(claim, number, page_report(number))
            say("confirmed", claim.recipient, number)
        await store.finish(claim, call_report(), Sent(), now)
        say("sent", claim.recipient)


async def receive(store: Store) -> None:
    """Faxes come in and are owed as mails."""
    while True:
        now = datetime.now(UTC)
        fax = await store.start_received("line", "+482", "+481", ["office@example.org"], now)
        for number in range(1, PAGES + 1):
            await store.add_received_page(fax, page(number), QUALITY, PageVerdict.MCF)
            say("received", fax, number)
        await store.end_received(fax, call_report(), now)
        say("owed", fax)


async def main(url: str) -> None:
    """Everything at once, until killed."""
    store = await Store.open(url, owner=OWNER)
    await asyncio.gather(send(store, "1"), send(store, "2"), receive(store))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
