"""From a mail in somebody's folder to an order: the same questions that SMTP asks, without SMTP.

There is no envelope, so the recipients are the addresses at the fax domain in To, Cc and Bcc;
people with other addresses have got the mail by other ways. The owner of the folder sends it: only
their login opens it, so that From proves nothing more. A mail is taken as a whole or not at all,
for a folder cannot answer recipient by recipient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Final

from gateway.address import Directory, FaxNumber, Refusal
from gateway.admission.gate import Gate
from gateway.admission.sender import Proof, Sender
from gateway.config.imap import ImapOutbox
from gateway.config.model import Config
from gateway.options import read_options
from gateway.said import Said, arranged, counted, said
from gateway.store.records import NewMail, NewRecipient

LARGEST_HEADER: Final = 262_144  # octets that are looked at
FIELDS: Final = ("To", "Cc", "Bcc")


@dataclass(frozen=True, slots=True)
class Posting:
    """What is asked of the mails of one folder."""

    directory: Directory
    gate: Gate
    sender: Sender
    address: str  # of the owner
    owner: str  # whose dial plan it is
    largest: int  # octets
    most: int  # recipients

    @classmethod
    def of(cls, config: Config, name: str, box: ImapOutbox) -> Posting:
        """As the configuration has it; `name` is the folder's there."""
        gate = Gate.of(config)
        known = next(gate.senders.named(box.owner), None) or gate.senders.by_login(box.owner)
        sender = replace(known, proof=Proof.LOGIN, detail=f"put into the outbox {name}")
        limits = config.smtp.max_size, config.smtp.max_recipients
        return cls(Directory.of(config), gate, sender, box.address, box.owner, *limits)

    def order(self, raw: bytes, now: datetime) -> NewMail | tuple[Said, ...]:
        """What the store is asked to keep, or why nothing is. Slow enough for a thread."""
        recipients: dict[tuple[str, str], NewRecipient] = {}
        reasons: list[Said] = []
        for address in _addresses(raw, self.directory.domain):
            found = self._numbers(address, now)
            if isinstance(found, Refusal):
                reasons.append(arranged("{address}: {why}", address=address, why=found.reason))
                continue
            for to in found:
                recipients.setdefault((to.number, to.subaddress), _recipient(address, to))
        if not recipients and not reasons:
            domain = self.directory.domain
            reasons = [said("To, Cc and Bcc have no address at {domain}", domain=domain)]
        if len(recipients) > self.most:
            has = counted(len(recipients), "recipient")
            reasons = [
                said("it has {recipients}, and {most} are the most", recipients=has, most=self.most)
            ]
        return tuple(reasons) or self._mail(raw, tuple(recipients.values()), now)

    def _numbers(self, address: str, now: datetime) -> tuple[FaxNumber, ...] | Refusal:
        found = self.directory.look_up(address, "", self.owner)
        if isinstance(found, Refusal):
            return found
        numbers = [to.number for to in found]
        return self.gate.objection(self.sender, numbers, now) or found

    def _mail(self, raw: bytes, recipients: tuple[NewRecipient, ...], now: datetime) -> NewMail:
        return NewMail(
            sender=self.address,
            raw=raw,
            recipients=recipients,
            user=self.sender.user,
            groups=self.sender.groups,
            proof=self.sender.proof,
            options=read_options(raw, now),
        )


def _addresses(raw: bytes, domain: str) -> Iterator[str]:
    """The addresses at our domain, each once."""
    header = BytesHeaderParser(policy=compat32).parsebytes(raw[:LARGEST_HEADER])
    values = [" ".join(str(v).split()) for name in FIELDS for v in header.get_all(name, [])]
    for address in dict.fromkeys(address for _, address in getaddresses(values)):
        if address.rpartition("@")[2].lower() == domain.lower():
            yield address


def _recipient(address: str, to: FaxNumber) -> NewRecipient:
    """Its receipt is filed beside the mail, so none is mailed."""
    return NewRecipient(address, to.number, to.subaddress, notify="NEVER", name=to.name)
