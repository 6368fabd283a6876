"""Faxes that came in: each page durable before it is confirmed, and the mails that it makes owed.

Who gets the fax is stored when the call is answered, and again with each page, when more is known
of its caller; so the pages of a call that a crash cut off are delivered too, marked incomplete. A
call without a page leaves a row and no mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from gateway.said import said
from gateway.store import outbox, readings, repeats
from gateway.store.deliveries import again, undelivered
from gateway.store.engine import Transaction
from gateway.store.records import PageContent, ReceivedFax, StoredPage
from gateway.store.reports import call_from, json_of_call
from gateway.store.sheet import Heard, Join, Sheet
from gateway.store.tables import received, received_page
from modems.terminal import CallReport, PageQuality, PageVerdict

LONGEST = timedelta(hours=6)  # no call lasts longer: its gateway has died and not come back
INTERRUPTED = said("The gateway was stopped during the call.")

CONFIRMED = [verdict.name for verdict in PageVerdict if verdict.confirmed]


async def start(
    tx: Transaction,
    line: str,
    called: str,
    caller: str,
    deliveries: Sequence[str],
    now: datetime,
    dtmf: str = "",
    *,
    sealed: bool = False,
) -> int:
    """A call is about to be answered. Returns the fax's number."""
    return await tx.insert(
        insert(received).values(
            owner=tx.node.name,
            line=line,
            called=called,
            caller=caller,
            dtmf=dtmf,
            sealed=sealed,
            deliveries=list(deliveries),
            started_at=now,
        )
    )


async def add_page(
    tx: Transaction,
    fax: int,
    page: StoredPage,
    quality: PageQuality,
    verdict: PageVerdict,
    content: PageContent = PageContent.INK,
    heard: Heard | None = None,
) -> bool:
    """Keep a page; it takes the place of one of that number that was not confirmed.

    With it is kept what was heard of its caller, should the call's end never be. False when the
    call has been closed: somebody thought us dead, and has delivered it.
    """
    is_open = and_(received.c.id == fax, received.c.ended_at.is_(None))
    if await tx.row(select(received.c.id).where(is_open).with_for_update()) is None:
        return False
    if heard is not None:
        await tx.run(update(received).where(is_open).values(**asdict(heard)))
    c = received_page.c
    rejected = and_(c.received == fax, c.number == page.number, c.verdict.not_in(CONFIRMED))
    await tx.run(delete(received_page).where(rejected))
    await tx.run(
        insert(received_page).values(
            received=fax,
            number=page.number,
            width=page.width,
            height=page.height,
            vr=int(page.vr),
            bits=dict(page.bits),
            rows=quality.rows,
            bad_rows=quality.bad_rows,
            longest_bad_run=quality.longest_bad_run,
            verdict=verdict.name,
            mmr=page.mmr,
        )
    )
    await readings.mark(tx, fax, page.number, content)
    return True


async def end(
    tx: Transaction,
    fax: int,
    report: CallReport,
    now: datetime,
    deliveries: Sequence[str] | None = None,
    join: Join | None = None,
    *,
    sealed: bool | None = None,
) -> bool:
    """The call is over: owe its deliveries. False when it had already been closed.

    A fax that replaces earlier ones goes to whoever got those, too, and is sealed as they were.
    """
    decided: dict[str, object] = {} if deliveries is None else {"deliveries": list(deliveries)}
    if sealed is not None:
        decided["sealed"] = sealed or await repeats.any_sealed(tx, join.replaces if join else ())
    more = await repeats.apply(tx, fax, join) if join else []
    return await _close(
        tx,
        fax,
        now,
        more,
        **decided,
        subaddress=report.subaddress,
        tsi=report.remote_identity,
        complete=report.succeeded,
        cause=report.cause,
        seconds=report.seconds,
        report=json_of_call(report),
    )


async def close_interrupted(tx: Transaction, which: ColumnElement[bool], now: datetime) -> None:
    """Close calls that nobody will end any more, as incomplete; deliver what they confirmed."""
    is_open = select(received.c.id).where(which, received.c.ended_at.is_(None))
    for row in await tx.rows(is_open.with_for_update(skip_locked=True)):
        await _close(tx, row.id, now, complete=False, cause=INTERRUPTED)


def opened_by(owner: str) -> ColumnElement[bool]:
    """Calls that `owner` answered."""
    return received.c.owner == owner


def opened_before(when: datetime) -> ColumnElement[bool]:
    """Calls answered before `when`."""
    return received.c.started_at < when


async def deliver_again(
    tx: Transaction, fax: int, targets: Sequence[str], now: datetime, *, sealed: bool = False
) -> list[str] | None:
    """Owe a fax that has ended to these targets, whatever was delivered before.

    Gives those that were waiting for it already; None where there is no fax, or nothing of it.
    """
    there = exists().where(received_page.c.received == fax)
    ended = and_(received.c.id == fax, received.c.ended_at.is_not(None), there)
    if await tx.row(select(received.c.id).where(ended)) is None:
        return None
    if sealed:
        await tx.run(update(received).where(received.c.id == fax).values(sealed=True))
    return await again(tx, fax, targets, now)


async def newest(
    tx: Transaction, limit: int, sender: str = "", *, open_only: bool = False
) -> list[ReceivedFax]:
    """The newest faxes, newest first: of who has `sender` in number or TSI, or not delivered."""
    c, faxes = received.c, _faxes().order_by(received.c.id.desc()).limit(limit)
    if sender:
        faxes = faxes.where((c.caller + " " + c.tsi).icontains(sender, autoescape=True))
    if open_only:
        faxes = faxes.where(undelivered())
    return await _records(tx, await tx.rows(faxes))


async def get(tx: Transaction, fax: int) -> ReceivedFax | None:
    """One fax."""
    rows = await tx.rows(_faxes().where(received.c.id == fax))
    if not rows:
        return None
    (record,) = await _records(tx, rows)
    earlier = await repeats.earlier(tx, fax, rows[0].follows)
    return replace(
        record,
        replaces=tuple(each for replaced, each in earlier if replaced),
        follows=next((each for replaced, each in earlier if not replaced), None),
    )


async def report(tx: Transaction, fax: int) -> CallReport | None:
    """How the call went; None while it lasts, or when the gateway was stopped in it."""
    row = await tx.row(select(received.c.report).where(received.c.id == fax))
    return call_from(row.report) if row and row.report else None


async def sheets(tx: Transaction, fax: int) -> list[Sheet]:
    """The pages of a fax, in order, with those of the faxes that it replaces."""
    return repeats.document(await repeats.sheets(tx, fax))


async def pages(tx: Transaction, fax: int) -> list[StoredPage]:
    """The same as pages alone."""
    return [sheet.page for sheet in await sheets(tx, fax)]


async def qualities(tx: Transaction, fax: int) -> list[PageQuality]:
    """What was counted in each page, in order."""
    return [sheet.quality for sheet in await sheets(tx, fax)]


async def _close(
    tx: Transaction, fax: int, now: datetime, more: Sequence[str] = (), **values: object
) -> bool:
    is_open = and_(received.c.id == fax, received.c.ended_at.is_(None))
    closing = update(received).where(is_open).values(ended_at=now, **values)
    row = await tx.row(closing.returning(received.c.deliveries))
    if row is None:
        return False
    count = select(func.count().label("pages")).select_from(received_page)
    kept = await tx.row(count.where(received_page.c.received == fax))
    if kept and kept.pages:
        await _owe(tx, fax, [*row.deliveries, *more], now)
    return True


async def _owe(tx: Transaction, fax: int, targets: Sequence[str], now: datetime) -> None:
    """Owe the deliveries, and before them the reading of the pages where they are read."""
    patience = tx.node.patience
    if patience is None:
        await outbox.owe_fax(tx, fax, targets, now)
        return
    await readings.owe(tx, fax)
    await outbox.owe_fax(tx, fax, targets, now, patience)


def _faxes() -> Select[Any]:
    kept = (
        select(func.count())
        .select_from(received_page)
        .where(received_page.c.received == received.c.id)
    )
    return select(received, kept.scalar_subquery().label("pages"))


async def _records(tx: Transaction, rows: Sequence[Row[Any]]) -> list[ReceivedFax]:
    """Faxes with what is known of their pages, and of those that they hold of others."""
    sources = {row.id for row in rows} | {own for row in rows for own, _ in row.sheets or ()}
    contents, turns = await readings.contents(tx, sources), await readings.turns(tx, sources)
    return [
        _record(
            row,
            repeats.laid_out(row.id, row.sheets, contents),
            repeats.laid_out(row.id, row.sheets, turns),
        )
        for row in rows
    ]


def _record(
    row: Row[Any], contents: Mapping[int, PageContent], turns: Mapping[int, int]
) -> ReceivedFax:
    def shown(content: PageContent) -> tuple[int, ...]:
        return tuple(number for number, found in contents.items() if found is content)

    return ReceivedFax(
        id=row.id,
        line=row.line,
        called=row.called,
        caller=row.caller,
        tsi=row.tsi,
        subaddress=row.subaddress,
        dtmf=row.dtmf,
        sealed=row.sealed,
        started_at=row.started_at,
        ended_at=row.ended_at,
        complete=row.complete,
        cause=row.cause,
        pages=row.pages,
        seconds=row.seconds,
        replaced_by=row.replaced_by,
        blank=shown(PageContent.BLANK),
        header_only=shown(PageContent.HEADER_ONLY),
        upside_down=tuple(number for number, turned in turns.items() if turned == 180),
        sideways=tuple(number for number, turned in turns.items() if turned in {90, 270}),
    )
