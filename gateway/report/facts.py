"""What a receipt is written from, and what can be read off it without words. Pure.

`Facts` is everything that the store knows of one recipient. Here it becomes the answers that both
the text and the machine-readable part need: what happened (RFC 3464 2.3.3), whether the sender
wants to hear of it (RFC 3461 4.1), and how each page fared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from gateway.message import read_headers
from gateway.rendition import Rendition
from gateway.store.records import (
    Attempt,
    DocumentRecord,
    Job,
    PageConfirmation,
    Recipient,
    RecipientState,
)
from modems.terminal import CallReport, PageReport


class Action(Enum):
    """RFC 3464 2.3.3; the value is what goes into the field."""

    DELIVERED = "delivered"
    FAILED = "failed"
    DELAYED = "delayed"


WANTED_BY = {Action.DELIVERED: "SUCCESS", Action.FAILED: "FAILURE", Action.DELAYED: "DELAY"}


class PageFate(Enum):
    """What is known of one page of the document."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    IN_DOUBT = "in doubt"  # we were stopped while the answer was awaited
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class PageLine:
    """One page of the document: its fate, its last report, and how often it was sent in all.

    `rendition` says how it was made, where that is known.
    """

    number: int
    fate: PageFate
    report: PageReport | None
    sent: int
    rendition: Rendition = field(default_factory=Rendition)


@dataclass(frozen=True, slots=True)
class Facts:
    """One recipient of one mail, as the store has it. `predicted_seconds` is for all its pages.

    `renditions` are by the number of the page.
    """

    job: Job
    recipient: Recipient
    attempts: Sequence[Attempt] = ()
    confirmations: Sequence[PageConfirmation] = ()
    documents: Sequence[DocumentRecord] = ()
    predicted_seconds: float | None = None
    give_up_at: datetime | None = None
    renditions: Mapping[int, Rendition] = field(default_factory=dict)

    @property
    def action(self) -> Action:
        """Delivered or failed where it has ended, delayed before."""
        if self.recipient.state is RecipientState.SENT:
            return Action.DELIVERED
        ended = self.recipient.state in {RecipientState.FAILED, RecipientState.CANCELLED}
        return Action.FAILED if ended else Action.DELAYED

    @property
    def has_a_reader(self) -> bool:
        """Whether there is anybody to tell: the null sender never is (RFC 5321 4.5.5)."""
        return self.job.sender not in {"", "<>"}

    @property
    def wanted(self) -> bool:
        """Whether the sender is to be told: never the null sender, else as NOTIFY says.

        Without NOTIFY everything is told, but nothing to a mail that says of itself that a program
        sent it (RFC 3834 2). RFC 3461 leaves success to our choice, and a fax whose sender hears
        nothing is a fax that is sent twice.
        """
        if not self.has_a_reader:
            return False
        notify = {word.strip().upper() for word in self.recipient.notify.split(",")} - {""}
        if not notify:
            return not read_headers(self.job.raw).automatic
        return WANTED_BY[self.action] in notify

    @property
    def at(self) -> datetime:
        """When it happened: the end, or the last call's end, or the arrival of the mail."""
        last = self.attempts[-1].ended_at if self.attempts else None
        return self.recipient.ended_at or last or self.job.received_at

    @property
    def calls(self) -> list[CallReport]:
        """The reports of the calls that were made."""
        return [attempt.report for attempt in self.attempts if attempt.report]

    @property
    def seconds(self) -> float:
        """Time on the line in all calls, in seconds."""
        return sum(report.seconds for report in self.calls)

    @property
    def last_call_seconds(self) -> float:
        """Length of the last call; of one that was cut off, the time of the pages it confirmed."""
        last = self.attempts[-1] if self.attempts else None
        if last and last.report:
            return last.report.seconds
        own = [c.report for c in self.confirmations if last and c.attempt == last.number]
        return sum(report.seconds for report in own if report)

    @property
    def remote_identity(self) -> str:
        """What the far machine called itself, in the last call that got so far (CSI)."""
        return next((r.remote_identity for r in reversed(self.calls) if r.remote_identity), "")

    @property
    def remote_machine(self) -> str:
        """Maker and model of the far machine, where it told (NSF)."""
        return next((r.remote_machine for r in reversed(self.calls) if r.remote_machine), "")

    @property
    def saved_seconds(self) -> float:
        """What the way in which the pages were made spares the line in one call, in seconds."""
        return sum(made.saved_seconds for made in self.renditions.values())

    @property
    def lost_subaddress(self) -> str:
        """The subaddress that a far machine knew nothing of and took pages without; "" otherwise.

        It was not sent where the machine's DIS does not announce it (T.30 table 2, bit 49).
        """
        took = {c.attempt for c in self.confirmations if c.report and c.report.verdict.confirmed}
        reports = [attempt.report for attempt in self.attempts if attempt.number in took]
        lost = any(report and not report.subaddress for report in reports)
        return self.recipient.subaddress if lost else ""

    def page_lines(self) -> list[PageLine]:
        """Every page of the document, in order."""
        return [self._page_line(number) for number in range(1, self.recipient.pages + 1)]

    def _page_line(self, number: int) -> PageLine:
        tries = [c for c in self.confirmations if c.page == number]
        reports = [c.report for c in tries if c.report]
        confirmed = next((r for r in reports if r.verdict.confirmed), None)
        report = confirmed or (reports[-1] if reports else None)
        made = self.renditions.get(number, Rendition())
        return PageLine(number, _fate(tries, report), report, _times_sent(tries), made)


def _times_sent(tries: Sequence[PageConfirmation]) -> int:
    """How often a page went over the line: in each call at least as often as it says itself."""
    calls: dict[int, list[int]] = defaultdict(list)
    for c in tries:
        calls[c.attempt].append(c.report.attempts if c.report else 1)
    return sum(max(len(said), *said) for said in calls.values())


def _fate(tries: Sequence[PageConfirmation], report: PageReport | None) -> PageFate:
    """The best that is known; a doubt outweighs an earlier rejection."""
    if report and report.verdict.confirmed:
        return PageFate.CONFIRMED
    if any(c.report is None for c in tries):
        return PageFate.IN_DOUBT
    if report is None:
        return PageFate.NOT_SENT
    return PageFate.UNANSWERED if report.verdict.name == "NONE" else PageFate.REJECTED
