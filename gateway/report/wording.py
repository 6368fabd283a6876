"""What a receipt tells its reader first: the outcome, what to do about it, which pages arrived.

Pure. The first sentence says what happened to which number, the second what to do about it; the
next paragraph which pages arrived. The tables that follow are `sections`. Words are
`gateway.words`'; what a far machine or a stranger's mail supplied is printable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gateway.mailout.body import Body
from gateway.options.words import SHOWN
from gateway.report.advice import advice_for
from gateway.report.facts import Action, Facts, PageFate, PageLine
from gateway.report.sections import is_missing, left_out, sections
from gateway.store.placing import REFUSED
from gateway.store.records import RecipientState
from gateway.words import Language, Words, explain, phrases, printable, telephone

DOUBTFUL = {PageFate.IN_DOUBT, PageFate.UNANSWERED}
FIRST_SENTENCE = re.compile(r"(?<=\.) .*")  # all after it


def receipt_body(facts: Facts, language: Language) -> Body:
    """The whole text of a receipt."""
    lead = {
        Action.DELIVERED: _delivered,
        Action.FAILED: _failed,
        Action.DELAYED: _delayed,
    }[facts.action]
    paragraphs = [" ".join(sentences) for sentences in lead(facts, language) if sentences]
    if facts.lost_subaddress:
        lost = phrases.SUBADDRESS_LOST
        paragraphs.append(language.say(lost, subaddress=facts.lost_subaddress))
    missing = " ".join(left_out(facts, language))
    if facts.recipient.pages and missing:  # it went out without: not to be missed
        paragraphs.append(language.say(phrases.PARTS_LEFT_OUT, reasons=missing))
    return Body(paragraphs, list(sections(facts, language)), language.code)


def _delivered(facts: Facts, language: Language) -> list[list[str]]:
    identity = telephone(facts.remote_identity.strip())
    machine = phrases.MACHINE if identity else phrases.UNNAMED_MACHINE
    told = language.say(
        phrases.DELIVERED,
        number=whom(facts, language),
        pages=language.count(facts.recipient.pages, "page"),
        machine=language.say(machine, identity=identity),
        moment=language.moment(facts.at),
        duration=language.duration(facts.last_call_seconds),
    )
    return [[told]]


def _failed(facts: Facts, language: Language) -> list[list[str]]:
    if facts.job.options.problems:
        return _not_as_asked(facts, language)
    words = cause_of(facts, language)
    shape = phrases.FAILED if _reached_the_queue(facts) else phrases.NOT_PREPARED
    told = language.say(shape, number=whom(facts, language), cause=words.cause)
    return [
        [told, words.advice],
        [*_calls_made(facts, language), *_what_arrived(facts, language)],
    ]


def _not_as_asked(facts: Facts, language: Language) -> list[list[str]]:
    """The words in the subject that are no options, and those that are."""
    causes = language.tell(facts.job.options.refusal)
    told = language.say(phrases.NOT_AS_ASKED, number=whom(facts, language), cause=causes)
    return [[told, language.say(phrases.ADVICE_OPTIONS, options=", ".join(SHOWN[language.code]))]]


def whom(facts: Facts, language: Language) -> str:
    """The number as people read it, with its subaddress and its owner's name where it has them."""
    recipient, said = facts.recipient, telephone(facts.recipient.number)
    if recipient.subaddress:
        shape = phrases.SUBADDRESSED
        said = language.say(shape, number=said, subaddress=recipient.subaddress)
    name = printable(recipient.name, 80)
    return language.say(phrases.NAMED, name=name, number=said) if name else said


def _delayed(facts: Facts, language: Language) -> list[list[str]]:
    number, cause = whom(facts, language), cause_of(facts, language).cause
    told = [language.say(phrases.DELAYED, number=number, cause=cause)]
    if facts.recipient.due:
        told.append(language.say(phrases.NEXT_TRY, moment=language.moment(facts.recipient.due)))
    if facts.give_up_at:
        told.append(language.say(phrases.UNTIL, moment=language.moment(facts.give_up_at)))
    return [told]


def _calls_made(facts: Facts, language: Language) -> Iterator[str]:
    if facts.attempts:
        shape = phrases.CALL_MADE if len(facts.attempts) == 1 else phrases.CALLS_MADE
        calls = language.count(len(facts.attempts), "call")
        last = language.moment(facts.attempts[-1].started_at)
        yield language.say(shape, calls=calls, moment=last)


def _reached_the_queue(facts: Facts) -> bool:
    """Whether there were pages to call with; a mail that makes none fails before."""
    return bool(facts.recipient.pages) or facts.recipient.state is RecipientState.CANCELLED


def cause_of(facts: Facts, language: Language) -> Words:
    """Why it has not gone out, in the reader's language."""
    words = _cause(facts, language)
    return Words(language.say(words.cause), language.say(words.advice))


def _cause(facts: Facts, language: Language) -> Words:
    """By the last call where that decided, else what the store noted, in the reader's language."""
    recipient, last = facts.recipient, facts.attempts[-1] if facts.attempts else None
    if recipient.state is RecipientState.CANCELLED:
        return Words(phrases.CANCELLED, phrases.ADVICE_CANCELLED)
    if last and last.report:
        return explain(last.report)
    noted = printable(language.tell_clause(recipient.cause), 600)
    if last:  # lost: which pages arrived is told from the pages themselves
        cause = FIRST_SENTENCE.sub("", noted).rstrip(".") or phrases.UNKNOWN_CAUSE
        return Words(cause, phrases.ADVICE_IN_DOUBT)
    if _reached_the_queue(facts):
        by_rule = recipient.status == REFUSED
        advice = phrases.ADVICE_RULE if by_rule else phrases.ADVICE_GENERAL
        return Words(noted or phrases.UNKNOWN_CAUSE, advice)
    reasons = [d.reason for d in facts.documents if is_missing(d)]
    advice = advice_for(reasons) if reasons else phrases.ADVICE_GENERAL
    if "There was nothing to fax:" in recipient.cause:
        advice = phrases.ADVICE_EMPTY
    noted = printable(language.tell(recipient.cause), 600)
    return Words(noted.rstrip(".") or phrases.UNKNOWN_REASON, advice)


def _what_arrived(facts: Facts, language: Language) -> Iterator[str]:
    """Which pages need not be sent again, and which may have been printed."""
    lines = facts.page_lines() if facts.attempts else []
    confirmed = [line for line in lines if line.fate is PageFate.CONFIRMED]
    missing = [line for line in lines if line.fate is not PageFate.CONFIRMED]
    if lines and not confirmed:
        yield language.say(phrases.NONE_ARRIVED)
    elif lines and not missing:
        yield language.say(phrases.ALL_ARRIVED)
    elif lines:
        yield language.say(
            phrases.SOME_ARRIVED,
            pages=language.count(len(lines), "page"),
            confirmed=_numbers(confirmed, language),
            missing=_numbers(missing, language),
        )
    doubtful = [line for line in lines if line.fate in DOUBTFUL]
    if doubtful:
        pages = _numbers(doubtful, language)
        yield language.say(phrases.MAYBE_ARRIVED, pages=pages[:1].upper() + pages[1:])


def _numbers(lines: Sequence[PageLine], language: Language) -> str:
    """Which pages: "page 3", "pages 1 to 4", "pages 1, 3 and 5"."""
    numbers = [line.number for line in lines]
    if len(numbers) == 1:
        return language.say(phrases.ONE_PAGE, page=numbers[0])
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return language.say(phrases.PAGE_RANGE, first=numbers[0], last=numbers[-1])
    return language.say(phrases.PAGE_LIST, pages=language.enumerate([str(n) for n in numbers]))
