"""Sentences, counts, times and lists in the reader's language."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta, timezone
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from gateway.words import DIALLED, ENGLISH, HANGUPS, LOCALES, Language, phrases
from gateway.words.language import MOMENT
from tests.gateway.words.sentences import MAKERS, calls, has_words, said_in_the_source

AT = datetime(2026, 11, 23, 23, 12, tzinfo=UTC)
POLISH = Language("pl", ZoneInfo("Europe/Warsaw"))
EXPLANATIONS = [w for table in (DIALLED, HANGUPS) for w in table.values()]
SENTENCES = sorted(
    {
        MOMENT,
        *(shape for shape in said_in_the_source() if has_words(shape) or "reason" in shape),
        *(text for words in EXPLANATIONS for text in (words.cause, words.advice)),
        *(
            text
            for name, value in vars(phrases).items()
            if name.isupper()
            for text in ([value] if isinstance(value, str) else value)
        ),
    }
)
TRANSLATED = [code for code in LOCALES if code != "en"]
WRITTEN_ALIKE = {"{name}: {pages}", "Fax {caller}"}  # in some languages


def gaps(sentence: str) -> set[str]:
    return {gap for _, gap, _, _ in Formatter().parse(sentence) if gap is not None}


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_is_translated(code: str, sentence: str) -> None:
    """No reader gets half a mail in English, and a translation fills the same gaps."""
    said = Language(code).say(sentence)

    assert said != sentence or sentence in WRITTEN_ALIKE
    assert gaps(said) == gaps(sentence)


def test_what_is_said_is_written_out() -> None:
    """Each sentence is a literal of the source, so that none can be missing from the catalogs."""
    spoken = [(path.name, node) for path, node in calls("said") if path not in MAKERS]

    assert len(spoken) > 150
    assert [name for name, node in spoken if not is_literal(node.args[0])] == []


def test_what_needs_no_translation_has_no_words() -> None:
    """Signs between values; words there would stay English."""
    arranged = [
        node.args[0].value
        for _, node in calls("arranged")
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    ]
    direct = [(path.name, ast.unparse(node)) for path, node in calls("Said") if path not in MAKERS]

    assert [shape for shape in arranged if has_words(shape)] == []
    assert set(direct) == {
        ("options.py", "Said(PROBLEMS[self.kind].shape, {'word': self.word})"),
        ("policy.py", "Said('')"),
    }


@pytest.mark.parametrize(("name", "position"), [("Unfaxable", 0), ("Refusal", 1), ("_Found", 2)])
def test_no_refusal_is_a_bare_string(name: str, position: int) -> None:
    """A text that nobody can translate is given as no reason (mypy sees to the rest)."""
    given = [node.args[position] for _, node in calls(name) if len(node.args) > position]

    assert given
    assert [
        ast.unparse(one) for one in given if isinstance(one, ast.JoinedStr | ast.Constant)
    ] == []


def is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_polish_counts() -> None:
    """One, a few and many have their own endings, and twelve is many."""
    assert [POLISH.count(n, "page") for n in (1, 2, 5, 12, 22)] == [
        *("1 strona", "2 strony", "5 stron", "12 stron", "22 strony")
    ]


def test_polish_dates() -> None:
    """Months are in the genitive."""
    assert POLISH.moment(AT) == "24 listopada 2026, 00:12 (UTC+01:00)"


def test_what_has_no_translation_is_said_in_english() -> None:
    """An engine's sentence is better in English than not at all."""
    assert POLISH.say("Nobody has translated this.") == "Nobody has translated this."
    assert POLISH.say("") == ""


def test_braces_of_a_stranger_are_no_gaps() -> None:
    """Text from outside is shown as it stands."""
    assert ENGLISH.say("{0.__class__}") == "{0.__class__}"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (UTC, "23 November 2026 at 23:12 (UTC)"),
        (ZoneInfo("Europe/Warsaw"), "24 November 2026 at 00:12 (UTC+01:00)"),
        (timezone(timedelta(hours=-3, minutes=-30)), "23 November 2026 at 19:42 (UTC-03:30)"),
        (timezone(timedelta(minutes=-30)), "23 November 2026 at 22:42 (UTC-00:30)"),
    ],
)
def test_a_moment_is_local_and_says_its_offset(zone: timezone, said: str) -> None:
    """Date and time are those of the gateway's wall clock, with the offset beside them."""
    assert Language("en", zone).moment(AT) == said


def test_months_have_their_names() -> None:
    """All twelve, whatever the locale."""
    named = [
        Language("en", UTC).day(datetime(2026, month, 1, tzinfo=UTC)) for month in range(1, 13)
    ]

    assert named[0] == "1 January 2026"
    assert named[11] == "1 December 2026"
    assert len(set(named)) == 12


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (0.4, "0 seconds"),
        (1, "1 second"),
        (48.2, "48 seconds"),
        (59.6, "1 minute"),
        (125, "2 minutes 5 seconds"),
        (3600, "1 hour"),
        (4260, "1 hour 11 minutes"),
        (-1, "0 seconds"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    """Seconds below a minute, minutes and seconds below an hour, then hours and minutes."""
    assert ENGLISH.duration(seconds) == said


def test_counts_agree_with_their_noun() -> None:
    """One is singular, all else plural, thousands are grouped."""
    assert [ENGLISH.count(n, "page") for n in (0, 1, 2, 1200)] == [
        *("0 pages", "1 page", "2 pages", "1,200 pages")
    ]


def test_lists_in_a_sentence() -> None:
    """The last item comes after the language's "and"."""
    assert ENGLISH.enumerate([]) == ""
    assert ENGLISH.enumerate(["1"]) == "1"
    assert ENGLISH.enumerate(["1", "2", "3"]) == "1, 2 and 3"
