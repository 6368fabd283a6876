"""Faxes that were repeated after a broken call: their pages together, and who replaces whom.

Nothing of either fax is changed or copied: the later one only names the pages, its own and the
earlier one's, that make the whole. So what a fax replaces lives as long as the fax does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, and_, or_, select, update

from gateway.store.engine import Transaction
from gateway.store.pages import page_from_row
from gateway.store.records import Earlier
from gateway.store.sheet import Join, Sheet
from gateway.store.tables import received, received_page
from modems.terminal import PageQuality, PageVerdict

T = TypeVar("T")

MOST = 20  # incomplete faxes that are looked at


async def sheets(tx: Transaction, fax: int) -> list[Sheet]:
    """The pages of a fax in order, with those of the faxes that it replaces."""
    row = await tx.row(select(received.c.sheets).where(received.c.id == fax))
    wanted = [(own, number) for own, number in row.sheets] if row and row.sheets else None
    c = received_page.c
    sources = {fax} if wanted is None else {own for own, _ in wanted}
    rows = await tx.rows(
        select(received_page).where(c.received.in_(sources)).order_by(c.received, c.number)
    )
    found = [_sheet(each) for each in rows]
    if wanted is None:
        return found
    by_place = {(sheet.fax, sheet.page.number): sheet for sheet in found}
    return [by_place[place] for place in wanted if place in by_place]


async def incomplete_since(tx: Transaction, fax: int, since: datetime) -> list[int]:
    """Faxes before `fax` that broke, end later than `since`, and are not replaced; newest first."""
    c = received.c
    broke = and_(c.id < fax, c.ended_at >= since, c.complete.is_(False), c.replaced_by.is_(None))
    rows = await tx.rows(select(c.id).where(broke).order_by(c.id.desc()).limit(MOST))
    return [row.id for row in rows]


async def apply(tx: Transaction, fax: int, join: Join) -> list[str]:
    """Make a fax what `join` says; gives the targets of those that it replaces.

    Nothing happens where one of them has been replaced meanwhile, or the fax been closed.
    """
    c = received.c
    if await tx.row(select(c.id).where(c.id == fax, c.ended_at.is_(None))) is None:
        return []
    free = and_(c.id.in_(join.replaces), c.replaced_by.is_(None))
    rows = await tx.rows(select(c.id, c.deliveries).where(free).with_for_update())
    if len(rows) != len(join.replaces):
        return []
    if join.replaces:
        await tx.run(update(received).where(c.id.in_(join.replaces)).values(replaced_by=fax))
    sheets = [list(place) for place in join.sheets] or None
    await tx.run(update(received).where(c.id == fax).values(sheets=sheets, follows=join.follows))
    return [target for row in rows for target in row.deliveries]


async def any_sealed(tx: Transaction, faxes: Sequence[int]) -> bool:
    """Whether one of them may not be read on its way."""
    c = received.c
    sealed = and_(c.id.in_(faxes), c.sealed.is_(True))
    return bool(faxes) and await tx.row(select(c.id).where(sealed).limit(1)) is not None


async def earlier(tx: Transaction, fax: int, follows: int | None) -> list[tuple[bool, Earlier]]:
    """The faxes that this one replaces (True), and the one that it may belong to."""
    c = received.c
    about = c.replaced_by == fax if follows is None else or_(c.replaced_by == fax, c.id == follows)
    rows = await tx.rows(select(c.id, c.started_at, c.replaced_by).where(about).order_by(c.id))
    return [(row.replaced_by == fax, Earlier(row.id, row.started_at)) for row in rows]


def laid_out(
    fax: int, sheets: Sequence[tuple[int, int]] | None, found: Mapping[int, Mapping[int, T]]
) -> dict[int, T]:
    """What is `found` of pages, by their calls and numbers there, by their place in the document.

    Numbered as `document` does it.
    """
    if not sheets:
        return dict(found.get(fax, {}))
    joined = len({own for own, _ in sheets}) > 1
    placed = [(n if joined else number, own, number) for n, (own, number) in enumerate(sheets, 1)]
    return {
        place: found[own][number] for place, own, number in placed if number in found.get(own, {})
    }


def document(found: Sequence[Sheet]) -> list[Sheet]:
    """Sheets of several faxes numbered through from 1; those of one keep their numbers."""
    if len({sheet.fax for sheet in found}) < 2:
        return list(found)
    return [
        replace(sheet, page=replace(sheet.page, number=number))
        for number, sheet in enumerate(found, 1)
    ]


def _sheet(row: Row[Any]) -> Sheet:
    quality = PageQuality(row.rows, row.bad_rows, row.longest_bad_run)
    return Sheet(row.received, page_from_row(row), quality, PageVerdict[row.verdict])
