"""The outbox of somebody's own IMAP server: a mail that is put there is faxed, and filed then.

It stays where it is until every recipient has ended, and then moves: to the folder of what was sent
if all got it, else to that of what failed, with its receipts beside it. What may not be sent moves
there at once, with a notice that says why. Whatever is interrupted is found again: the order is
committed to the store before anything moves, under the number of the mail in its folder; what is
put beside it is looked for by its Message-ID first.

A server that is away is tried again after longer and longer rests. One task for each outbox.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Final, Protocol

from gateway.clock import Clock
from gateway.config.imap import ImapOutbox
from gateway.imap.posting import Posting
from gateway.imap.session import Session, connected
from gateway.mailout.body import Body, plain
from gateway.mailout.letter import Head, letter, octets
from gateway.mailout.transport import DeliveryError, PermanentFailure, TemporaryFailure
from gateway.message import Headers, read_headers
from gateway.said import said
from gateway.store import Store
from gateway.store.posted import Posted
from gateway.store.records import Recipient, RecipientState
from gateway.words import Language, phrases

MOST: Final = 200  # mails that one look takes up
FIRST_REST, LONGEST_REST = 1.0, 300.0  # s between tries to reach the server
ENDED: Final = (RecipientState.SENT, RecipientState.FAILED, RecipientState.CANCELLED)

Announce = Callable[..., None]  # Events.announce


class Receipts(Protocol):
    """Writes receipts."""

    async def filed(
        self, recipient: int, message_id: str, now: datetime
    ) -> Callable[[], EmailMessage | None]:
        """The receipt of one recipient, as a function for a thread."""
        ...

    def language(self, address: str, asked: str = "") -> Language:
        """How somebody reads; `asked` is what their own mail says of it."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What all outboxes of a gateway share. `sender` is the From of its mails."""

    store: Store
    receipts: Receipts
    clock: Clock
    announce: Announce
    sender: str
    hostname: str


class Outbox:
    """One outbox; `name` is the configuration's."""

    def __init__(self, name: str, settings: ImapOutbox, posting: Posting, house: House) -> None:
        self._name = name
        self._settings = settings
        self._posting = posting
        self._house = house
        self._rest = FIRST_REST

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self._watch()
            except DeliveryError as failure:
                self._announce("imap outbox unavailable", cause=failure.reply, rest=self._rest)
            await asyncio.sleep(self._rest)
            self._rest = min(2 * self._rest, LONGEST_REST)

    async def _watch(self) -> None:
        async with connected(self._settings) as imap:
            await imap.learn()
            while True:
                await self.look(imap)
                self._rest = FIRST_REST
                await imap.watch(self._settings.poll.total_seconds())

    async def look(self, imap: Session) -> None:
        """Take what is new, file what has ended."""
        validity, trouble = await imap.open(self._settings.outbox), None
        for uid in (await imap.uids())[:MOST]:
            try:
                await self._handle(imap, Posted(self._name, validity, uid))
            except DeliveryError as failure:  # one mail must not hold up the others
                trouble = trouble or failure
                if imap.is_lost or await imap.open(self._settings.outbox) != validity:
                    raise
        if trouble is not None:
            raise trouble

    async def _handle(self, imap: Session, mail: Posted) -> None:
        job = await self._house.store.posted(mail)
        if job is None:
            await self._take(imap, mail)
            return
        recipients = await self._house.store.recipients_of(job)
        if all(recipient.state in ENDED for recipient in recipients):
            await self._file(imap, mail, recipients)

    async def _take(self, imap: Session, mail: Posted) -> None:
        """Commit a new mail, or move it away with a notice."""
        size = await imap.size(mail.uid)
        if size is None:
            return  # its owner was faster
        if size > self._posting.largest:
            most = self._posting.largest
            reason = said("it has {size} octets, and {most} are the most", size=size, most=most)
            await self._refuse(imap, mail, Headers(), (reason,))
            return
        raw = await imap.fetch(mail.uid, size)
        if raw is None:
            return
        now = self._house.clock.now()
        order = await asyncio.to_thread(self._posting.order, raw, now)
        if isinstance(order, tuple):
            headers = await asyncio.to_thread(read_headers, raw)
            await self._refuse(imap, mail, headers, order)
            return
        digest = (await asyncio.to_thread(hashlib.sha256, raw)).hexdigest()
        job = await self._house.store.accept_posted(mail, digest, order, now)
        numbers = ", ".join(recipient.number for recipient in order.recipients)
        self._announce("mail accepted", job=job, user=order.user, numbers=numbers, octets=len(raw))

    async def _refuse(
        self, imap: Session, mail: Posted, headers: Headers, reasons: Sequence[str]
    ) -> None:
        house, owner = self._house, self._posting.address
        language = house.receipts.language(owner, headers.language)
        head = Head(
            sender=house.sender,
            name=language.say(phrases.GATEWAY),
            to=owner,
            subject=language.say(phrases.NOT_FAXED_SUBJECT, subject=headers.subject),
            at=house.clock.now(),
            message_id=f"<refused-{mail.uid_validity}-{mail.uid}-{self._name}@{house.hostname}>",
            automatic="auto-replied",
            zone=language.zone,
        )
        self._announce("mail refused", uid=mail.uid, cause="; ".join(reasons))
        await self._move(imap, mail, self._settings.failed, [not_faxed(head, reasons, language)])

    async def _file(self, imap: Session, mail: Posted, recipients: Sequence[Recipient]) -> None:
        house, settings = self._house, self._settings
        receipts = []
        for recipient in recipients:
            message_id = f"<posted-{mail.uid_validity}-{mail.uid}-{recipient.id}@{house.hostname}>"
            draft = await house.receipts.filed(recipient.id, message_id, house.clock.now())
            receipts.append(await asyncio.to_thread(draft))
        sent = all(recipient.state is RecipientState.SENT for recipient in recipients)
        folder = settings.sent if sent else settings.failed
        await self._move(imap, mail, folder, [one for one in receipts if one is not None])
        await house.store.filed(mail)
        self._announce("mail filed", job=recipients[0].job, uid=mail.uid, folder=folder)

    async def _move(
        self, imap: Session, mail: Posted, folder: str, beside: Sequence[EmailMessage]
    ) -> None:
        """Put what goes beside the mail into a folder, once, and then the mail itself."""
        await imap.open(folder)
        for message in beside:
            if not await imap.holds(message["Message-ID"]):
                written = await asyncio.to_thread(octets, message)
                try:
                    await imap.append(folder, written, (), self._house.clock.now())
                except PermanentFailure as failure:  # the mail must not stay behind for it
                    self._announce("receipt refused", uid=mail.uid, cause=failure.reply)
        if await imap.open(self._settings.outbox) != mail.uid_validity:
            raise TemporaryFailure(said("the server has numbered the mails of the outbox anew"))
        await imap.move(mail.uid, folder)

    def _announce(self, event: str, **facts: object) -> None:
        self._house.announce(event, outbox=self._name, **facts)


def not_faxed(head: Head, reasons: Sequence[str], language: Language) -> EmailMessage:
    """Why a mail was not faxed."""
    message = letter(head)
    told = "\n".join(f"  {language.tell(reason)}" for reason in reasons[:100])
    lead, advice = language.say(phrases.NOT_FAXED), language.say(phrases.NOT_FAXED_ADVICE)
    message.set_content(plain(Body([lead, told, advice], language=language.code)))
    return message
