"""What faxes use, entered to the accounts of their senders: as predicted, then as it was.

An entry is made in the transaction that lets a fax go, and the sums that this was decided by are
read in the same one; on PostgreSQL under a lock, because two of them would not see each other's
entries (on SQLite every write waits for its turn). So a ceiling holds however many mails come at
once. When the fax has ended, what its calls really took replaces the prediction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, insert, select, text, update

from gateway.admission.ceilings import Account, Used
from gateway.admission.placing import Case, Placement
from gateway.admission.tariff import Rate
from gateway.store.admission_tables import charge
from gateway.store.engine import Transaction
from gateway.store.reports import call_from
from gateway.store.tables import attempt, recipient
from modems.session import Dialled

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
    row = await tx.row(totals.where(c.account == account.name, c.at >= account.since))
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
        "rate": asdict(placement.rate),
    }
    rows = [values | {"account": account} for account in placement.accounts]
    await tx.run(insert(charge), rows)


async def settle(tx: Transaction, recipients: Sequence[int]) -> None:
    """Replace predictions by what the calls took. A lost call keeps its prediction on top."""
    for number in recipients:
        entered = select(charge).where(charge.c.recipient == number).limit(1)
        row = await tx.row(entered)
        if row is not None:
            used = await _used(tx, number, Rate(**row.rate), row.seconds)
            ours = charge.c.recipient == number
            await tx.run(update(charge).where(ours).values(**asdict(used)))


async def _used(tx: Transaction, number: int, rate: Rate, predicted: float) -> Used:
    rows = await tx.rows(select(attempt.c.report).where(attempt.c.recipient == number))
    reports = [call_from(row.report) for row in rows if row.report]
    calls = [r.seconds for r in reports if r.dialled is Dialled.CONNECTED]
    calls += [predicted] * (len(rows) - len(reports))
    pages = await tx.row(select(recipient.c.pages_confirmed).where(recipient.c.id == number))
    cost = sum(rate.cost(seconds) for seconds in calls)
    return Used(sum(calls), pages.pages_confirmed if pages else 0, cost)
