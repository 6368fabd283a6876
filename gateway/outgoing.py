"""What each owed mail says, gathered from the store when it is due.

The delivery worker knows mails only by their kind; here a receipt, a received fax and a notice get
their facts, and a function that writes the mail in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial

from gateway.address import Book
from gateway.admission.placing import Placing
from gateway.admission.token import JUNK, SECRET, local_part
from gateway.config.model import Config
from gateway.config.receiving import AnyTarget, MailTarget
from gateway.config.sealing import in_the_clear
from gateway.mailout.channels import SCHEME
from gateway.mailout.transport import TemporaryFailure, Transport
from gateway.mailout.worker import Dispatch, Draft
from gateway.message import read_headers
from gateway.ocr.kept import fax_text
from gateway.ocr.text import FaxText
from gateway.offramp.rendering import header_of, predicted_seconds
from gateway.onramp.complaint import entry_for
from gateway.onramp.compose import Reader, fax_mail
from gateway.onramp.targets import Parcel, build_target
from gateway.onramp.wording import wording_for
from gateway.report.facts import Action, Facts
from gateway.report.junked import junked
from gateway.report.mdn import Mdn
from gateway.report.notice import notice
from gateway.report.original import read_original
from gateway.report.question import Question, question
from gateway.report.receipt import Enclosed, receipt, short_notice
from gateway.report.signature import Signer
from gateway.said import said
from gateway.store import Store
from gateway.store.records import (
    MailKind,
    OutgoingMail,
    ReceivedFax,
    Recipient,
    RecipientState,
    StoredPage,
)
from gateway.supervisor import Announce
from gateway.words import Language
from gateway.words.choice import language_of
from modems.terminal import PageQuality

JUNK_WITHIN = timedelta(days=30)  # after the mail of a fax its caller can be called junk
LARGEST_RETURNED = 5_000_000  # octets of a mail that RET=FULL returns; of others the header
KEY = "receipt.key"  # in the state directory


def signer_of(config: Config) -> Signer | None:
    """Who signs the receipts, if they are. Raises OSError and ValueError as `Signer.at`."""
    receipts = config.mail.receipts
    return Signer.at(receipts.key or config.state / KEY) if receipts.signed else None


class Composer:
    """Writes the mails of one gateway from its store."""

    def __init__(
        self,
        store: Store,
        config: Config,
        transport: Transport,
        targets: Callable[[], Mapping[str, AnyTarget]],
        signer: Signer | None = None,
        announce: Announce | None = None,
    ) -> None:
        """`transport` takes the mails of targets; `targets` gives those in force.

        `announce` tells the log what is wrong with a template.
        """
        self._announce = announce
        self._store = store
        self._transport = transport
        self._targets = targets
        self._signer = signer
        self._config = config
        self._gives_up = partial(Placing.of(config).until, config.retry.give_up_after)
        self._book = Book(config.address_book)
        self._kinds = {
            MailKind.RECEIPT: self._receipt,
            MailKind.DELAY: self._receipt,
            MailKind.CONFIRM: self._question,
            MailKind.CHANNEL: self._channel,
            MailKind.FAX: self._fax,
            MailKind.JUNK: self._junked,
            MailKind.FORWARD: self._forward,
            MailKind.NOTICE: self._notice,
        }

    async def draft(self, mail: OutgoingMail) -> Draft:
        """Gather the facts of one owed mail."""
        return await self._kinds[mail.kind](mail)

    async def filed(
        self, recipient: int, message_id: str, now: datetime
    ) -> Callable[[], EmailMessage | None]:
        """The receipt that is filed beside the mail, also of who wants none mailed."""
        mail = OutgoingMail(0, MailKind.RECEIPT, "", recipient, None, "", message_id, 0, now)
        facts = await self._facts(mail)
        if facts is None:
            return _nothing
        wanted = replace(facts.recipient, notify="SUCCESS,FAILURE")
        return await self._worded(replace(facts, recipient=wanted), message_id)

    async def _receipt(self, mail: OutgoingMail) -> Draft:
        facts = await self._facts(mail)
        if facts is None:
            return _nothing
        if mail.kind is MailKind.DELAY and facts.action is not Action.DELAYED:
            return _nothing  # it has ended since, which its receipt tells
        return await self._worded(facts, mail.message_id)

    async def _worded(self, facts: Facts, message_id: str) -> Callable[[], EmailMessage | None]:
        return partial(
            receipt,
            facts,
            sender=self._config.mail.sender,
            hostname=self._config.hostname,
            message_id=message_id,
            language=self.language(facts.job.sender, read_headers(facts.job.raw).language),
            enclosed=await self._enclosed(facts),
        )

    async def _channel(self, mail: OutgoingMail) -> Draft:
        """The same words without what goes with them, where the channel tells of such an end."""
        facts, name = await self._facts(mail), mail.to.removeprefix(SCHEME)
        channel = next((c for c in self._config.mail.channels if c.name == name), None)
        if facts is None or channel is None or facts.action.value not in channel.tell:
            return _nothing
        language = self.language(facts.job.sender, read_headers(facts.job.raw).language)
        sender = self._config.mail.sender
        return partial(
            short_notice, facts, sender=sender, message_id=mail.message_id, language=language
        )

    async def _enclosed(self, facts: Facts) -> Enclosed:
        """What goes with the words, as far as it is wanted and there is any."""
        store, want = self._store, self._config.mail.receipts
        all_pages = want.pdf or self._signer is not None
        last = facts.recipient.pages if all_pages else min(facts.recipient.pages, 1)
        numbers = range(1, last + 1 if all_pages or want.picture else 1)
        whole = facts.job.ret == "FULL" and facts.action is Action.FAILED
        job = await store.job(facts.job.id) if whole else None
        return Enclosed(
            pages=[await store.page(facts.job.id, number) for number in numbers],
            picture=want.picture,
            pdf=want.pdf,
            signer=self._signer if facts.action is not Action.DELAYED else None,
            original=job.raw if job and len(job.raw) <= LARGEST_RETURNED else b"",
            mdn=Mdn(want.mdn),
        )

    async def _facts(self, mail: OutgoingMail) -> Facts | None:
        store = self._store
        recipient = await store.recipient(mail.recipient) if mail.recipient else None
        job = await store.job_head(recipient.job) if recipient else None
        if recipient is None or job is None:
            return None
        whose = (job.user, job.groups, job.proof)
        pages, header = await store.pages(job.id), header_of(job.options, self._config.header)
        return Facts(
            job,
            recipient,
            attempts=await store.attempts(recipient.id),
            confirmations=await store.page_reports(recipient.id),
            documents=await store.documents(job.id),
            predicted_seconds=predicted_seconds(pages, header) if pages else None,
            give_up_at=self._gives_up(recipient.number, *whose, _begins(recipient)),
            renditions={page.number: page.rendition for page in pages},
        )

    async def _fax(self, mail: OutgoingMail) -> Draft:
        store = self._store
        fax = await store.received(mail.received) if mail.received else None
        if fax is None:
            return _nothing
        pages, qualities = (
            await store.received_pages(fax.id),
            await store.received_qualities(fax.id),
        )
        reader = replace(self._reader(mail), junk=await self._junk_address(mail, fax))
        read, state = await store.readings.texts(fax.id), await store.readings.state(fax.id)
        text = partial(fax_text, pages, read, state, in_mail=self._config.ocr.text_in_mail)
        if why := fax.sealed and in_the_clear(
            mail.to, self._targets(), self._config.mail.encryption
        ):
            refusal = said("not sent in the clear: {error}", error=why)
            return lambda: partial(_refused, refusal)
        if "@" not in mail.to:
            return partial(self._dispatched, mail.to, fax, pages, qualities, reader, text)
        report = await store.received_report(fax.id)
        return lambda: fax_mail(fax, pages, reader, qualities=qualities, report=report, text=text())

    def _reader(self, mail: OutgoingMail) -> Reader:
        target = self._targets().get(mail.to)
        to = target.to if isinstance(target, MailTarget) else mail.to
        config, language = self._config, self.language(to)
        if code := getattr(target, "language", None):
            language = Language(code, config.zone)
        wording = wording_for(config.mail.templates, mail.to, to, language.code, self._announce)
        about = (config.mail.sender, config.country, language, self._book, config.domain)
        return Reader(to, mail.message_id, *about, wording=wording)

    async def _junk_address(self, mail: OutgoingMail, fax: ReceivedFax) -> str:
        """Where this reader writes to have no more faxes of this caller; "" where they cannot."""
        to = self._reader(mail).to
        if not self._config.junk_by_reply or "@" not in to or not entry_for(fax):
            return ""
        key, until = await self._store.secret(JUNK), mail.created_at + JUNK_WITHIN
        return f"{local_part(key, fax.id, to.lower(), until, JUNK)}@{self._config.domain}"

    async def _junked(self, mail: OutgoingMail) -> Draft:
        return partial(junked, mail, self._config.mail.sender, self.language(mail.to))

    def _dispatched(
        self,
        name: str,
        fax: ReceivedFax,
        pages: Sequence[StoredPage],
        qualities: Sequence[PageQuality],
        reader: Reader,
        text: Callable[[], FaxText],
    ) -> Dispatch:
        """The delivery to a target by its name in the configuration that is in force."""
        settings = self._targets().get(name)
        if settings is None:
            return partial(
                _refused, said("there is no {name} in the configuration any more", name=name)
            )
        bounces_to = self._config.mail.postmaster or self._config.mail.sender
        parcel = Parcel(reader.message_id, fax, pages, qualities, reader, text())
        return partial(build_target(settings, self._transport, bounces_to).deliver, parcel)

    async def _question(self, mail: OutgoingMail) -> Draft:
        store = self._store
        recipient = await store.recipient(mail.recipient) if mail.recipient else None
        job = await store.job_head(recipient.job) if recipient else None
        held = recipient is not None and recipient.state is RecipientState.HELD
        if recipient is None or job is None or recipient.due is None or not held:
            return _nothing  # it has been decided about already
        key = await store.secret(SECRET)
        local = local_part(key, recipient.id, job.user, recipient.due)
        return partial(
            question,
            Question(recipient, recipient.due, f"{local}@{self._config.domain}"),
            sender=self._config.mail.sender,
            to=mail.to,
            at=mail.created_at,
            message_id=mail.message_id,
            original=read_original(job.raw),
            language=self.language(mail.to, read_headers(job.raw).language),
        )

    async def _forward(self, mail: OutgoingMail) -> Draft:
        """What somebody wrote to postmaster, octet by octet."""
        raw = await self._store.to_forward(mail.id)
        return lambda: raw

    async def _notice(self, mail: OutgoingMail) -> Draft:
        return partial(
            notice,
            mail.note,
            sender=self._config.mail.sender,
            to=mail.to,
            at=mail.created_at,
            message_id=mail.message_id,
            language=self.language(mail.to),
        )

    def language(self, address: str, asked: str = "") -> Language:
        """How the reader at `address` reads; `asked` is what their own mail says of it."""
        mail = self._config.mail
        code = language_of(address, mail.languages, asked, mail.language)
        return Language(code, self._config.zone)


async def _refused(why: str) -> None:
    raise TemporaryFailure(why)  # an administrator can mend it


def _begins(recipient: Recipient) -> datetime:
    """From when on it is tried: at once, or when its sender wants it."""
    return max(recipient.accepted_at, recipient.not_before or recipient.accepted_at)


def _nothing() -> EmailMessage | None:
    """What was to be told of is no longer there."""
    return None
