"""Who sends a mail that only its From can speak for: DMARC, by a signature or by the envelope.

A signature says who wrote a mail and not who hands it in: a mail that somebody got from Anna is
still signed by Anna's domain when that somebody hands it in here. So a signature is proof only for
recipients that the signed To and Cc name, and only once (the store remembers it); an envelope
sender that SPF confirms is proof for all of its recipients. Nor does a signature say anything of
the envelope sender, who may be a stranger: receipts then go to the From that it proves.

`prove` runs in a thread; what it says is final, or (status 4.x.x) to be tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_network
from typing import Final

from gateway.address import Refusal
from gateway.admission.clients import client_address
from gateway.admission.dmarc import Alignment, alignment, organizational
from gateway.admission.envelope import may_use
from gateway.admission.fields import Field, author, read_fields, unnamed
from gateway.admission.names import Inquiry, Names, Unanswered
from gateway.admission.sender import Proof, Sender
from gateway.admission.senders import Senders
from gateway.admission.signatures import Signature, claimed_signatures, gaps, good_signatures
from gateway.admission.upstream import results_of
from gateway.config.sending import Upstream
from gateway.said import said

TRY_AGAIN: Final = Refusal(
    "4.7.0", said("the DNS does not answer, so your From cannot be checked now; try again later")
)


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail and how it was handed in."""

    raw: bytes
    client: str  # IP address
    helo: str
    sender: str  # envelope
    recipients: tuple[str, ...]  # addresses of RCPT
    at: datetime


@dataclass(frozen=True, slots=True)
class Proven:
    """Who sends it; `signatures` (digests) is what this may be used for once only.

    `answers_to` is where receipts go; "" where the envelope sender is as good as the proof.
    """

    sender: Sender
    signatures: tuple[str, ...] = ()
    answers_to: str = ""


class Prover:
    """Checks mails of strangers."""

    def __init__(self, senders: Senders, names: Names, upstream: Sequence[Upstream] = ()) -> None:
        self._senders = senders
        self._names = names
        self._upstream = [
            (ip_network(network), server.name) for server in upstream for network in server.networks
        ]

    def prove(self, mail: Handed) -> Proven | Refusal:
        """Who sends this mail, or why that is not believed."""
        fields = read_fields(mail.raw)
        if isinstance(fields, Refusal):
            return fields
        address = author(fields)
        if isinstance(address, Refusal):
            return address
        # Who is not listed is told so without a question to anybody's name server.
        if self._senders.by_author(address, Proof.DKIM, "") is None:
            return _not_listed(address)
        try:
            return self._proven(mail, fields, address)
        except Unanswered:
            return TRY_AGAIN

    def _proven(self, mail: Handed, fields: Sequence[Field], address: str) -> Proven | Refusal:
        domain = address.rpartition("@")[2]
        server = self._server(mail.client)
        inquiry = self._names.inquiry()
        if server and results_of(fields, server).dmarc == domain:
            found = self._by_server(mail, fields, address, server)
            if found is not None:
                return found
        near = alignment(domain, inquiry)
        if near is None:
            return _without_record(domain)
        envelope = mail.sender.rpartition("@")[2].lower()
        if not server and near.by_spf(envelope) and self._by_spf(mail, inquiry):
            return self._sender(address, Proof.SPF, f"SPF lets {mail.client} send for {envelope}")
        return self._by_dkim(mail, fields, address, near, inquiry)

    def _server(self, client: str) -> str:
        """The name of the mail server of ours that this client is; "" if it is none."""
        address = client_address(client)
        return next((name for net, name in self._upstream if address and address in net), "")

    def _by_server(
        self, mail: Handed, fields: Sequence[Field], address: str, server: str
    ) -> Proven | Refusal | None:
        """By what our own server saw; None where that is not enough, and we look ourselves."""
        results = results_of(fields, server)
        ours = organizational(results.dmarc)
        envelope = mail.sender.rpartition("@")[2].lower()
        if envelope in results.spf and organizational(envelope) == ours:
            detail = f"{server} found DMARC good, by SPF of {envelope}"
            return self._sender(address, Proof.UPSTREAM, detail)
        found = claimed_signatures(fields, results.dkim)
        good = [s for s in found if organizational(s.domain) == ours]
        if not good:
            return None
        detail = f"{server} found DMARC good, by DKIM of {good[0].domain}"
        proven = replace(self._sender(address, Proof.UPSTREAM, detail), answers_to=address)
        return self._signed(mail, fields, good, proven)

    def _by_spf(self, mail: Handed, inquiry: Inquiry) -> bool:
        client = str(client_address(mail.client) or mail.client)
        return may_use(inquiry, client, mail.sender, mail.helo)

    def _by_dkim(
        self,
        mail: Handed,
        fields: Sequence[Field],
        address: str,
        near: Alignment,
        inquiry: Inquiry,
    ) -> Proven | Refusal:
        signatures = list(good_signatures(mail.raw, fields, inquiry, mail.at))
        good = [s for s in signatures if near.by_dkim(s.domain)]
        if not good:
            uncovered = [f for signer, f in gaps(fields) if near.by_dkim(signer)]
            signers = [s.domain for s in signatures]
            return _half_signed(uncovered[0]) if uncovered else _not_proven(near.domain, signers)
        detail = f"DKIM signature of {good[0].domain}"
        proven = replace(self._sender(address, Proof.DKIM, detail), answers_to=address)
        return self._signed(mail, fields, good, proven)

    def _signed(
        self, mail: Handed, fields: Sequence[Field], good: Sequence[Signature], proven: Proven
    ) -> Proven | Refusal:
        """What signatures alone prove: only what was addressed here, and only once."""
        others = unnamed(fields, mail.recipients)
        if others:
            return _not_signed_for(others[0])
        return replace(proven, signatures=tuple(dict.fromkeys(s.digest for s in good)))

    def _sender(self, address: str, proof: Proof, detail: str) -> Proven:
        sender = self._senders.by_author(address, proof, detail)
        assert sender is not None, "asked before"
        return Proven(sender)


def _not_proven(domain: str, signers: Sequence[str]) -> Refusal:
    """Why From was not believed, for the administrator of the sender's mail."""
    why = said(
        "nothing proves that this mail is from {domain}: no aligned DKIM signature, no SPF",
        domain=domain,
    )
    if signers:
        names = ", ".join(sorted(set(signers)))
        why = said("{why} (it is signed by {signers} only)", why=why, signers=names)
    return Refusal("5.7.1", why)


def _half_signed(uncovered: str) -> Refusal:
    """A signature of the right domain that leaves out what a fax is made of."""
    why = said(
        "your DKIM signature does not cover {fields}, so anybody may have changed it; it must "
        "cover From, To, Cc, Subject and Date",
        fields=uncovered,
    )
    return Refusal("5.7.1", why)


def _not_listed(address: str) -> Refusal:
    why = said("{address} may not send faxes here: it is not listed", address=address)
    return Refusal("5.7.1", why)


def _without_record(domain: str) -> Refusal:
    why = said(
        "{domain} has no DMARC record, so nobody can tell your From from a forged one",
        domain=domain,
    )
    return Refusal("5.7.1", why)


def _not_signed_for(recipient: str) -> Refusal:
    why = said(
        "{address} is not in the signed To or Cc, so the signature is no order to it",
        address=recipient,
    )
    return Refusal("5.7.1", why)
