"""What faxes use, entered to the accounts of their senders: as predicted, then as it was.

An entry is made in the transaction that lets a fax go, and the sums that this was decided by are
read in the same one; on PostgreSQL under a lock, because two of them would not see each other's
entries (on SQLite every write waits for its turn). So a ceiling holds however many mails come at
once. After each call what it really took is entered, with the prediction for the pages that are
left; when the fax has ended, nothing is predicted any more, and what it did not use is free again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
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
            used = await _used(tx, row)
            await tx.run(update(charge).where(charge.c.recipient == number).values(**asdict(used)))


async def reserve_rest(tx: Transaction, number: int, due: datetime) -> None:
    """Enter what the calls until now took, and on top of it what the pages that are left will.

    It counts for the day of the first call; as long as nothing has been used, for that of the next.
    """
    row = await _entry(tx, number)
    if row is None:
        return
    used, rate = await _used(tx, row), _rate(row)
    rest = _predicted(row) * (row.all_pages - used.pages) / row.all_pages
    values = {
        "seconds": used.seconds + rest,
        "pages": row.all_pages,
        "cost": used.cost + rate.cost(rest),
        "at": row.at if used.seconds else due,
    }
    await tx.run(update(charge).where(charge.c.recipient == number).values(**values))


async def _entry(tx: Transaction, number: int) -> Row[Any] | None:
    """What is entered for a recipient, with the pages of its fax."""
    entry = select(charge, recipient.c.pages_confirmed)
    entry = entry.add_columns(rendering.c.pages.label("all_pages"))
    entry = entry.join(recipient, recipient.c.id == charge.c.recipient)
    entry = entry.join(rendering, rendering.c.job == recipient.c.job)
    return await tx.row(entry.where(charge.c.recipient == number).limit(1))


def _rate(entry: Row[Any]) -> Rate:
    return Rate(**{name: value for name, value in entry.rate.items() if name != PREDICTED})


def _predicted(entry: Row[Any]) -> float:
    """For one call with all pages; an entry of an older version has it as its seconds at first."""
    return float(entry.rate.get(PREDICTED, entry.seconds))


async def _used(tx: Transaction, entry: Row[Any]) -> Used:
    ended = attempt.c.outcome != AttemptOutcome.CALLING
    ours = select(attempt.c.report).where(attempt.c.recipient == entry.recipient, ended)
    rows = await tx.rows(ours)
    reports = [call_from(row.report) for row in rows if row.report]
    calls = [r.seconds for r in reports if r.dialled is Dialled.CONNECTED]
    calls += [_predicted(entry)] * (len(rows) - len(reports))
    cost = sum(_rate(entry).cost(seconds) for seconds in calls)
    return Used(sum(calls), entry.pages_confirmed, cost)
