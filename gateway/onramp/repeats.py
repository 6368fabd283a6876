"""Whether a fax that has just come in repeats one whose call broke, and what they are together.

Asked once, before the end of the call is stored. The earlier fax is of the same caller (by number
where both have one, and by what the machine calls itself where both said it), for the same called
number or the same targets, and not older than `repeat_within`. Whether its pages come again, the
pages say (`gateway.onramp.joining`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from gateway.events import Events
from gateway.onramp.joining import joined
from gateway.onramp.numbers import digits
from gateway.store import Store, StoreUnavailable
from gateway.store.records import ReceivedFax
from gateway.store.sheet import Join, Sheet
from modems.terminal import CallReport

MOST_FAXES: Final = 3  # earlier ones that are compared, the newest first
MOST_SHEETS: Final = 300  # of both, that are compared


class Repeats:
    """Looks at the faxes of one store."""

    def __init__(self, store: Store, within: timedelta, events: Events) -> None:
        self._store = store
        self._within = within
        self._events = events

    async def join(self, fax: int, report: CallReport, targets: Sequence[str]) -> Join | None:
        """What fax `fax` is together with earlier ones; None where it has nothing to do with any.

        Whatever goes wrong here must not cost the fax: it is then delivered by itself.
        """
        if not self._within:
            return None
        try:
            return await self._look(fax, report, targets)
        except StoreUnavailable:
            return None
        except Exception as bug:
            self._events.announce("pages not compared", fax=fax, error=repr(bug))
            return None

    async def _look(self, fax: int, report: CallReport, targets: Sequence[str]) -> Join | None:
        store = self._store
        own = await store.received(fax)
        if own is None or not own.pages:
            return None
        own = replace(own, tsi=report.remote_identity, subaddress=report.subaddress)
        earlier = [e for e in await self._earlier(own) if related(e, own)]
        same = [e for e in earlier if e.called == own.called or await self._went(e, targets)]
        if not same:
            return None
        return await self._joined(await store.sheets_at_rest(fax), same[:MOST_FAXES])

    async def _joined(self, whole: list[Sheet], earlier: Sequence[ReceivedFax]) -> Join:
        """`whole` with what of the earlier ones it repeats."""
        replaced, doubtful = [], []
        for fax in earlier:
            sheets = await self._store.sheets_at_rest(fax.id)
            few = len(sheets) + len(whole) <= MOST_SHEETS
            more = await asyncio.to_thread(joined, sheets, whole) if few else None
            if more is None:
                doubtful.append(fax.id)
            else:
                whole = more
                replaced.append(fax.id)
        places = tuple((sheet.fax, sheet.page.number) for sheet in whole) if replaced else ()
        return Join(places, tuple(replaced), doubtful[0] if doubtful else None)

    async def _earlier(self, own: ReceivedFax) -> list[ReceivedFax]:
        """Faxes that broke a short time before this one began."""
        since = own.started_at - self._within
        numbers = await self._store.incomplete_since(own.id, since)
        found = [await self._store.received(number) for number in numbers]
        return [fax for fax in found if fax is not None and fax.pages]

    async def _went(self, fax: ReceivedFax, targets: Sequence[str]) -> bool:
        """Whether a fax went to just these targets."""
        deliveries = await self._store.deliveries(fax.id)
        return bool(targets) and {each.to for each in deliveries} == set(targets)


def related(one: ReceivedFax, other: ReceivedFax) -> bool:
    """Whether the same caller called, for the same person there, as far as both calls tell."""
    numbers = digits(one.caller), digits(other.caller)
    names = _name(one.tsi), _name(other.tsi)
    if one.dtmf != other.dtmf:
        return False
    if one.subaddress and other.subaddress and one.subaddress != other.subaddress:
        return False
    if bool(numbers[0]) != bool(numbers[1]) or numbers[0] != numbers[1]:
        return False
    if names[0] and names[1]:
        return names[0] == names[1]
    return bool(numbers[0])


def _name(tsi: str) -> str:
    return " ".join(tsi.upper().split())
