"""One mail in the dialogue: what MAIL and RCPT are answered, and what they add up to.

Pure: no socket, no clock. The client hears at RCPT, recipient by recipient, whether a fax will be
tried: a stranger, an address that is no number, a number at a foreign domain and a null sender are
refused there and then. Two addresses of one number in one mail are one recipient.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.address import Refusal, parse
from gateway.admission import Network, admit
from gateway.smtp.command import Mail, Rcpt, parse_mail, parse_rcpt
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

    domain: str
    country: str
    networks: Sequence[Network]
    max_size: int  # octets
    max_recipients: int


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
        self._recipients: dict[str, NewRecipient] = {}  # by number
        self.mail: Mail | None = None

    @property
    def has_recipients(self) -> bool:
        """Whether DATA may come."""
        return bool(self._recipients)

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

    def on_rcpt(self, argument: str, client: Client) -> Reply:
        """RCPT TO."""
        if self.mail is None:
            return MAIL_FIRST
        rcpt = parse_rcpt(argument)
        if isinstance(rcpt, Reply):
            return rcpt
        if not rcpt.path.isascii() and not self.mail.utf8:
            return NEEDS_SMTPUTF8
        rules = self._rules
        stranger = admit(client.address, client.user, rules.networks, may_log_in=client.may_log_in)
        if stranger is not None:
            return _refused(stranger)
        if not self.mail.path:
            return NULL_SENDER
        return self._on_address(rcpt)

    def _on_address(self, rcpt: Rcpt) -> Reply:
        found = parse(rcpt.path, self._rules.domain, self._rules.country)
        if isinstance(found, Refusal):
            return _refused(found)
        if found.number in self._recipients:
            return RECIPIENT_OK
        if len(self._recipients) >= self._rules.max_recipients:
            return TOO_MANY_RECIPIENTS
        self._recipients[found.number] = NewRecipient(
            address=rcpt.path, number=found.number, orcpt=rcpt.orcpt, notify=rcpt.notify
        )
        return Reply(RECIPIENT_OK.code, RECIPIENT_OK.status, f"Fax to {found.number}")

    def new_mail(self, raw: bytes, client: Client) -> NewMail:
        """What the store is asked to keep."""
        assert self.mail is not None
        return NewMail(
            sender=self.mail.path,
            raw=raw,
            recipients=tuple(self._recipients.values()),
            client=client.address,
            user=client.user,
            envid=self.mail.envid,
        )


def _refused(refusal: Refusal) -> Reply:
    """550: this recipient never, in these words."""
    return Reply(550, refusal.status, refusal.reason[:1].upper() + refusal.reason[1:])
