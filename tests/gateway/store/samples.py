"""Mails, pages and reports for the store's tests, and the steps that bring a fax somewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gateway.clock import SettableClock
from gateway.options import AS_CONFIGURED, Options
from gateway.rendition import Rendition
from gateway.store import Store
from gateway.store.records import Claim, DocumentRecord, NewMail, NewRecipient, StoredPage
from modems.session import BR, DF, VR, Dialled, Hangup, SessionParameters
from modems.terminal import (
    CallReport,
    PageForm,
    PageQuality,
    PageReport,
    PageVerdict,
    TraceEntry,
    TraceKind,
)

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
NUMBER = "+48222000002"
OWNER = "node"
RENDITION = Rendition("mixed", 2, 88.5, {"MH": 6, "MR": 8})


def mail(*numbers: str, sender: str = "sender@example.org", raw: bytes = b"mail") -> NewMail:
    """A mail to some numbers."""
    to = tuple(NewRecipient(f"{n}@fax.example", n, notify="FAILURE") for n in numbers or [NUMBER])
    return NewMail(sender, raw, to, client="192.0.2.1", user="anna", envid="e1")


def page(number: int = 1) -> StoredPage:
    """A stored page that tells its number."""
    octets = f"page {number}".encode()
    bits = {"MH": 9, "MR": 8, "MMR": 7}
    return StoredPage(number, 1728, 1143, VR.R8_STANDARD, octets, bits, RENDITION, b"second")


def received_page(number: int = 1) -> StoredPage:
    """The same as it comes from a line: nobody rendered it."""
    return replace(page(number), rendition=Rendition(), without_mmr=b"")


def pages(count: int) -> list[StoredPage]:
    """The pages of a document."""
    return [page(number) for number in range(1, count + 1)]


DOCUMENTS = (DocumentRecord("letter.pdf", "application/pdf", 2),)
QUALITY = PageQuality(1143, 3, 2)
FORM = PageForm(1728, VR.R8_FINE, DF.MR, 96)


def page_report(number: int = 1, verdict: PageVerdict = PageVerdict.MCF) -> PageReport:
    """What the far end said of a page."""
    return PageReport(number, FORM, 9600, 20000, 21.5, verdict, attempts=1)


def call_report(
    reports: Sequence[PageReport] = (),
    status: Hangup = Hangup.NORMAL,
    dialled: Dialled = Dialled.CONNECTED,
) -> CallReport:
    """A call that ended like that."""
    return CallReport(
        status=status,
        cause=f"It ended: {status.name}, {dialled.value}.",
        number=NUMBER,
        dialled=dialled,
        remote_identity="+48 22 200 00 02",
        parameters=SessionParameters(VR.R8_FINE, BR.BR_9600, df=DF.MR),
        pages=tuple(reports),
        seconds=48.25,
        trace=(TraceEntry(0.5, TraceKind.RECEIVED, "DIS"), TraceEntry(1.0, TraceKind.SENT, "DCS")),
    )


def say(*words: object) -> None:
    """Tell the test that started this process."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@dataclass
class Desk:
    """A store, the time, and the everyday steps."""

    store: Store
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))

    @property
    def now(self) -> datetime:
        """The desk's time."""
        return self.clock.now()

    async def accept(self, *numbers: str, options: Options = AS_CONFIGURED) -> int:
        """A mail to these numbers is accepted."""
        return await self.store.accept(replace(mail(*numbers), options=options), self.now)

    async def queue(self, *numbers: str, count: int = 2, options: Options = AS_CONFIGURED) -> int:
        """A mail of so many pages is accepted and rendered."""
        job = await self.accept(*numbers, options=options)
        await self.store.rendered(job, DOCUMENTS, pages(count), self.now)
        return job

    async def claim(self, owner: str = OWNER) -> Claim:
        """The next recipient, which must be there."""
        claim = await self.store.claim(owner, self.now, LEASE)
        assert claim is not None
        return claim

    async def confirm(self, claim: Claim, number: int) -> None:
        """A page is sent and confirmed."""
        await self.store.confirming(claim, number)
        await self.store.confirmed(claim, number, page_report(number - claim.pages_confirmed))
