"""What must hold after a round, whatever happened in it.

Of mails      every recipient of a mail that got its 250 ended, once, as sent or failed, and its
              sender has exactly one receipt about it; a mail whose 250 was lost is there whole or
              not at all.
Of pages      a page that the far end confirmed is never sent again; a page in doubt is not sent
              again on its own; every confirmed page is among those that were received and
              delivered; no fax holds a page twice.
Of callers    a page that somebody who called in saw confirmed lies in the mailbox; however often it
              was repeated, no document holds it twice.
Of machines   nothing is left behind: no process, no socket, nobody's text in a temporary file (a
              killed worker may leave the name of one), a sound database.

Everything is read from the store and the mailboxes after the gateway has ended.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf

from gateway.mailout.maildir import directory_name
from gateway.store import Store
from gateway.store.records import AttemptOutcome, Recipient, RecipientState
from tests.chaos.besieged import Diary
from tests.chaos.post import Ledger
from tests.chaos.scene import ANSWERERS, BOTH_WAYS, Letter, mailbox
from tests.chaos.victim import Victim

ALL = 1_000_000
ENDS = {RecipientState.SENT, RecipientState.FAILED}


async def judge(victim: Victim, ledger: Ledger, *, damage: bool) -> dict[str, int]:
    """Raise AssertionError for what does not hold; what was counted otherwise."""
    nothing_is_left(victim)
    store = await Store.open(f"sqlite:///{victim.state}/faxgate.db")
    try:
        recipients = await store.queue_view(ALL)
        everybody_heard_once(ledger, recipients, victim.state / "mail")
        for recipient in recipients:
            await no_page_goes_twice(store, recipient)
        received = await deliveries_are_whole(store, victim.state / "mail")
        joined = sum(bool(f.replaced_by) for f in await store.received_list(ALL))
        await what_is_confirmed_arrived(store, recipients, received, damage=damage)
        calls = callers_find_their_pages(victim.config, victim.state / "mail", damage=damage)
    finally:
        await store.close()
    states = Counter(recipient.state.value for recipient in recipients)
    pages = sum(map(len, received.values()))
    return {"recipients": len(recipients), **states, "pages": pages, **calls, "joined": joined}


async def judge_calls(victim: Victim) -> dict[str, int]:
    """The same, where nobody but machines on telephone lines has come."""
    nothing_is_left(victim)
    store = await Store.open(f"sqlite:///{victim.state}/faxgate.db")
    try:
        received = await deliveries_are_whole(store, victim.state / "mail")
        joined = sum(bool(f.replaced_by) for f in await store.received_list(ALL))
    finally:
        await store.close()
    calls = callers_find_their_pages(victim.config, victim.state / "mail", damage=False)
    return {"pages": sum(map(len, received.values())), **calls, "joined": joined}


def nothing_is_left(victim: Victim) -> None:
    """No text in a temporary file, no control socket, and a database that says it is sound."""
    assert [f for f in victim.temporary.rglob("*") if f.is_file() and f.stat().st_size] == []
    assert not (victim.state / "control.sock").exists()
    with closing(sqlite3.connect(victim.state / "faxgate.db")) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]


def everybody_heard_once(ledger: Ledger, recipients: Sequence[Recipient], mail: Path) -> None:
    """Accepted recipients, outcomes and receipts are one and the same."""
    by_sender: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        by_sender.setdefault(recipient.sender, []).append(recipient)
    for letter in ledger.promised:
        assert sorted(letter.recipients) == numbers(by_sender.get(letter.sender, ())), letter.sender
    for letter in ledger.unsure:
        there = numbers(by_sender.get(letter.sender, ()))
        assert there in ([], sorted(letter.recipients)), letter.sender
    known = {letter.sender: letter for letter in (*ledger.promised, *ledger.unsure)}
    for sender, ours in by_sender.items():
        outcomes_and_receipts(known[sender], ours, mails(mail, sender))


def numbers(recipients: Iterable[Recipient]) -> list[str]:
    """The numbers of some recipients, in order."""
    return sorted(recipient.number for recipient in recipients)


def outcomes_and_receipts(
    letter: Letter, recipients: Sequence[Recipient], receipts: Sequence[EmailMessage]
) -> None:
    """Every recipient of one mail has ended, and is told of in one receipt with its outcome."""
    told = {final_recipient(receipt): action(receipt) for receipt in receipts}
    assert len(receipts) == len(told) == len(recipients), (letter.sender, told)
    for recipient in recipients:
        assert recipient.state in ENDS, recipient
        assert recipient.ended_at is not None
        assert recipient.state is RecipientState.SENT or recipient.cause, recipient
        said = {RecipientState.SENT: "delivered", RecipientState.FAILED: "failed"}
        assert told[recipient.address] == said[recipient.state], recipient
        assert not (letter.damaged and recipient.state is RecipientState.SENT), recipient


async def no_page_goes_twice(store: Store, recipient: Recipient) -> None:
    """Each attempt begins after what was confirmed before, and none follows a page in doubt."""
    attempts = await store.attempts(recipient.id)
    asked = await store.page_reports(recipient.id)
    good = [c.page for c in asked if c.report and c.report.verdict.confirmed]
    assert len(set(good)) == len(good), (recipient, good)
    if recipient.state is RecipientState.SENT:
        assert sorted(good) == list(range(1, recipient.pages + 1)), (recipient, good)
    for attempt in attempts:
        earlier = [c for c in asked if c.attempt < attempt.number]
        assert all(
            c.page < attempt.first_page for c in earlier if c.report and c.report.verdict.confirmed
        ), recipient
        assert all(c.report for c in earlier), (recipient, "a page in doubt was sent again")
        assert attempt.outcome is not AttemptOutcome.CALLING


async def deliveries_are_whole(store: Store, mail: Path) -> dict[str, list[bytes]]:
    """Every fax with a page is one mail with those pages; gives the pages by called number."""
    received: dict[str, list[bytes]] = {number: [] for number in (*ANSWERERS, BOTH_WAYS)}
    owed: Counter[tuple[str, int]] = Counter()
    for fax in await store.received_list(ALL):
        assert fax.ended_at is not None, fax
        pages = await store.received_pages(fax.id)
        assert len({page.mmr for page in pages}) == len(pages), (fax, "holds a page twice")
        own = [sheet for sheet in await store.sheets_at_rest(fax.id) if sheet.fax == fax.id]
        received[fax.called] += [sheet.page.mmr for sheet in own]
        owed[mailbox(fax.called), len(pages)] += bool(pages)
    there = Counter(
        (mailbox(number), pages_of(message))
        for number in received
        for message in mails(mail, mailbox(number))
    )
    assert +owed == there, (owed, there)
    return received


async def what_is_confirmed_arrived(
    store: Store,
    recipients: Sequence[Recipient],
    received: dict[str, list[bytes]],
    *,
    damage: bool,
) -> None:
    """Every page that a number confirmed was received there; pel for pel on a sound line."""
    confirmed: dict[str, list[bytes]] = {}
    for recipient in recipients:
        for asked in await store.page_reports(recipient.id):
            if asked.report and asked.report.verdict.confirmed:
                page = await store.page(recipient.job, asked.page)
                confirmed.setdefault(recipient.number, []).append(page.mmr)
    for number, pages in confirmed.items():
        assert len(pages) <= len(received[number]), number
        if not damage:
            assert not Counter(pages) - Counter(received[number]), number


def callers_find_their_pages(config: Path, mail: Path, *, damage: bool) -> dict[str, int]:
    """Every page that a caller saw confirmed lies in the mailbox of the number that it called.

    No document there has a page twice. The pages are taken from the PDFs as their readers get them.
    """
    seen = [entry for path in config.parent.glob("*.diary") for entry in Diary(path).read()]
    confirmed = [entry for entry in seen if "confirmed" in entry]
    for to in (*ANSWERERS, BOTH_WAYS):
        documents = [prints(message) for message in mails(mail, mailbox(to))]
        for pages in documents:
            assert len(set(pages)) == len(pages), (to, "a document holds a page twice")
        there = {page for pages in documents for page in pages}
        missing = [e for e in confirmed if e["to"] == to and e["confirmed"] not in there]
        assert damage or not missing, (to, missing)
    return {"called in": len({e["begun"] for e in seen if "begun" in e}), "seen": len(confirmed)}


def prints(message: EmailMessage) -> list[str]:
    """The hash of each page of a delivered fax, as it lies in the PDF (MMR)."""
    (pdf,) = [p for p in message.iter_attachments() if p.get_content_subtype() == "pdf"]
    with pikepdf.open(BytesIO(pdf.get_content())) as opened:
        pictures = [next(iter(page.images.values())) for page in opened.pages]
        return [sha256(picture.read_raw_bytes()).hexdigest() for picture in pictures]


def mails(directory: Path, address: str) -> list[EmailMessage]:
    """The mails that have reached an address."""
    folder = directory / directory_name(address) / "new"
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(folder.glob("*"))
    ]


def action(receipt: EmailMessage) -> str:
    """What a receipt says became of the fax (RFC 3464 2.3.3)."""
    return str(about_the_recipient(receipt)["Action"])


def final_recipient(receipt: EmailMessage) -> str:
    """Whom a receipt is about (RFC 3464 2.3.2)."""
    return str(about_the_recipient(receipt)["Final-Recipient"]).partition(";")[2].strip()


def about_the_recipient(receipt: EmailMessage) -> EmailMessage:
    """The second block of a receipt's machine-readable part."""
    (status,) = [p for p in receipt.walk() if p.get_content_type() == "message/delivery-status"]
    fields = list(status.iter_parts())[1]
    assert isinstance(fields, EmailMessage)
    return fields


def pages_of(message: EmailMessage) -> int:
    """How many pages the PDF of a delivered fax has."""
    (pdf,) = [p for p in message.iter_attachments() if p.get_content_subtype() == "pdf"]
    return len(pypdf.PdfReader(BytesIO(pdf.get_content())).pages)
