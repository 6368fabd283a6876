"""What a receipt tells whoever wants to know more: tables of the pages, the calls, the parts.

Pure. Technical words (codings, verdicts, what the engine says of a call) stay as the standards have
them, in every language: they are for the administrator.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.mailout.body import Section, Table
from gateway.message.part import skipped_on_purpose
from gateway.rendition import MIXED, SCREEN, TEXT, UNTOUCHED, Rendition
from gateway.report.facts import Action, Facts, PageFate, PageLine
from gateway.store.records import Attempt, AttemptOutcome, DocumentRecord
from gateway.words import ENGLISH, Language, explain, phrases, printable
from modems.terminal import CallReport

CALLS = 10  # shown, the last ones
LEAST_SAVED = 1.0  # s; less is not worth a sentence

PAGE_WORDS = {
    PageFate.CONFIRMED: phrases.PAGE_CONFIRMED,
    PageFate.REJECTED: phrases.PAGE_REJECTED,
    PageFate.UNANSWERED: phrases.PAGE_UNANSWERED,
    PageFate.IN_DOUBT: phrases.PAGE_IN_DOUBT,
    PageFate.NOT_SENT: phrases.PAGE_NOT_SENT,
}

MADE_WORDS = {
    TEXT: phrases.MADE_TEXT,
    SCREEN: phrases.MADE_SCREEN,
    MIXED: phrases.MADE_MIXED,
    UNTOUCHED: phrases.MADE_UNTOUCHED,
}


def sections(facts: Facts, language: Language) -> Iterator[Section]:
    """Everything below the first paragraphs."""
    lines = facts.page_lines()
    if lines:
        yield Section(language.say(phrases.PAGES_TITLE), table=_pages(lines, language))
    if facts.attempts:
        rows = [_call_row(facts, attempt, language) for attempt in facts.attempts[-CALLS:]]
        yield Section(
            language.say(phrases.CALLS_TITLE), table=_table(phrases.CALLS_HEAD, rows, language)
        )
    if facts.documents:
        called = bool(facts.calls) or facts.action is not Action.FAILED
        parts = [_part_line(document, language, sent=called) for document in facts.documents]
        yield Section(language.say(phrases.PARTS_TITLE), lines=parts)
    yield Section(language.say(phrases.DETAILS_TITLE), lines=list(_details(facts, language)))


def left_out(facts: Facts, language: Language) -> Iterator[str]:
    """Why each part is missing that ought to have been faxed."""
    return (_why(d, language) for d in facts.documents if is_missing(d))


def is_missing(document: DocumentRecord) -> bool:
    """Whether the part ought to have been faxed, and could not be."""
    return bool(document.reason) and not skipped_on_purpose(document.content_type, document.reason)


def _table(head: tuple[str, ...], rows: list[list[str]], language: Language) -> Table:
    """Without the columns in which nothing stands."""
    kept = [n for n in range(len(head)) if any(row[n] for row in rows)]
    return Table([language.say(head[n]) for n in kept], [[row[n] for n in kept] for row in rows])


def _why(document: DocumentRecord, language: Language) -> str:
    """The sentence about a part, with its name in it."""
    name, reason = _name(document, language), printable(language.tell(document.reason), 600)
    return reason if name in reason else f"{name}: {reason}"


def _name(document: DocumentRecord, language: Language) -> str:
    return printable(language.tell(document.name), 80)


def _pages(lines: list[PageLine], language: Language) -> Table:
    """Each page; how it was made only where that is known of one."""
    rows = [_page_row(line, language) for line in lines]
    if not any(line.rendition.name for line in lines):
        return _table(phrases.PAGES_HEAD, rows, language)
    made = [_made(line.rendition, language) for line in lines]
    head = (*phrases.PAGES_HEAD, *phrases.MADE_HEAD)
    return _table(head, [[*row, *cells] for row, cells in zip(rows, made, strict=True)], language)


def _made(rendition: Rendition, language: Language) -> list[str]:
    """How a page was made, and what that saved."""
    made = language.say(MADE_WORDS.get(rendition.name, ""))
    if rendition.coarseness:
        made = language.say(phrases.MADE_COARSER, made=made)
    saved = round(rendition.saved_seconds)
    return [made, f"{saved} s" if saved > 0 else ""]


def _page_row(line: PageLine, language: Language) -> list[str]:
    report, sent = line.report, _times(line.sent, language)
    if report is None:
        return [str(line.number), language.say(PAGE_WORDS[line.fate]), "", "", "", "", sent]
    x, y = report.form.vr.dpi
    return [
        str(line.number),
        language.say(PAGE_WORDS[line.fate], verdict=report.verdict.name),
        report.form.df.name,
        f"{x} x {y} dpi",
        f"{language.number(report.bit_rate)} bit/s",
        f"{report.seconds:.0f} s",
        sent,
    ]


def _times(sent: int, language: Language) -> str:
    said = {0: "", 1: phrases.ONCE, 2: phrases.TWICE}
    return language.say(said.get(sent, phrases.TIMES), times=sent)


def _call_row(facts: Facts, attempt: Attempt, language: Language) -> list[str]:
    began = language.moment(attempt.started_at)
    own = [c.report for c in facts.confirmations if c.attempt == attempt.number]
    pages = str(sum(bool(r and r.verdict.confirmed) for r in own))
    if attempt.report is None:
        return [began, "", pages, language.say(phrases.CALL_LOST)]
    ended_well = attempt.outcome is AttemptOutcome.SENT
    how = phrases.CALL_DELIVERED if ended_well else explain(attempt.report).cause
    return [began, f"{attempt.report.seconds:.0f} s", pages, language.say(how)]


def _part_line(document: DocumentRecord, language: Language, *, sent: bool) -> str:
    if document.reason:
        on_purpose = skipped_on_purpose(document.content_type, document.reason)
        shape = phrases.PART_SKIPPED if on_purpose else phrases.PART_LEFT_OUT
        return language.say(shape, reason=_why(document, language))
    name, pages = _name(document, language), language.count(document.pages, "page")
    good = phrases.PART_SENT if sent else phrases.PART_NOT_SENT
    shape = good if document.pages else phrases.PART_EMPTY
    return language.say(shape, name=name, pages=pages)


def _details(facts: Facts, language: Language) -> Iterator[str]:
    if facts.calls:
        yield _line_time(facts, language)
        if facts.action is Action.DELIVERED and facts.saved_seconds >= LEAST_SAVED:
            saved = language.duration(facts.saved_seconds)
            yield language.say(phrases.LINE_TIME_SAVED, saved=saved)
        last = facts.calls[-1]
        if last.parameters:
            yield language.say(phrases.AGREED, parameters=last.parameters)
        if facts.remote_machine:
            machine = printable(facts.remote_machine, 80)
            yield language.say(phrases.REMOTE_MACHINE, machine=machine)
        if facts.action is not Action.DELIVERED:
            yield _technical(last, language)
    if facts.job.options.said:
        said = printable(", ".join(facts.job.options.said), 200)
        yield language.say(phrases.ASKED, options=said)
    yield language.say(
        phrases.REFERENCE,
        job=facts.job.id,
        recipient=facts.recipient.id,
        moment=language.moment(facts.job.received_at),
    )


def _technical(call: CallReport, language: Language) -> str:
    """What the engine says of a call: its sentence to who reads English, else its codes."""
    status = f"{call.status:02X}"
    if language.code != ENGLISH.code:
        names = f"{call.dialled.name}, {call.status.name}"
        return language.say(phrases.TECHNICAL_CODES, names=names, status=status)
    cause = printable(call.cause, 300).rstrip(".") or phrases.UNKNOWN_CAUSE
    return language.say(phrases.TECHNICAL, cause=cause, status=status)


def _line_time(facts: Facts, language: Language) -> str:
    real = language.duration(facts.seconds)
    if facts.predicted_seconds is None:
        return language.say(phrases.LINE_TIME, real=real)
    predicted = language.duration(facts.predicted_seconds)
    return language.say(phrases.LINE_TIME_PREDICTED, real=real, predicted=predicted)
