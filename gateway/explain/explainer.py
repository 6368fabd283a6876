"""From what is known of a mail to its explanation. Pure.

Verdicts are those of the rules and ceilings on a fax of so many pages and seconds, at the time when
it would go, after what its sender has done before. Recipients are judged in their order, each after
what the ones before it use, as in the queue. What the administrator sends is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.address import Refusal
from gateway.admission.ceilings import Account, Used, entered
from gateway.admission.clients import STRANGER
from gateway.admission.destination import destination
from gateway.admission.fax import Fax
from gateway.admission.policy import Past, Policy, Word, judge
from gateway.admission.sender import Proof, Sender
from gateway.admission.senders import Senders
from gateway.admission.tariff import money
from gateway.config.model import Config
from gateway.config.pages import Header
from gateway.explain.explanation import ByRate, Document, Explanation, Sheet, Verdict, Who
from gateway.message.part import skipped_on_purpose
from gateway.offramp.linetime import call_seconds, page_seconds
from gateway.offramp.render import Rendered
from gateway.offramp.rendering import header_of, predicted_seconds
from gateway.options import Options
from gateway.store.records import DocumentRecord, Job, Recipient, StoredPage

RATES: Final = (14_400, 9_600, 4_800, 2_400)  # bit/s of V.17, V.29, V.27 ter
ECM_ONLY: Final = frozenset({"MMR"})  # T.30 allows it under error correction alone
CODINGS: Final = ("MH", "MR", "MMR")

LOCAL: Final = "local"  # the client of `faxgate send`

PROVEN: Final = {  # how, as far as the store remembers it
    Proof.LOGIN: "logged in, from {client}",
    Proof.NETWORK: "{client} is in smtp.networks",
    Proof.DKIM: "a DKIM signature proved From; it came from {client}",
    Proof.SPF: "SPF proved From; it came from {client}",
    Proof.UPSTREAM: "our own mail server {client} had proved From",
    Proof.LOCAL: "the administrator, on this machine",
}

Decision = tuple[str, str, str]  # verdict, rule, reason
GOES: Final = (Word.ALLOW, Word.LATER)  # and is entered to the accounts of its sender
NO_PAST: Final = Past(frozenset(), {})
ADMINISTRATOR: Final = "administrator"  # the rule that what the administrator sends is not judged


@dataclass(frozen=True, slots=True)
class To:
    """One recipient; `refusal` is why its address is no number."""

    address: str
    number: str = ""
    subaddress: str = ""
    name: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a mail before anything is judged."""

    sender: Sender | Refusal
    to: Sequence[To]
    options: Options
    at: datetime  # when it is handed in

    @property
    def due(self) -> datetime:
        """When it would go."""
        return max(self.at, self.options.not_before or self.at)


def _kept(job: Job) -> Sender:
    """Who it was when the mail came in."""
    proof = Proof(job.proof)
    return Sender(job.user, job.groups, proof, PROVEN[proof].format(client=job.client))


class Explainer:
    """One gateway's."""

    def __init__(
        self,
        senders: Senders,
        policy: Policy,
        lines: Sequence[str],
        header: Header | None = None,
    ) -> None:
        self._senders = senders
        self._policy = policy
        self._lines = ", ".join(lines)
        self._header = header

    @classmethod
    def of(cls, config: Config) -> Explainer:
        """As the configuration has it."""
        lines = [line.name for line in config.lines if "send" in line.use]
        return cls(Senders.of(config), Policy.of(config), lines, config.header)

    def sender(self, client: str, user: str) -> Sender | Refusal:
        """Who handed in a mail of which the store does not say it: the administrator, mostly."""
        if client == LOCAL:
            return Sender(user or LOCAL, (), Proof.LOCAL, PROVEN[Proof.LOCAL])
        if user:
            return self._senders.by_login(user)
        return self._senders.by_client(client) or STRANGER

    def asked(self, job: Job, to: Sequence[Recipient], now: datetime) -> Asked:
        """What is known of a mail in the queue."""
        numbers = [To(r.address, r.number, r.subaddress, r.name) for r in to]
        sender = _kept(job) if job.proof else self.sender(job.client, job.user)
        return Asked(sender, numbers, job.options, now)

    def accounts(self, asked: Asked) -> list[Account]:
        """The sums that `explain` must know of the past."""
        if isinstance(asked.sender, Refusal):
            return []
        return self._policy.accounts(asked.sender, asked.due)

    def explain(
        self,
        asked: Asked,
        rendered: Rendered,
        pictures: Sequence[str] = (),
        past: Past | None = None,
    ) -> Explanation:
        """Put it all together. `pictures` are the files with the pages, where there are any.

        `past` is what the sender has done before; without it this is its first fax.
        """
        pages = rendered.pages
        names = [*pictures, *[""] * len(pages)]
        calls = call_times(pages)
        return Explanation(
            sender=_who(asked.sender),
            recipients=tuple(self._recipients(asked, rendered, calls, past or NO_PAST)),
            parts=tuple(_document(document) for document in rendered.documents),
            pages=tuple(_sheet(page, names[i]) for i, page in enumerate(pages)),
            asked=asked.options.said,
            refused=rendered.refused,
            calls=calls,
        )

    def _recipients(
        self, asked: Asked, rendered: Rendered, calls: ByRate, past: Past
    ) -> Iterator[Verdict]:
        """Each after those before it."""
        pages = rendered.pages
        seconds = predicted_seconds(pages, header_of(asked.options, self._header)) if pages else 0.0
        for to in asked.to:
            fax = Fax(to.number, asked.due, len(pages), seconds)
            decision = self._decision(asked, to, rendered, fax, past)
            if decision[0] in GOES and isinstance(asked.sender, Sender):
                used = Used(seconds, len(pages), self._policy.rate(to.number).cost(seconds))
                past = replace(past, sums=entered(past.sums, asked.sender, used))
            yield self._recipient(to, decision, calls)

    def _recipient(self, to: To, decision: Decision, calls: ByRate) -> Verdict:
        verdict, rule, reason = decision
        return Verdict(
            address=to.address,
            number=to.number,
            subaddress=to.subaddress,
            name=to.name,
            kind=str(destination(to.number, self._policy.country).kind) if to.number else "",
            verdict=verdict,
            rule=rule,
            reason=reason,
            line=self._lines if verdict != "refuse" else "",
            costs=self._costs(to.number, calls) if to.number else {},
        )

    def _decision(self, asked: Asked, to: To, rendered: Rendered, fax: Fax, past: Past) -> Decision:
        """The verdict, the rule and the reason: the first thing in the way, else the rules' own."""
        if to.refusal:
            return "refuse", "address", to.refusal
        if isinstance(asked.sender, Refusal):
            return "refuse", "sender", asked.sender.reason
        if asked.options.problems:
            return "refuse", "subject", asked.options.refusal
        found = self._judged(asked.sender, fax, past)
        if found[0] != Word.REFUSE and rendered.refused:
            return "refuse", "documents", rendered.refused
        return found

    def _judged(self, sender: Sender, fax: Fax, past: Past) -> Decision:
        if sender.proof is Proof.LOCAL:
            return str(Word.ALLOW), ADMINISTRATOR, ""
        found = judge(self._policy, sender, fax, past)
        return str(found.word), found.rule, found.reason

    def _costs(self, number: str, calls: ByRate) -> dict[str, dict[str, str]]:
        """What one call with all pages costs; nothing where no price is known for the number."""
        rate, currency = self._policy.rate(number), self._policy.tariff.currency
        if not rate.call and not rate.minute:
            return {}
        return {
            coding: {r: money(rate.cost(seconds), currency) for r, seconds in by_rate.items()}
            for coding, by_rate in calls.items()
        }


def call_times(pages: Sequence[StoredPage]) -> dict[str, dict[str, float]]:
    """Seconds of a call with all the pages, by coding and rate; one that stays connected."""
    codings = [c for c in CODINGS if pages and all(c in sizes(page) for page in pages)]
    return {
        coding: {
            str(rate): round(call_seconds(_data_seconds(p, coding, rate) for p in pages), 1)
            for rate in RATES
        }
        for coding in codings
    }


def sizes(page: StoredPage) -> dict[str, int]:
    """Bits of what is sent in each coding: a far end without MMR may get another rendering."""
    return {**page.bits, **page.rendition.bits_without_mmr}


def _data_seconds(page: StoredPage, coding: str, rate: int) -> float:
    return page_seconds(sizes(page)[coding], rate, ecm=coding in ECM_ONLY)


def _who(sender: Sender | Refusal) -> Who:
    if isinstance(sender, Refusal):
        return Who("", (), "", sender.reason)
    return Who(sender.user, sender.groups, str(sender.proof), sender.detail)


def _document(document: DocumentRecord) -> Document:
    on_purpose = skipped_on_purpose(document.content_type, document.reason)
    verdict = "fax" if not document.reason else "skip" if on_purpose else "refuse"
    return Document(document.name, document.content_type, verdict, document.reason, document.pages)


def _sheet(page: StoredPage, picture: str) -> Sheet:
    x, y = page.vr.dpi
    return Sheet(
        png=picture,
        width=page.width,
        height=page.height,
        resolution=f"{x}x{y}",
        rendering=page.rendition.name,
        coarseness=page.rendition.coarseness,
        saved_seconds=round(page.rendition.saved_seconds, 1),
        bits=sizes(page),
        seconds={
            coding: {str(rate): round(_data_seconds(page, coding, rate), 1) for rate in RATES}
            for coding in CODINGS
            if coding in sizes(page)
        },
    )
