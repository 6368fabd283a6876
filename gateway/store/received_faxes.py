"""The store's face towards faxes that come in: each call one transaction.

A page counts as kept, and a call as ended, when the method has returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from gateway.store import deliveries, received, repeats
from gateway.store.engine import Database
from gateway.store.records import Delivery, PageContent, ReceivedFax, StoredPage
from gateway.store.sheet import Heard, Join, Sheet
from modems.terminal import CallReport, PageQuality, PageVerdict


class ReceivedFaxes:
    """The part of `Store` that answering, delivering and `faxgate received` use."""

    _db: Database

    async def start_received(
        self,
        line: str,
        called: str,
        caller: str,
        targets: Sequence[str],
        now: datetime,
        dtmf: str = "",
        *,
        sealed: bool = False,
    ) -> int:
        """A call is about to be answered; returns the fax's number."""
        return await self._db.write(
            received.start, line, called, caller, targets, now, dtmf, sealed=sealed
        )

    async def add_received_page(
        self,
        fax: int,
        page: StoredPage,
        quality: PageQuality,
        verdict: PageVerdict,
        content: PageContent = PageContent.INK,
        heard: Heard | None = None,
    ) -> bool:
        """Keep a page; only after True may it be confirmed. False: it cannot be kept.

        `heard` goes with it: a crash leaves a fax whose caller is known.

        Raises StoreUnavailable, after which it may be tried again.
        """
        try:
            return await self._db.write(
                received.add_page, fax, page, quality, verdict, content, heard
            )
        except DBAPIError:  # the far end must keep its page
            return False

    async def end_received(
        self,
        fax: int,
        report: CallReport,
        now: datetime,
        targets: Sequence[str] | None = None,
        join: Join | None = None,
        *,
        sealed: bool | None = None,
    ) -> bool:
        """The call is over: owe its deliveries, by default those that were stored at its start.

        `join` says what it is together with earlier faxes, `sealed` whether a delivery must not be
        readable on its way. False when it had already been closed.
        """
        return await self._db.write(received.end, fax, report, now, targets, join, sealed=sealed)

    async def incomplete_since(self, fax: int, since: datetime) -> list[int]:
        """Faxes before this one whose calls broke after `since`, not replaced yet; newest first."""
        return await self._db.read(repeats.incomplete_since, fax, since)

    async def received_sheets(self, fax: int) -> list[Sheet]:
        """The pages of a received fax, in order, each with the call that it came in."""
        return await self._db.read(received.sheets, fax)

    async def sheets_at_rest(self, fax: int) -> list[Sheet]:
        """The same, under the numbers that they have in their own calls."""
        return await self._db.read(repeats.sheets, fax)

    async def received_list(
        self, limit: int, sender: str = "", *, undelivered: bool = False
    ) -> list[ReceivedFax]:
        """The newest received faxes, newest first.

        Only those whose caller or TSI has `sender` in it, or that somebody has not got.
        """
        return await self._db.read(received.newest, limit, sender, open_only=undelivered)

    async def received(self, fax: int) -> ReceivedFax | None:
        """One received fax."""
        return await self._db.read(received.get, fax)

    async def received_report(self, fax: int) -> CallReport | None:
        """How an incoming call went; None while it lasts or when it was cut off by a stop."""
        return await self._db.read(received.report, fax)

    async def received_pages(self, fax: int) -> list[StoredPage]:
        """The pages of a received fax, in order."""
        return await self._db.read(received.pages, fax)

    async def received_qualities(self, fax: int) -> list[PageQuality]:
        """What was counted in each page of a received fax, in order."""
        return await self._db.read(received.qualities, fax)

    async def deliveries(self, fax: int) -> list[Delivery]:
        """How each delivery of a received fax stands."""
        return await self._db.read(deliveries.of, fax)

    async def delivery_states(self, faxes: Sequence[ReceivedFax]) -> dict[int, str]:
        """The worst state of any target, by fax; a fax that went nowhere is left out."""
        numbers = [fax.id for fax in faxes] or [0]
        return await self._db.read(deliveries.states, min(numbers), max(numbers))

    async def deliver_again(
        self, fax: int, targets: Sequence[str], now: datetime, *, sealed: bool = False
    ) -> list[str] | None:
        """Owe a received fax to these targets once more; None when there is no such fax.

        Gives those that were waiting for it already, and get it once.

        `sealed`: from now on no delivery of it may be readable on its way.
        """
        return await self._db.write(received.deliver_again, fax, targets, now, sealed=sealed)
