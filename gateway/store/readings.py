"""Whose pages are to be read, what was read on each, and what the pages themselves show.

A fax is owed its reading by the transaction that ends its call. It is claimed as a whole and read a
page at a time; each page's text is durable by itself, so that after a crash the next page goes on.
A page at which the gateway has died `TRIES` times ends the reading of its fax. When a fax is read,
or cannot be, its deliveries, which may be waiting for that, are due.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, insert, or_, select, update

from gateway.store import outbox, repeats
from gateway.store.engine import Database, Transaction, Wake
from gateway.store.pages import page_from_row
from gateway.store.reading_tables import ReadingState, page_mark, page_text, reading
from gateway.store.records import PageContent, StoredPage
from gateway.store.tables import received, received_page

TRIES = 3
LEASE = timedelta(minutes=10)  # for one page


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What was read on a page; `lines` is packed, as `gateway.ocr.text` has it."""

    number: int
    turned: int
    problem: str
    lines: bytes


class Readings:
    """The store's face towards reading: a transaction a call."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.changed = database.changed[Wake.READING]

    async def claim(self, now: datetime, lease: timedelta = LEASE) -> int | None:
        """Take the oldest fax that nobody reads; None without any."""
        return await self._db.write(claim, now, lease)

    async def next_page(self, fax: int) -> StoredPage | None:
        """The first page of a call that has not been read; None when all have."""
        return await self._db.read(next_page, fax)

    async def keep(self, fax: int, page: ReadPage, until: datetime) -> None:
        """Keep what was read on a page; the fax stays claimed until `until`."""
        await self._db.write(keep, fax, page, until)

    async def done(self, fax: int, now: datetime) -> None:
        """All pages have been read: the deliveries that waited for it are due."""
        await self._db.write(end, fax, ReadingState.READ, now)

    async def give_back(self, fax: int) -> None:
        """Stop reading in good order: this is not held against the fax."""
        await self._db.write(give_back, fax)

    async def release(self, owner: str) -> None:
        """What `owner` was reading when it was stopped or killed waits again."""
        await self._db.write(release, owner)

    async def again(self, fax: int) -> bool:
        """Read a fax whose call has ended, whether or not it was read; False without pages."""
        return await self._db.write(again, fax)

    async def texts(self, fax: int) -> list[ReadPage]:
        """What was read on the pages of a fax, in order, with those of the faxes that it replaces.

        Pages that were not read have none.
        """
        return await self._db.read(texts, fax)

    async def state(self, fax: int) -> str:
        """Where its reading stands; "" when it is not to be read."""
        return await self._db.read(state, fax)

    async def contents(self, fax: int) -> dict[int, PageContent]:
        """The pages of a call that are blank, or nearly so, by their number."""
        found = await self._db.read(contents, {fax})
        return found.get(fax, {})


async def owe(tx: Transaction, fax: int) -> None:
    """The pages of a fax are to be read."""
    values = {"received": fax, "state": ReadingState.WAITING, "tries": 0, "owner": ""}
    await tx.run(insert(reading).values(values))
    tx.wakes.add(Wake.READING)


async def claim(tx: Transaction, now: datetime, lease: timedelta) -> int | None:
    """Take the oldest fax that nobody reads; one that was tried too often is given up first."""
    abandoned = and_(reading.c.state == ReadingState.READING, reading.c.lease_until <= now)
    free = or_(reading.c.state == ReadingState.WAITING, abandoned)
    hopeless = select(reading.c.received).where(free, reading.c.tries >= TRIES)
    for row in await tx.rows(hopeless.with_for_update(skip_locked=True)):
        await end(tx, row.received, ReadingState.FAILED, now)
    oldest = select(reading.c.received).where(free).order_by(reading.c.received).limit(1)
    found = await tx.row(oldest.with_for_update(skip_locked=True))
    if found is None:
        return None
    taken = {"state": ReadingState.READING, "owner": tx.node.name, "lease_until": now + lease}
    await tx.run(_of(found.received).values(tries=reading.c.tries + 1, **taken))
    tx.wakes.add(Wake.READING)  # there may be another, for another worker
    return int(found.received)


async def next_page(tx: Transaction, fax: int) -> StoredPage | None:
    """The first page without a text."""
    c, t = received_page.c, page_text.c
    is_read = exists().where(t.received == c.received, t.number == c.number)
    unread = select(received_page).where(c.received == fax, ~is_read).order_by(c.number).limit(1)
    row = await tx.row(unread)
    return row and page_from_row(row)


async def keep(tx: Transaction, fax: int, page: ReadPage, until: datetime) -> None:
    """Keep a page's text, in the place of an earlier one."""
    await tx.run(delete(page_text).where(_page(page_text.c, fax, page.number)))
    await tx.run(
        insert(page_text).values(
            received=fax,
            number=page.number,
            turned=page.turned,
            problem=page.problem,
            lines=page.lines,
        )
    )
    await tx.run(_of(fax).values(tries=1, lease_until=until))


async def end(tx: Transaction, fax: int, ended: ReadingState, now: datetime) -> None:
    """The reading of a fax is over."""
    await tx.run(_of(fax).values(state=ended, owner="", lease_until=None))
    await outbox.hurry(tx, fax, now)


async def give_back(tx: Transaction, fax: int) -> None:
    """Let a fax wait for its turn again, without counting this one."""
    waiting = {"state": ReadingState.WAITING, "owner": "", "lease_until": None}
    ours = _of(fax).where(reading.c.state == ReadingState.READING)
    await tx.run(ours.values(tries=reading.c.tries - 1, **waiting))


async def release(tx: Transaction, owner: str) -> None:
    """Let what `owner` was reading wait again; the try counts, for it may have been the cause."""
    under_way = and_(reading.c.state == ReadingState.READING, reading.c.owner == owner)
    waiting = {"state": ReadingState.WAITING, "owner": "", "lease_until": None}
    if await tx.run(update(reading).where(under_way).values(waiting)):
        tx.wakes.add(Wake.READING)


async def again(tx: Transaction, fax: int) -> bool:
    """Forget what was read, and owe it anew."""
    ended = and_(received.c.id == fax, received.c.ended_at.is_not(None))
    pages = select(received_page.c.number).join(received).where(ended).limit(1)
    if await tx.row(pages) is None:
        return False
    await tx.run(delete(page_text).where(page_text.c.received == fax))
    await tx.run(delete(reading).where(reading.c.received == fax))
    await owe(tx, fax)
    return True


async def texts(tx: Transaction, fax: int) -> list[ReadPage]:
    """The texts of a fax, under the numbers of its document."""
    row = await tx.row(select(received.c.sheets).where(received.c.id == fax))
    sheets = row.sheets if row else None
    c = page_text.c
    sources = {fax} | {own for own, _ in sheets or ()}
    rows = await tx.rows(select(page_text).where(c.received.in_(sources)))
    found: dict[int, dict[int, ReadPage]] = {}
    for each in rows:
        read = ReadPage(each.number, each.turned, each.problem, bytes(each.lines))
        found.setdefault(each.received, {})[each.number] = read
    laid_out = repeats.laid_out(fax, sheets, found)
    return [replace(read, number=number) for number, read in sorted(laid_out.items())]


async def state(tx: Transaction, fax: int) -> str:
    """The state of a reading."""
    row = await tx.row(select(reading.c.state).where(reading.c.received == fax))
    return row.state.value if row else ""


async def mark(tx: Transaction, fax: int, number: int, content: PageContent) -> None:
    """Keep what a page shows, in the place of what was said of one that it replaces."""
    await tx.run(delete(page_mark).where(_page(page_mark.c, fax, number)))
    if content is not PageContent.INK:
        await tx.run(insert(page_mark).values(received=fax, number=number, content=content))


async def contents(tx: Transaction, faxes: Set[int]) -> dict[int, dict[int, PageContent]]:
    """By the call, the pages that are marked."""
    rows = await tx.rows(
        select(page_mark).where(page_mark.c.received.in_(faxes)).order_by(page_mark.c.number)
    )
    return _by_fax(rows, "content")


async def turns(tx: Transaction, faxes: Set[int]) -> dict[int, dict[int, int]]:
    """By the call, the pages that came turned, and by how many degrees."""
    c = page_text.c
    turned = select(c.received, c.number, c.turned).where(c.received.in_(faxes), c.turned != 0)
    return _by_fax(await tx.rows(turned.order_by(c.number)), "turned")


def _by_fax(rows: Sequence[Row[Any]], column: str) -> dict[int, dict[int, Any]]:
    found: dict[int, dict[int, Any]] = {}
    for row in rows:
        found.setdefault(row.received, {})[row.number] = getattr(row, column)
    return found


def _page(columns: Any, fax: int, number: int) -> ColumnElement[bool]:
    return and_(columns.received == fax, columns.number == number)


def _of(fax: int) -> Any:
    return update(reading).where(reading.c.received == fax)
