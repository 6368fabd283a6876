"""What can be read off the store's records without words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.report import Action, Facts
from gateway.report.facts import PageFate
from gateway.store.records import AttemptOutcome, RecipientState
from modems.session import Hangup
from modems.terminal import PageVerdict
from tests.gateway.report import samples
from tests.gateway.report.samples import attempt, confirmation, delivered


@pytest.mark.parametrize("state", RecipientState)
def test_every_state_is_an_action(state: RecipientState) -> None:
    """Sent is delivered, failed and cancelled are failed, all else is delayed."""
    expected = {
        RecipientState.SENT: Action.DELIVERED,
        RecipientState.FAILED: Action.FAILED,
        RecipientState.CANCELLED: Action.FAILED,
    }

    assert samples.with_recipient(delivered(), state=state).action is expected.get(
        state, Action.DELAYED
    )


@pytest.mark.parametrize(
    ("notify", "delivered_wanted", "failed_wanted"),
    [
        ("", True, True),
        ("NEVER", False, False),
        ("SUCCESS", True, False),
        ("FAILURE", False, True),
        ("DELAY", False, False),
        ("success, failure", True, True),
    ],
)
def test_notify_decides_who_is_told(
    notify: str, delivered_wanted: bool, failed_wanted: bool
) -> None:
    """NOTIFY (RFC 3461 4.1) chooses; without it the sender hears of everything."""
    ok = samples.with_recipient(delivered(), notify=notify)
    bad = samples.with_recipient(samples.failed(Hangup.MPS_NO_ANSWER), notify=notify)

    assert (ok.wanted, bad.wanted) == (delivered_wanted, failed_wanted)


def facts_with(*confirmations: object, pages: int = 2) -> Facts:
    """The facts of a document of so many pages, with these confirmations."""
    return samples.with_recipient(
        replace(delivered(), confirmations=confirmations),  # type: ignore[arg-type]
        pages=pages,
    )


def test_a_page_that_was_never_sent_is_not_sent() -> None:
    """Pages without any confirmation row were not sent."""
    lines = facts_with(confirmation(1)).page_lines()

    assert [line.fate for line in lines] == [PageFate.CONFIRMED, PageFate.NOT_SENT]
    assert [line.sent for line in lines] == [1, 0]


@pytest.mark.parametrize(
    ("verdict", "fate"),
    [
        (PageVerdict.MCF, PageFate.CONFIRMED),
        (PageVerdict.RTP, PageFate.CONFIRMED),
        (PageVerdict.PIP, PageFate.CONFIRMED),
        (PageVerdict.RTN, PageFate.REJECTED),
        (PageVerdict.PIN, PageFate.REJECTED),
        (PageVerdict.NONE, PageFate.UNANSWERED),
        (None, PageFate.IN_DOUBT),
    ],
)
def test_the_answer_decides_the_fate(verdict: PageVerdict | None, fate: PageFate) -> None:
    """Each answer to a page, and none at all, is one fate."""
    assert facts_with(confirmation(1, verdict)).page_lines()[0].fate is fate


def test_a_confirmation_outlasts_every_other_answer() -> None:
    """A page that was refused, then in doubt, then confirmed is confirmed."""
    line = facts_with(
        confirmation(1, PageVerdict.RTN, call=1),
        confirmation(1, None, call=2),
        confirmation(1, PageVerdict.MCF, call=3),
    ).page_lines()[0]

    assert (line.fate, line.sent) == (PageFate.CONFIRMED, 3)


def test_a_doubt_outweighs_a_rejection() -> None:
    """A page that was refused once and then awaited may have been printed."""
    line = facts_with(confirmation(1, PageVerdict.RTN), confirmation(1, None, call=2)).page_lines()[
        0
    ]

    assert line.fate is PageFate.IN_DOUBT


def test_repeats_within_a_call_are_counted_once() -> None:
    """A call that reports two transmissions in two rows sent the page twice, not three times."""
    line = facts_with(
        confirmation(1, PageVerdict.RTN, attempts=1), confirmation(1, PageVerdict.MCF, attempts=2)
    ).page_lines()[0]

    assert line.sent == 2


def test_the_time_on_the_line_is_that_of_all_calls() -> None:
    """Seconds add up over calls; a lost call adds nothing that is known."""
    lost = attempt(None, AttemptOutcome.LOST, number=2)
    facts = replace(delivered(), attempts=(attempt(), lost, attempt(number=3)))

    assert facts.seconds == pytest.approx(96.4)


def test_the_time_of_a_receipt_is_the_end_or_the_last_call_or_the_arrival() -> None:
    """A receipt is dated by what it tells of, not by when it is written."""
    waiting = samples.with_recipient(delivered(), ended_at=None)

    assert delivered().at == samples.ENDED
    assert waiting.at == samples.ENDED
    assert replace(waiting, attempts=()).at == samples.BEGAN


def test_the_far_machine_is_named_by_the_last_call_that_heard_it() -> None:
    """A later call that nobody answered does not hide who was reached before."""
    silent = replace(samples.CALL, remote_identity="")
    facts = replace(delivered(), attempts=(attempt(), attempt(silent, number=2)))

    assert facts.remote_identity == "+48 22 200 00 02"
    assert replace(delivered(), attempts=()).remote_identity == ""


def test_a_call_that_was_cut_off_lasted_as_long_as_its_pages() -> None:
    """Where the report of the last call was lost, its pages say how long it was at least."""
    lost = attempt(None, AttemptOutcome.LOST, number=2)
    confirmations = [confirmation(1), confirmation(2, call=2), confirmation(3, None, call=2)]
    facts = replace(delivered(), attempts=[attempt(), lost], confirmations=confirmations)

    assert delivered().last_call_seconds == pytest.approx(48.2)
    assert facts.last_call_seconds == pytest.approx(22.4)
    assert replace(facts, attempts=[]).last_call_seconds == 0
