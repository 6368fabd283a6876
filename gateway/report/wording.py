"""What a receipt tells its reader, as a `Body`: the outcome first, then what to do, then the rest.

Pure. The first sentence says what happened to which number, the second what to do about it; the
next paragraph which pages arrived. Tables follow for who wants to know: pages, calls, parts of the
mail. Words are `gateway.words`'; what a far machine or a stranger's mail supplied is printable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import tzinfo

from gateway.mailout.body import Body, Section, Table
from gateway.message.parts import SKIPPED
from gateway.report.facts import Action, Facts, PageFate, PageLine
from gateway.store.records import Attempt, AttemptOutcome, DocumentRecord, RecipientState
from gateway.words import (
    Words,
    clause,
    count,
    duration,
    enumerate_words,
    explain,
    moment,
    phrases,
    printable,
    telephone,
)

CALLS = 10  # shown, the last ones

DOUBTFUL = {PageFate.IN_DOUBT, PageFate.UNANSWERED}
FIRST_SENTENCE = re.compile(r"(?<=\.) .*")  # all after it

PAGE_WORDS = {
    PageFate.CONFIRMED: phrases.PAGE_CONFIRMED,
    PageFate.REJECTED: phrases.PAGE_REJECTED,
    PageFate.UNANSWERED: phrases.PAGE_UNANSWERED,
    PageFate.IN_DOUBT: phrases.PAGE_IN_DOUBT,
    PageFate.NOT_SENT: phrases.PAGE_NOT_SENT,
}


def receipt_body(facts: Facts, zone: tzinfo | None) -> Body:
    """The whole text of a receipt."""
    lead = {
        Action.DELIVERED: _delivered,
        Action.FAILED: _failed,
        Action.DELAYED: _delayed,
    }[facts.action]
    paragraphs = [" ".join(sentences) for sentences in lead(facts, zone) if sentences]
    if facts.recipient.pages and any(_left_out(facts)):  # it went out without: not to be missed
        paragraphs.append(phrases.PARTS_LEFT_OUT.format(reasons=" ".join(_left_out(facts))))
    return Body(paragraphs, list(_sections(facts, zone)))


def _delivered(facts: Facts, zone: tzinfo | None) -> list[list[str]]:
    identity = telephone(facts.remote_identity.strip())
    machine = phrases.MACHINE.format(identity=identity) if identity else phrases.UNNAMED_MACHINE
    told = phrases.DELIVERED.format(
        number=telephone(facts.recipient.number),
        pages=count(facts.recipient.pages, "page"),
        machine=machine,
        moment=moment(facts.at, zone),
        duration=duration(facts.last_call_seconds),
    )
    return [[told]]


def _failed(facts: Facts, zone: tzinfo | None) -> list[list[str]]:
    words = cause_of(facts)
    shape = phrases.FAILED if _reached_the_queue(facts) else phrases.NOT_PREPARED
    told = shape.format(number=telephone(facts.recipient.number), cause=words.cause)
    return [[told, words.advice], [*_calls_made(facts, zone), *_what_arrived(facts)]]


def _delayed(facts: Facts, zone: tzinfo | None) -> list[list[str]]:
    number = telephone(facts.recipient.number)
    told = [phrases.DELAYED.format(number=number, cause=cause_of(facts).cause)]
    if facts.recipient.due:
        told.append(phrases.NEXT_TRY.format(moment=moment(facts.recipient.due, zone)))
    if facts.give_up_at:
        told.append(phrases.UNTIL.format(moment=moment(facts.give_up_at, zone)))
    return [told]


def _calls_made(facts: Facts, zone: tzinfo | None) -> Iterator[str]:
    if facts.attempts:
        shape = phrases.CALL_MADE if len(facts.attempts) == 1 else phrases.CALLS_MADE
        calls = count(len(facts.attempts), "call")
        yield shape.format(calls=calls, moment=moment(facts.attempts[-1].started_at, zone))


def _reached_the_queue(facts: Facts) -> bool:
    """Whether there were pages to call with; a mail that makes none fails before."""
    return bool(facts.recipient.pages) or facts.recipient.state is RecipientState.CANCELLED


def cause_of(facts: Facts) -> Words:
    """Why it has not gone out: by the last call where that decided, else what the store noted."""
    recipient, last = facts.recipient, facts.attempts[-1] if facts.attempts else None
    if recipient.state is RecipientState.CANCELLED:
        return Words(phrases.CANCELLED, phrases.ADVICE_CANCELLED)
    if last and last.report:
        return explain(last.report)
    noted = printable(recipient.cause, 600)
    if last:  # lost: which pages arrived is told from the pages themselves
        cause = clause(FIRST_SENTENCE.sub("", noted)) or phrases.UNKNOWN_CAUSE
        return Words(cause, phrases.ADVICE_IN_DOUBT)
    if _reached_the_queue(facts):
        return Words(clause(noted) or phrases.UNKNOWN_CAUSE, phrases.ADVICE_GENERAL)
    advice = phrases.ADVICE_DOCUMENT if any(_left_out(facts)) else phrases.ADVICE_GENERAL
    return Words(noted.rstrip(".") or phrases.UNKNOWN_REASON, advice)


def _what_arrived(facts: Facts) -> Iterator[str]:
    """Which pages need not be sent again, and which may have been printed."""
    lines = facts.page_lines() if facts.attempts else []
    confirmed = [line for line in lines if line.fate is PageFate.CONFIRMED]
    missing = [line for line in lines if line.fate is not PageFate.CONFIRMED]
    if lines and not confirmed:
        yield phrases.NONE_ARRIVED
    elif lines and not missing:
        yield phrases.ALL_ARRIVED
    elif lines:
        yield phrases.SOME_ARRIVED.format(
            pages=count(len(lines), "page"),
            confirmed=_numbers(confirmed),
            missing=_numbers(missing),
        )
    doubtful = [line for line in lines if line.fate in DOUBTFUL]
    if doubtful:
        yield phrases.MAYBE_ARRIVED.format(pages=_numbers(doubtful).capitalize())


def _numbers(lines: Sequence[PageLine]) -> str:
    """Which pages: "page 3", "pages 1 to 4", "pages 1, 3 and 5"."""
    numbers = [line.number for line in lines]
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"pages {numbers[0]} to {numbers[-1]}"
    return f"pages {enumerate_words([str(n) for n in numbers])}"


def _left_out(facts: Facts) -> Iterator[str]:
    """Why each part is missing that ought to have been faxed."""
    return (_why(d) for d in facts.documents if d.reason and d.content_type not in SKIPPED)


def _why(document: DocumentRecord) -> str:
    """The sentence about a part, with its name in it."""
    name, reason = printable(document.name, 80), printable(document.reason, 300)
    return reason if name in reason else f"{name}: {reason}"


def _sections(facts: Facts, zone: tzinfo | None) -> Iterator[Section]:
    lines = facts.page_lines()
    if lines:
        rows = [_page_row(line) for line in lines]
        yield Section(phrases.PAGES_TITLE, table=Table(phrases.PAGES_HEAD, rows))
    if facts.attempts:
        rows = [_call_row(facts, attempt, zone) for attempt in facts.attempts[-CALLS:]]
        yield Section(phrases.CALLS_TITLE, table=Table(phrases.CALLS_HEAD, rows))
    if facts.documents:
        parts = [_part_line(document) for document in facts.documents]
        yield Section(phrases.PARTS_TITLE, lines=parts)
    yield Section(phrases.DETAILS_TITLE, lines=list(_details(facts, zone)))


def _page_row(line: PageLine) -> list[str]:
    arrived = PAGE_WORDS[line.fate]
    report = line.report
    if report is None:
        return [str(line.number), arrived, "", "", "", "", _times(line.sent)]
    x, y = report.form.vr.dpi
    return [
        str(line.number),
        arrived.format(verdict=report.verdict.name),
        report.form.df.name,
        f"{x} x {y} dpi",
        f"{report.bit_rate:,} bit/s",
        f"{report.seconds:.0f} s",
        _times(line.sent),
    ]


def _times(sent: int) -> str:
    return {0: "", 1: "once", 2: "twice"}.get(sent, f"{sent} times")


def _call_row(facts: Facts, attempt: Attempt, zone: tzinfo | None) -> list[str]:
    began = moment(attempt.started_at, zone)
    own = [c.report for c in facts.confirmations if c.attempt == attempt.number]
    pages = str(sum(bool(r and r.verdict.confirmed) for r in own))
    if attempt.report is None:
        return [began, "", pages, phrases.CALL_LOST]
    ended_well = attempt.outcome is AttemptOutcome.SENT
    how = phrases.CALL_DELIVERED if ended_well else explain(attempt.report).cause
    return [began, f"{attempt.report.seconds:.0f} s", pages, how]


def _part_line(document: DocumentRecord) -> str:
    if document.reason:
        on_purpose = document.content_type in SKIPPED
        shape = phrases.PART_SKIPPED if on_purpose else phrases.PART_LEFT_OUT
        return shape.format(reason=_why(document))
    name = printable(document.name, 80)
    if not document.pages:
        return phrases.PART_EMPTY.format(name=name)
    return phrases.PART_SENT.format(name=name, pages=count(document.pages, "page"))


def _details(facts: Facts, zone: tzinfo | None) -> Iterator[str]:
    if facts.calls:
        yield from _line_time(facts)
        last = facts.calls[-1]
        if last.parameters:
            yield phrases.AGREED.format(parameters=last.parameters)
        if facts.action is not Action.DELIVERED:
            cause = printable(last.cause, 300).rstrip(".") or phrases.UNKNOWN_CAUSE
            yield phrases.TECHNICAL.format(cause=cause, status=f"{last.status:02X}")
    yield phrases.REFERENCE.format(
        job=facts.job.id,
        recipient=facts.recipient.id,
        moment=moment(facts.job.received_at, zone),
    )


def _line_time(facts: Facts) -> Iterator[str]:
    real = duration(facts.seconds)
    if facts.predicted_seconds is None:
        yield phrases.LINE_TIME.format(real=real)
    else:
        predicted = duration(facts.predicted_seconds)
        yield phrases.LINE_TIME_PREDICTED.format(real=real, predicted=predicted)
