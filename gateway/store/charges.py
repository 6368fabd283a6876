"""What faxes use, entered to the accounts of their senders: as predicted, then as it was.

An entry is made in the transaction that lets a fax go, and the sums that this was decided by are
read in the same one; on PostgreSQL under a lock, because two of them would not see each other's
entries (on SQLite every write waits for its turn). So a ceiling holds however many mails come at
once. After each call what it really took is entered, for the day on which it was made, and the
prediction is of the pages that are left, for the day of the next call; when the fax has ended,
nothing is predicted any more, and what it did not use is free again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, text, update

from gateway.admission.ceilings import Account, Used
from gateway.admission.placing import Case, Placement
from gateway.admission.tariff import Rate
from gateway.store.admission_tables import charge
from gateway.store.engine import Transaction
from gateway.store.records import AttemptOutcome
from gateway.store.reports import call_from
from gateway.store.tables import attempt, recipient, rendering
from modems.session import Dialled

PREDICTED = "predicted"  # s for one call, kept beside the rate
REST = 0  # the entry of what is predicted, among those of the calls, which count from 1
LOCK = 0x4661784D  # of PostgreSQL's advisory locks: "FaxM"


async def lock(tx: Transaction) -> None:
    """From here to the end of the transaction nobody else decides by sums."""
    if tx.connection.dialect.name == "postgresql":
        await tx.run(text(f"SELECT pg_advisory_xact_lock({LOCK})"))


async def sums(tx: Transaction, accounts: Sequence[Account]) -> dict[Account, Used]:
    """What has been entered to accounts since their times. After `lock`."""
    return {account: await _sum(tx, account) for account in accounts}


async def _sum(tx: Transaction, account: Account) -> Used:
    c = charge.c
    seconds, pages, cost = (func.sum(of) for of in (c.seconds, c.pages, c.cost))
    totals = select(seconds.label("seconds"), pages.label("pages"), cost.label("cost"))
    ours = (c.account == account.name, c.at >= account.since, c.at < account.until)
    row = await tx.row(totals.where(*ours))
    assert row is not None, "a sum of nothing is a row too"
    return Used(float(row.seconds or 0), int(row.pages or 0), int(row.cost or 0))


async def enter(
    tx: Transaction, number: int, case: Case, placement: Placement, at: datetime
) -> None:
    """Enter what a recipient will use, as predicted; instead of what was entered before."""
    await tx.run(delete(charge).where(charge.c.recipient == number))
    values = {
        "recipient": number,
        "call": REST,
        "at": at,
        "seconds": case.seconds,
        "pages": case.pages,
        "cost": placement.rate.cost(case.seconds),
        "rate": asdict(placement.rate) | {PREDICTED: case.seconds},
    }
    rows = [values | {"account": account} for account in placement.accounts]
    await tx.run(insert(charge), rows)


async def settle(tx: Transaction, recipients: Sequence[int]) -> None:
    """Replace predictions by what the calls took. A lost call keeps its prediction on top."""
    for number in recipients:
        row = await _entry(tx, number)
        if row is not None:
            await _enter_calls(tx, row)
            await _enter_rest(tx, number, Used(), row.at)


async def reserve_rest(tx: Transaction, number: int, due: datetime) -> None:
    """Enter what the calls until now took, and what the pages that are left will at the next."""
    row = await _entry(tx, number)
    if row is None:
        return
    await _enter_calls(tx, row)
    left = row.all_pages - row.pages_confirmed
    seconds = _predicted(row) * left / row.all_pages
    await _enter_rest(tx, number, Used(seconds, left, _rate(row).cost(seconds)), due)


async def _enter_rest(tx: Transaction, number: int, used: Used, at: datetime) -> None:
    ours = (charge.c.recipient == number, charge.c.call == REST)
    await tx.run(update(charge).where(*ours).values(at=at, **asdict(used)))


async def _enter_calls(tx: Transaction, entry: Row[Any]) -> None:
    """Each call, anew, to every account that the prediction is entered to."""
    ours = charge.c.recipient == entry.recipient
    accounts = await tx.rows(select(charge.c.account).where(ours, charge.c.call == REST))
    await tx.run(delete(charge).where(ours, charge.c.call != REST))
    values = [
        {"recipient": entry.recipient, "call": call, "at": at, "rate": entry.rate, **asdict(used)}
        for call, at, used in await _calls(tx, entry)
    ]
    if values:
        rows = [value | {"account": row.account} for value in values for row in accounts]
        await tx.run(insert(charge), rows)


async def _entry(tx: Transaction, number: int) -> Row[Any] | None:
    """What is predicted for a recipient, with the pages of its fax."""
    entry = select(charge, recipient.c.pages_confirmed)
    entry = entry.add_columns(rendering.c.pages.label("all_pages"))
    entry = entry.join(recipient, recipient.c.id == charge.c.recipient)
    entry = entry.join(rendering, rendering.c.job == recipient.c.job)
    rest = (charge.c.recipient == number, charge.c.call == REST)
    return await tx.row(entry.where(*rest).limit(1))


def _rate(entry: Row[Any]) -> Rate:
    return Rate(**{name: value for name, value in entry.rate.items() if name != PREDICTED})


def _predicted(entry: Row[Any]) -> float:
    """For one call with all pages; an entry of an older version has it as its seconds at first."""
    return float(entry.rate.get(PREDICTED, entry.seconds))


async def _calls(tx: Transaction, entry: Row[Any]) -> list[tuple[int, datetime, Used]]:
    """What each call has used, with its number and when it began."""
    c, rate = attempt.c, _rate(entry)
    ours = select(c.number, c.started_at, c.first_page, c.report)
    ours = ours.where(c.recipient == entry.recipient, c.outcome != AttemptOutcome.CALLING)
    rows = await tx.rows(ours.order_by(c.number))
    firsts = [*(row.first_page for row in rows), entry.pages_confirmed + 1]
    found = []
    for row, (first, then) in zip(rows, pairwise(firsts), strict=True):
        seconds = _seconds(row, entry)
        if seconds is not None:
            used = Used(seconds, then - first, rate.cost(seconds))
            found.append((row.number, row.started_at, used))
    return found


def _seconds(call: Row[Any], entry: Row[Any]) -> float | None:
    """From the answer on, as calls are charged; None for a call that was not answered."""
    if not call.report:
        return _predicted(entry)
    report = call_from(call.report)
    return report.seconds - report.ringing if report.dialled is Dialled.CONNECTED else None
