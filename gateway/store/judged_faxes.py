"""The store's face towards who judges faxes: what is held, taken up again and counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.admission.ceilings import Account
from gateway.admission.placing import Placement
from gateway.admission.policy import Past
from gateway.store import placing
from gateway.store.engine import Database
from gateway.store.records import Resolution


class JudgedFaxes:
    """The part of `Store` in which rules and ceilings decide after a mail was rendered."""

    _db: Database

    async def confirm(
        self, recipient: int, user: str | None, judge: placing.Judge, seconds: float, now: datetime
    ) -> Placement | None:
        """Let a held recipient go; None when `user` (None: the administrator) holds none such."""
        return await self._db.write(placing.confirm, recipient, user, judge, seconds, now)

    async def past(self, user: str, accounts: Sequence[Account]) -> Past:
        """Where a sender has sent to, and what has been used of these accounts."""
        return await self._db.read(placing.past, user, accounts)

    async def expire_holds(self, now: datetime) -> list[Resolution]:
        """End what nobody confirmed in time."""
        return await self._db.write(placing.expire_holds, now)

    async def retry_now(
        self, recipient: int, now: datetime, judge: placing.Judge | None = None, seconds: float = 0
    ) -> placing.TakenUp | None:
        """Call a waiting or failed recipient now, if `judge` allows it; None when it is neither."""
        return await self._db.write(placing.take_up, recipient, judge, seconds, now)
