"""A fax to the demonstration's number, as the store would tell of it, ready to be varied."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from gateway.report import Facts
from gateway.store.records import (
    Attempt,
    AttemptOutcome,
    DocumentRecord,
    Job,
    PageConfirmation,
    Recipient,
    RecipientState,
)
from modems.session import BR, DF, VR, Dialled, Hangup, SessionParameters
from modems.terminal import CallReport, PageForm, PageReport, PageVerdict

WARSAW = timezone(timedelta(hours=1))
BEGAN = datetime(2026, 11, 23, 5, 11, 30, tzinfo=UTC)
ENDED = datetime(2026, 11, 23, 5, 12, 20, tzinfo=UTC)
FORM = PageForm(1728, VR.R8_FINE, DF.MR)
RAW = b"""\
From: Sender <sender@example.org>\r
To: +48222000002@fax.localhost\r
Subject: Invoice 17\r
Message-ID: <m1@example.org>\r
References: <m0@example.org>\r
\r
The body, which nobody reads.\r
"""

JOB = Job(17, BEGAN, "sender@example.org", RAW, "127.0.0.1", "", "")
RECIPIENT = Recipient(
    id=3,
    job=17,
    sender="sender@example.org",
    address="+48222000002@fax.localhost",
    number="+48222000002",
    subaddress="",
    orcpt="",
    notify="",
    state=RecipientState.SENT,
    due=None,
    tries=1,
    pages_confirmed=2,
    pages=2,
    status="2.0.0",
    cause="",
    accepted_at=BEGAN,
    ended_at=ENDED,
)
CALL = CallReport(
    Hangup.NORMAL,
    "Every page was confirmed.",
    "+48222000002",
    remote_identity="+48 22 200 00 02",
    parameters=SessionParameters(vr=VR.R8_FINE, br=BR.BR_14400, df=DF.MR),
    seconds=48.2,
)
DOCUMENTS = (
    DocumentRecord("text of the mail", "text/plain", 1),
    DocumentRecord("invoice.pdf", "application/pdf", 1),
)


def page(number: int, verdict: PageVerdict = PageVerdict.MCF, attempts: int = 1) -> PageReport:
    """The report of a page that took 22 seconds."""
    return PageReport(number, FORM, 14400, 39_000, 22.4, verdict, attempts)


def confirmation(
    number: int, verdict: PageVerdict | None = PageVerdict.MCF, call: int = 1, attempts: int = 1
) -> PageConfirmation:
    """A page that went out in a call; without a verdict its answer is still awaited."""
    report = page(number, verdict, attempts) if verdict else None
    return PageConfirmation(RECIPIENT.id, call, number, report)


def attempt(
    report: CallReport | None = CALL,
    outcome: AttemptOutcome = AttemptOutcome.SENT,
    number: int = 1,
) -> Attempt:
    """A claim and its call; without a report it was lost."""
    return Attempt(RECIPIENT.id, number, "demo", 1, BEGAN, ENDED, outcome, "", report)


def delivered() -> Facts:
    """Two pages, one call, all confirmed."""
    return Facts(
        JOB,
        RECIPIENT,
        attempts=(attempt(),),
        confirmations=(confirmation(1), confirmation(2)),
        documents=DOCUMENTS,
        predicted_seconds=45.0,
    )


def failed(status: Hangup, dialled: Dialled = Dialled.CONNECTED, cause: str = "") -> Facts:
    """One call that ended so, with no page confirmed and no further try."""
    report = replace(CALL, status=status, dialled=dialled, cause=cause)
    recipient = replace(
        RECIPIENT,
        state=RecipientState.FAILED,
        status="4.4.1",
        cause=cause,
        pages_confirmed=0,
    )
    return Facts(
        JOB,
        recipient,
        attempts=(attempt(report, AttemptOutcome.NEVER),),
        documents=DOCUMENTS,
    )


def with_recipient(facts: Facts, **changes: object) -> Facts:
    """The same facts of a recipient that differs."""
    return replace(facts, recipient=replace(facts.recipient, **changes))  # type: ignore[arg-type]
