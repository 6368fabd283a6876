"""The mails that the gateway owes: receipts, received faxes, notices.

A mail is queued in the transaction that made it owed, with its Message-ID, so a repeat after a
crash is the same mail. One that is under way is due again when its lease ends: nothing here is
lost, and a repeat costs the reader at most a duplicate that the mail program can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from gateway.said import arranged, said
from gateway.store.engine import Transaction, Wake
from gateway.store.records import MailKind, OutgoingMail
from gateway.store.tables import MailState, forwarded, outgoing

KINDS: Final = {
    MailKind.RECEIPT: said("receipt"),
    MailKind.DELAY: said("notice of delay"),
    MailKind.CONFIRM: said("question"),
    MailKind.CHANNEL: said("message over a channel"),
    MailKind.FAX: said("received fax"),
    MailKind.FORWARD: said("mail to postmaster"),
    MailKind.NOTICE: said("notice"),
}


async def owe_receipts(
    tx: Transaction,
    recipients: Iterable[tuple[int, str]],
    now: datetime,
    kind: MailKind = MailKind.RECEIPT,
) -> None:
    """Queue the receipt of each (recipient, sender); a null sender (RFC 5321 4.5.5) gets none.

    With it go the notices over channels, which decide for themselves what they tell.
    """
    values = [
        _new(tx, way, to, now) | {"recipient": recipient}
        for recipient, sender in recipients
        if sender
        for way, to in [(kind, sender), *((MailKind.CHANNEL, c) for c in tx.node.channels(sender))]
    ]
    await _insert(tx, values)


async def owe_question(tx: Transaction, recipient: int, sender: str, now: datetime) -> None:
    """Queue the mail that asks the sender of a held recipient."""
    if sender:
        await _insert(tx, [_new(tx, MailKind.CONFIRM, sender, now) | {"recipient": recipient}])


async def owe_fax(
    tx: Transaction,
    fax: int,
    addresses: Iterable[str],
    now: datetime,
    patience: Callable[[str], timedelta] = lambda _: timedelta(0),
) -> None:
    """Queue a received fax to each address, once each; due when its patience ends."""
    values = [
        _new(tx, MailKind.FAX, address, now) | {"received": fax, "due": now + patience(address)}
        for address in dict.fromkeys(addresses)
    ]
    await _insert(tx, values)


async def hurry(tx: Transaction, fax: int, now: datetime) -> None:
    """What of a fax has waited for its first delivery is due now."""
    c = outgoing.c
    fresh = and_(c.state == MailState.QUEUED, c.tries == 0, c.owner == "", c.due > now)
    ours = and_(c.received == fax, c.kind == MailKind.FAX, fresh)
    if await tx.run(update(outgoing).where(ours).values(due=now)):
        tx.wakes.add(Wake.OUTBOX)


async def owe_forward(tx: Transaction, raw: bytes, now: datetime) -> int:
    """Queue a mail that came for the postmaster, as it is; the number of the owed mail."""
    number = await tx.insert(
        insert(outgoing).values(_new(tx, MailKind.FORWARD, tx.node.postmaster, now))
    )
    await tx.run(insert(forwarded).values(outgoing=number, octets=raw))
    tx.wakes.add(Wake.OUTBOX)
    return number


async def owe_junked(tx: Transaction, fax: int, to: str, entry: str, now: datetime) -> None:
    """Queue the mail that the caller of a fax is on the junk list, to who put them there."""
    about = {"received": fax, "note": entry}
    await _insert(tx, [_new(tx, MailKind.JUNK, to, now) | about])


async def junked_since(tx: Transaction, to: str, since: datetime) -> int:
    """How many such mails to somebody have been owed."""
    c = outgoing.c
    theirs = and_(c.kind == MailKind.JUNK, c.to_address == to, c.created_at >= since)
    return len(await tx.rows(select(c.id).where(theirs)))


async def to_forward(tx: Transaction, mail: int) -> bytes | None:
    """The octets of such a mail, until it has been sent."""
    row = await tx.row(select(forwarded.c.octets).where(forwarded.c.outgoing == mail))
    return bytes(row.octets) if row else None


async def next_mail(
    tx: Transaction, now: datetime, lease: timedelta, full: Collection[str] = ()
) -> OutgoingMail | None:
    """Take the mail that has been due longest, but none to what is `full` ("": an address)."""
    q = outgoing.alias()
    elsewhere: ColumnElement[bool] = q.c.to_address.not_in(full)
    if "" in full:
        elsewhere = and_(elsewhere, q.c.to_address.not_like("%@%"))
    due = (
        select(q.c.id)
        .where(q.c.state == MailState.QUEUED, q.c.due <= now, elsewhere)
        .order_by(q.c.due, q.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = await tx.row(
        update(outgoing)
        .where(outgoing.c.id == due.scalar_subquery())
        .values(due=now + lease, owner=tx.node.name, tries=outgoing.c.tries + 1)
        .returning(outgoing)
    )
    if taken is None:
        return None
    tx.wakes.add(Wake.OUTBOX)  # there may be another, for another worker
    return _record(taken)


async def mail_sent(tx: Transaction, mail: int, now: datetime) -> None:
    """The mail has been taken over by a mail server or a Maildir."""
    await _end(tx, mail, MailState.SENT, "", now)
    await tx.run(delete(forwarded).where(forwarded.c.outgoing == mail))


async def mail_later(tx: Transaction, mail: int, at: datetime, error: str) -> None:
    """The mail could not be handed over; it is due again at `at`."""
    await tx.run(update(outgoing).where(_queued(mail)).values(due=at, error=error, owner=""))


async def mail_failed(tx: Transaction, mail: int, error: str, now: datetime) -> None:
    """The mail is given up, and the postmaster, if there is one, is told.

    Never about a notice, or about a delay, whose end will be told.
    """
    failed = await _end(tx, mail, MailState.FAILED, error, now)
    if failed is None or failed.kind in {MailKind.NOTICE, MailKind.DELAY} or not tx.node.postmaster:
        return
    what = said(
        "The {kind} for {address} was given up.",
        kind=KINDS[failed.kind],
        address=failed.to_address,
    )
    why = said("The last error: {error}", error=error)
    note = arranged("{what}\n{why}", what=what, why=why)
    if failed.kind is MailKind.FAX:
        how = said(
            "It is received fax {fax}: `faxgate received redeliver {fax} --to {address}` delivers "
            "it again.",
            fax=failed.received,
            address=failed.to_address,
        )
        note = arranged("{note}\n{how}", note=note, how=how)
    about = {"recipient": failed.recipient, "received": failed.received, "note": note}
    await _insert(tx, [_new(tx, MailKind.NOTICE, tx.node.postmaster, now) | about])


async def release(tx: Transaction, owner: str, now: datetime) -> None:
    """What `owner` had under way when it was stopped is due at once."""
    under_way = and_(outgoing.c.state == MailState.QUEUED, outgoing.c.owner == owner)
    if await tx.run(update(outgoing).where(under_way).values(due=now, owner="")):
        tx.wakes.add(Wake.OUTBOX)


async def _end(
    tx: Transaction, mail: int, state: MailState, error: str, now: datetime
) -> Row[Any] | None:
    return await tx.row(
        update(outgoing)
        .where(_queued(mail))
        .values(state=state, error=error, owner="", ended_at=now)
        .returning(
            outgoing.c.kind, outgoing.c.to_address, outgoing.c.recipient, outgoing.c.received
        )
    )


def _queued(mail: int) -> ColumnElement[bool]:
    return and_(outgoing.c.id == mail, outgoing.c.state == MailState.QUEUED)


def _new(tx: Transaction, kind: MailKind, to: str, now: datetime) -> dict[str, object]:
    return {
        "kind": kind,
        "to_address": to,
        "message_id": f"<{uuid4().hex}@{tx.node.domain}>",
        "state": MailState.QUEUED,
        "due": now,
        "created_at": now,
    }


async def _insert(tx: Transaction, values: list[dict[str, object]]) -> None:
    if values:
        await tx.run(insert(outgoing), values)
        tx.wakes.add(Wake.OUTBOX)


def _record(row: Row[Any]) -> OutgoingMail:
    return OutgoingMail(
        id=row.id,
        kind=row.kind,
        to=row.to_address,
        recipient=row.recipient,
        received=row.received,
        note=row.note,
        message_id=row.message_id,
        tries=row.tries - 1,
        created_at=row.created_at,
    )
