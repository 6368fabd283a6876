"""One mail in the dialogue: what MAIL and RCPT are answered, and what they add up to.

Pure: no socket, no clock. Who the client is, the gate says: at once, or once the mail is there. The
client hears at RCPT, recipient by recipient, whether a fax will be
tried: a stranger, an address that is no number, a number at a foreign domain and a null sender are
refused there and then. A name of the address book becomes its numbers here, so that what is
stored are final recipients; one number with one subaddress is one recipient of a mail, however
often it is reached, and its receipt is what any of its RCPTs asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.address import Directory, FaxNumber, Refusal
from gateway.address.parse import local_part
from gateway.admission.gate import Gate
from gateway.admission.proving import Handed, Proven
from gateway.admission.token import Token
from gateway.admission.token import read as read_token
from gateway.options import read_options
from gateway.smtp.command import Mail, Rcpt, either_notify, parse_mail, parse_rcpt
from gateway.smtp.postbox import LARGEST, Postbox
from gateway.smtp.reply import (
    BAD_SENDER,
    MAIL_FIRST,
    MAIL_TWICE,
    NEEDS_SMTPUTF8,
    NULL_SENDER,
    RECIPIENT_OK,
    SENDER_OK,
    TOO_MANY_RECIPIENTS,
    Reply,
    too_large,
)
from gateway.store.records import NewMail, NewRecipient

# RFC 5321 4.1.2, as far as a receipt needs it: a local part, quoted or without blanks, and a domain
# or an address literal. Lengths are those of RFC 5321 4.5.3.1.
_MAILBOX = re.compile(
    r'(?:"[^"]{1,64}"|[^\s@"]{1,64})@(?:[\w-]{1,63}(?:\.[\w-]{1,63}){0,126}|\[[\w:.-]{1,255}\])'
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the administrator decided."""

    directory: Directory
    gate: Gate
    max_size: int  # octets
    max_recipients: int
    postbox: Postbox


@dataclass(frozen=True, slots=True)
class Client:
    """Who is at the other end, as far as we know for certain."""

    address: str  # IP
    user: str = ""  # who logged in
    may_log_in: bool = False  # whether AUTH is offered on this connection


class Transaction:
    """From MAIL to the end of DATA. RSET, EHLO and the end of a mail begin a new one."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.token: Token | None = None  # of a mail that confirms a held fax
        self._recipients: dict[tuple[str, str], NewRecipient] = {}  # by number, subaddress
        self._confirming = ""  # the address with the token
        self.is_for_postmaster = False  # a mail to people, and no fax
        self.mail: Mail | None = None
        self.proven: Proven | None = None  # None while only the mail itself can say who sends it

    @property
    def has_recipients(self) -> bool:
        """Whether DATA may come."""
        return bool(self._recipients) or self.token is not None or self.is_for_postmaster

    @property
    def most_octets(self) -> int:
        """How large the mail may be."""
        most = self._rules.max_size
        return min(most, LARGEST) if self.is_for_postmaster else most

    def on_mail(self, argument: str) -> Reply:
        """MAIL FROM."""
        if self.mail is not None:
            return MAIL_TWICE
        mail = parse_mail(argument)
        if isinstance(mail, Reply):
            return mail
        if not mail.path.isascii() and not mail.utf8:
            return NEEDS_SMTPUTF8
        if mail.path and not _MAILBOX.fullmatch(mail.path):
            return BAD_SENDER
        if mail.size > self._rules.max_size:
            return too_large(self._rules.max_size)
        self.mail = mail
        return SENDER_OK

    def on_rcpt(self, argument: str, client: Client, now: datetime) -> Reply:
        """RCPT TO."""
        if self.mail is None:
            return MAIL_FIRST
        rcpt = parse_rcpt(argument)
        if isinstance(rcpt, Reply):
            return rcpt
        if not rcpt.path.isascii() and not self.mail.utf8:
            return NEEDS_SMTPUTF8
        for_postmaster = self._rules.postbox.is_for(rcpt.path)
        faxes = bool(self._recipients) or self.token is not None
        if (for_postmaster and faxes) or (self.is_for_postmaster and not for_postmaster):
            return TOO_MANY_RECIPIENTS  # for one mail: the rest comes in another
        if for_postmaster:
            answer = self._rules.postbox.answer(self.mail.size, client.address)
            self.is_for_postmaster |= not answer.refuses
            return answer
        return self._on_fax(rcpt, client, now)

    def _on_fax(self, rcpt: Rcpt, client: Client, now: datetime) -> Reply:
        assert self.mail is not None
        gate = self._rules.gate
        known = gate.known(client.address, client.user, may_log_in=client.may_log_in)
        if isinstance(known, Refusal):
            return refused(known)
        if not self.mail.path:
            return NULL_SENDER
        answers_to: str | Refusal = ""
        if known and client.user:
            answers_to = gate.senders.answers_to(client.user, self.mail.path)
        if isinstance(answers_to, Refusal):
            return refused(answers_to)
        self.proven = Proven(known, answers_to=answers_to) if known else None
        return self._on_address(rcpt, client, now)

    def _on_address(self, rcpt: Rcpt, client: Client, now: datetime) -> Reply:
        local = local_part(rcpt.path, self._rules.directory.domain)
        token = read_token(local) if isinstance(local, str) else None
        if self.token is not None or (token is not None and self._recipients):
            return TOO_MANY_RECIPIENTS  # a mail confirms one fax or sends some
        if token is not None:
            self.token = token
            self._confirming = rcpt.path
            return RECIPIENT_OK
        found = self._rules.directory.look_up(rcpt.path, client.address, client.user)
        if isinstance(found, Refusal):
            return refused(found)
        if self.proven is not None:
            numbers = [to.number for to in found]
            refusal = self._rules.gate.objection(self.proven.sender, numbers, now)
            if refusal is not None:
                return refused(refusal)
        new = [to for to in found if (to.number, to.subaddress) not in self._recipients]
        if len(self._recipients) + len(new) > self._rules.max_recipients:
            return TOO_MANY_RECIPIENTS
        for to in found:
            key = to.number, to.subaddress
            known = self._recipients.get(key)
            self._recipients[key] = _named_again(known, rcpt) if known else _recipient(rcpt, to)
        return Reply(RECIPIENT_OK.code, RECIPIENT_OK.status, f"Fax to {_told(found)}")

    def handed(self, raw: bytes, client: Client, helo: str, now: datetime) -> Handed:
        """What is looked at to find out who sends the mail."""
        assert self.mail is not None
        addresses = dict.fromkeys(recipient.address for recipient in self._recipients.values())
        if self.token is not None:
            addresses = {self._confirming: None}
        return Handed(raw, client.address, helo, self.mail.path, tuple(addresses), now)

    def on_proof(self, found: Proven | Refusal, now: datetime) -> Reply | None:
        """After the mail: who sends it, or not; None if nothing speaks against taking it."""
        if isinstance(found, Proven):
            self.proven = found
            numbers = [recipient.number for recipient in self._recipients.values()]
            refusal = self._rules.gate.objection(found.sender, numbers, now)
        else:
            refusal = found
        return refused(refusal) if refusal else None

    def new_mail(self, raw: bytes, client: Client, now: datetime) -> NewMail:
        """What the store is asked to keep."""
        assert self.mail is not None
        assert self.proven is not None
        sender = self.proven.sender
        return NewMail(
            sender=self.proven.answers_to or self.mail.path,
            raw=raw,
            recipients=tuple(self._recipients.values()),
            client=client.address,
            user=sender.user,
            groups=sender.groups,
            proof=sender.proof,
            signatures=self.proven.signatures,
            envid=self.mail.envid,
            ret=self.mail.ret,
            options=read_options(raw, now),
        )


def _recipient(rcpt: Rcpt, to: FaxNumber) -> NewRecipient:
    return NewRecipient(
        address=rcpt.path,
        number=to.number,
        subaddress=to.subaddress,
        name=to.name,
        orcpt=rcpt.orcpt,
        notify=rcpt.notify,
    )


def _named_again(known: NewRecipient, rcpt: Rcpt) -> NewRecipient:
    """One recipient, whose receipt is for both RCPTs."""
    notify = either_notify(known.notify, rcpt.notify)
    return replace(known, notify=notify, orcpt=known.orcpt or rcpt.orcpt)


def _told(found: Sequence[FaxNumber]) -> str:
    """Which number an address is, or how many."""
    if len(found) > 1:
        return f"{len(found)} numbers"
    return found[0].number + (f", subaddress {found[0].subaddress}" if found[0].subaddress else "")


def refused(refusal: Refusal) -> Reply:
    """In these words: never (550), or not now (451)."""
    return Reply(
        451 if refusal.status.startswith("4") else 550,
        refusal.status,
        refusal.reason[:1].upper() + refusal.reason[1:],
    )
