"""gateway.options: which brackets of a subject are options, and what they ask for."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.options import Options, Priority, Problem, plain_subject, read_options
from gateway.options.subject import options_in

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
WARSAW = timezone(timedelta(hours=1))


def asked(subject: str) -> Options:
    """What a subject asks for, written in Warsaw at four in the afternoon."""
    return options_in(subject, NOW, WARSAW)


def test_everything_at_once() -> None:
    """Parted by commas or semicolons, in any order and case, with or without hyphens."""
    options = asked("[Fine, no-body; at 18:30, URGENT, tries 3, receipt on failure] Contract")

    assert options == Options(
        resolution="fine",
        body=False,
        priority=Priority.HIGH,
        not_before=datetime(2026, 11, 24, 17, 30, tzinfo=UTC),
        tries=3,
        receipt="failure",
        said=("Fine", "no-body", "at 18:30", "URGENT", "tries 3", "receipt on failure"),
    )


@pytest.mark.parametrize(
    ("subject", "plain", "said"),
    [
        ("[fine] Contract", "Contract", ("fine",)),
        ("Contract [fine]", "Contract", ("fine",)),
        ("[fine]Contract[no body]", "Contract", ("fine", "no body")),
        ("[EXTERNAL] [fine] Contract", "[EXTERNAL] Contract", ("fine",)),
        ("Contract [fine] [JIRA-12]", "Contract [JIRA-12]", ("fine",)),
        ("Re: Fwd: [fine] Contract", "Re: Fwd: Contract", ("fine",)),
        ("[fine]", "", ("fine",)),
        ("[bez treści, pilne] Umowa", "Umowa", ("bez treści", "pilne")),
        ("[fine, no cover, at 18:30, priority]", "", ("fine", "no cover", "at 18:30", "priority")),
        ("[no header, photo] Contract", "Contract", ("no header", "photo")),
        ("[bez nagłówka, zdjęcie] Umowa", "Umowa", ("bez nagłówka", "zdjęcie")),
        ("[No cover page] Contract", "Contract", ("No cover page",)),
        ("[URGENT!] Contract", "Contract", ("URGENT!",)),
        ("[pilne!, bez strony tytułowej] Umowa", "Umowa", ("pilne!", "bez strony tytułowej")),
        ("[tomorrow at 8:00] Contract", "Contract", ("tomorrow at 8:00",)),
        ("[fine, cover: Hi, Anna] Contract", "Contract", ("fine", "cover: Hi, Anna")),
    ],
)
def test_options_stand_at_the_ends_of_a_subject(
    subject: str, plain: str, said: tuple[str, ...]
) -> None:
    """Beside tags, and behind Re: and Fwd:; people are shown the rest."""
    assert asked(subject).said == said
    assert asked(subject).problems == ()
    assert plain_subject(subject) == plain


@pytest.mark.parametrize("subject", ["[fine, Cover: A, b; c]", "[fine, okładka : A, b; c]"])
def test_a_note_for_the_cover_ends_with_its_bracket(subject: str) -> None:
    """People write commas: what stands behind the colon is one text, and asks for the cover."""
    options = asked(subject)

    assert (options.resolution, options.cover, options.note) == ("fine", True, "A, b; c")
    assert options.problems == ()
    assert Options.from_json(options.to_json()) == options


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Contract",
        "[EXTERNAL] Contract",
        "[JIRA-12] foo",
        "[List-Name] Re: fine, priority",
        "Contract [fine] of May",  # in the middle
        "[LINE] down",  # one letter from an option, but short
        "[File] 3",
        "[at home] yes",
        "[]",
        "[fine",
        "fine]",
        "((fine)) {fine}",
    ],
)
def test_other_brackets_are_part_of_the_subject(subject: str) -> None:
    """Tags of lists, trackers and mail servers break no fax and stay where they are."""
    assert asked(subject) == Options()
    assert plain_subject(subject) == subject


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ("[fine, JIRA-12] x", Problem("JIRA-12", "unknown")),
        ("[fien] x", Problem("fien", "unknown", "fine")),
        ("[no bdoy] x", Problem("no bdoy", "unknown", "no body")),
        ("[priorty] x", Problem("priorty", "unknown", "priority")),
        ("[superfinee, body] x", Problem("superfinee", "unknown", "superfine")),
        ("[fine, standard] x", Problem("standard", "twice")),
        ("[body] x [no body]", Problem("no body", "twice")),
        ("[at 25:00] x", Problem("at 25:00", "time")),
        ("[at 24.13.2026 8:00] x", Problem("at 24.13.2026 8:00", "time")),
        ("[at 2026-11-24 15:59] x", Problem("at 2026-11-24 15:59", "past")),
        ("[at 2027-01-24 8:00] x", Problem("at 2027-01-24 8:00", "far")),
        ("[in 5 parsecs] x", Problem("in 5 parsecs", "time")),
        ("[tries 0] x", Problem("tries 0", "number")),
        ("[tries many] x", Problem("tries many", "number")),
        ("[text, photo] x", Problem("photo", "twice")),
        ("[no cover, cover: Hi] x", Problem("cover: Hi", "twice")),
        ("[cover: ] x", Problem("cover:", "unknown", "cover")),
        ("[cover: " + "x" * 501 + "]", Problem("cover: " + "x" * 93, "length")),
        ("[fine, " + "x" * 101 + "]", Problem("x" * 100, "length")),
    ],
)
def test_what_cannot_be_done_is_a_problem(subject: str, problem: Problem) -> None:
    """A bracket with one option in it is for options, and nothing in it is passed over."""
    assert asked(subject).problems == (problem,)


def test_a_refusal_says_what_would_be_right() -> None:
    """In one line, for logs and commands."""
    assert asked("[fien, at 25:00] x").refusal == (
        "[fien] is no option; did you mean [fine]? "
        "[at 25:00] is no time of day, with a date before it at most."
    )
    assert asked("[fine] x").refusal == ""


def mail(subject: str, date: str) -> bytes:
    """A mail's header."""
    return f"Subject: {subject}\r\nDate: {date}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Tue, 24 Nov 2026 16:00:00 +0100", datetime(2026, 11, 24, 17, 30, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 10:00:00 -0500", datetime(2026, 11, 24, 23, 30, tzinfo=UTC)),
        # Written at 18:29 in Kyiv, 16:29 UTC, and an hour and a half under way.
        ("Tue, 24 Nov 2026 18:29:00 +0200", datetime(2026, 11, 24, 16, 30, tzinfo=UTC)),
        # A clock that is a year wrong says nothing about when, but still where.
        ("Tue, 25 Nov 2025 18:29:00 +0200", datetime(2026, 11, 25, 16, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_senders(date: str, at: datetime) -> None:
    """The zone is that of the mail's Date, and a mail that was slow does not wait for a day."""
    now = NOW + timedelta(hours=3) if "+0200" in date else NOW

    assert read_options(mail("[at 18:30] x", date), now).not_before == at


def test_a_mail_without_a_date_has_the_gateways_clock() -> None:
    """There is no other."""
    at = read_options(b"Subject: [at 18:30] x\r\n\r\n", NOW).not_before

    assert at is not None
    assert (at.astimezone().hour, at.astimezone().minute) == (18, 30)


def test_encoded_words_are_options_too() -> None:
    """RFC 2047: what people see in the subject counts."""
    raw = b"Subject: =?utf-8?q?=5Bbez_tre=C5=9Bci=5D_Umowa?=\r\n\r\n"

    assert read_options(raw, NOW).body is False


@pytest.mark.parametrize(
    "raw",
    [
        b"X: y\r\n" * 10_000 + b"Subject: [fine]\r\n\r\n",
        b"Subject: [fine]\r\n\r\n" + b"x\r\n" * 80_000,
        b"Subject:" + b" [fine]\r\n" * 30_000 + b"\r\n",
        b"Subject: " + b"[fine]" * 300 + b"\r\n\r\n",
        b"Subject: [" + b"fine, " * 300 + b"]\r\n\r\n",
        b"Subject: =?utf-8?q?" + b"=5B" * 3000 + b"?=\r\n\r\n",
    ],
)
def test_no_header_takes_long(raw: bytes) -> None:
    """Options are read on the event loop: 10 ms of processor time are the most."""
    read_options(raw, NOW)
    began = time.process_time()
    for _ in range(5):
        read_options(raw, NOW)

    assert (time.process_time() - began) / 5 < 0.01


def test_only_the_header_counts() -> None:
    """Not a Subject in the body, nor a second one."""
    assert read_options(b"From: a\n\nSubject: [fine]\n", NOW) == Options()
    assert read_options(b"Subject: x\nSubject: [fine]\n\n", NOW) == Options()
    assert read_options(b"subject:\n [fine,\n urgent] x\n\n", NOW).said == ("fine", "urgent")


@given(
    st.text(max_size=300)
    | st.text("[],;:. 0123456789atinfeo", max_size=80)
    | st.lists(st.sampled_from(["[", "]", "fine", "at ", "18:30", ",", "in 2 h", "x"])).map("".join)
)
def test_any_subject_is_read_and_kept(subject: str) -> None:
    """Nothing raises; without options the subject is as it was; JSON keeps everything."""
    options = asked(subject)

    if options == Options():
        assert plain_subject(subject) == subject
    assert Options.from_json(options.to_json()) == options
