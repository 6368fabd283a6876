"""What is decided after a call."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.opening import Opening
from gateway.config.hours import Hours, parse_hours
from gateway.config.retry import Retry
from gateway.options import Options
from gateway.retry import DIALLED, EXPIRED, HANGUP, Later, Never, Sent, Wait, decide, pages_left
from gateway.store.records import Claim
from modems.session import DF, VR, Dialled, Hangup
from modems.terminal import CallReport, PageForm, PageReport, PageVerdict

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SETTINGS = Retry()
CLAIM = Claim(1, 1, 1, "node", "+481", "481@fax", "", 0, 0, 2, NOW)


def office_hours() -> Hours:
    """Every day from eight to six."""
    hours = parse_hours("08:00-18:00")
    assert isinstance(hours, Hours)
    return hours


def report(
    status: Hangup = Hangup.NORMAL,
    dialled: Dialled = Dialled.CONNECTED,
    verdicts: tuple[PageVerdict, ...] = (),
) -> CallReport:
    """A call that ended like that, with a page for each verdict."""
    form = PageForm(1728, VR.R8_FINE, DF.MH)
    pages = tuple(PageReport(n, form, 9600, 1, 1.0, v) for n, v in enumerate(verdicts, 1))
    return CallReport(status, "why", dialled=dialled, pages=pages)


reports = st.builds(
    report,
    st.sampled_from(Hangup),
    st.sampled_from(Dialled),
    st.lists(st.sampled_from(PageVerdict), max_size=2).map(tuple),
)


def test_every_page_confirmed_is_sent() -> None:
    """A call that confirmed the last page has sent the fax, even if it broke right after."""
    both = (PageVerdict.MCF, PageVerdict.RTP)

    assert decide(report(verdicts=both), CLAIM, SETTINGS, NOW) == Sent()
    assert decide(report(Hangup.EOP_NO_ANSWER, verdicts=both), CLAIM, SETTINGS, NOW) == Sent()


def test_earlier_calls_count() -> None:
    """Pages of an earlier call are not asked for again; rejected ones are."""
    resumed = replace(CLAIM, pages_confirmed=1)

    assert pages_left(report(verdicts=(PageVerdict.MCF,)), resumed) == 0
    assert pages_left(report(verdicts=(PageVerdict.RTN,)), resumed) == 1
    assert pages_left(report(), CLAIM) == 2


@pytest.mark.parametrize(
    ("call", "wait", "counts"),
    [
        (report(dialled=Dialled.BUSY), SETTINGS.busy, True),
        (report(dialled=Dialled.NO_ANSWER), SETTINGS.no_answer, True),
        (report(dialled=Dialled.REFUSED), SETTINGS.failed, True),
        (report(dialled=Dialled.NO_DIALTONE), SETTINGS.line_fault, False),
        (report(dialled=Dialled.LINE_FAULT), SETTINGS.line_fault, False),
        (report(Hangup.NO_ANSWER_T1), SETTINGS.no_answer, True),
        (report(Hangup.TRAINING_FAILED), SETTINGS.failed, True),
        (report(Hangup.REMOTE_CANNOT), SETTINGS.remote_cannot, True),
        (report(Hangup.MPS_NO_ANSWER), SETTINGS.failed, True),
        (report(Hangup.ABORTED), SETTINGS.line_fault, False),
        (report(Hangup.NORMAL, verdicts=(PageVerdict.MCF,)), SETTINGS.failed, True),
    ],
)
def test_each_cause_has_its_own_wait(call: CallReport, wait: timedelta, counts: bool) -> None:
    """Busy, no answer, a broken call and our own line wait as the administrator set."""
    decision = decide(call, CLAIM, SETTINGS, NOW)

    assert isinstance(decision, Later)
    assert (decision.at, decision.why, decision.counts) == (NOW + wait, "why", counts)


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (report(dialled=Dialled.NOT_IN_SERVICE), "5.1.2"),
        (replace(report(Hangup.REMOTE_CANNOT), subaddress="42"), "5.1.1"),
        (report(Hangup.IMAGE_FORMAT), "5.6.5"),
    ],
)
def test_what_cannot_recover_is_not_tried_again(call: CallReport, status: str) -> None:
    """A number that does not exist, or a machine that cannot take the page, is told at once."""
    assert decide(call, CLAIM, SETTINGS, NOW) == Never("why", status)


def test_tries_end() -> None:
    """The last of the tries that the administrator allows is the last, with its own cause."""
    busy = report(dialled=Dialled.BUSY)
    last = replace(CLAIM, tries=SETTINGS.tries - 1)

    assert isinstance(decide(busy, replace(CLAIM, tries=SETTINGS.tries - 2), SETTINGS, NOW), Later)
    assert decide(busy, last, SETTINGS, NOW) == Never("why", "4.4.1")


def test_our_own_fault_uses_up_no_try_but_time() -> None:
    """A failed line of ours is retried beyond the tries, until the mail is too old."""
    fault = report(dialled=Dialled.LINE_FAULT)
    tired = replace(CLAIM, tries=SETTINGS.tries)
    end = NOW + SETTINGS.give_up_after

    assert isinstance(decide(fault, tired, SETTINGS, end - SETTINGS.line_fault), Later)
    late = end - SETTINGS.line_fault + timedelta(seconds=1)
    assert decide(fault, tired, SETTINGS, late) == Never("why", EXPIRED)


@given(reports, st.integers(0, 10), st.integers(0, 2), st.floats(0, 1e5))
def test_every_call_has_a_decision_that_ends(
    call: CallReport, tries: int, confirmed: int, age: float
) -> None:
    """Whatever happened: sent if and only if no page is left, and never due after giving up."""
    claim = replace(CLAIM, tries=tries, pages_confirmed=0, pages=2 + confirmed)
    now = NOW + timedelta(seconds=age)

    decision = decide(call, claim, SETTINGS, now)

    assert isinstance(decision, Sent) is (pages_left(call, claim) == 0)
    if isinstance(decision, Later):
        assert now < decision.at <= NOW + SETTINGS.give_up_after


def test_the_tables_are_complete() -> None:
    """Every answer of the network and every hangup status of a sender (T.32 8.6.1) has its row."""
    assert set(DIALLED) == set(Dialled) - {Dialled.CONNECTED}
    assert set(HANGUP) == {status for status in Hangup if status < Hangup.PHASE_B_RECEIVE}


def test_the_tables_keep_to_rfc_3463() -> None:
    """Only a permanent failure has class 5, everything that is tried again has class 4."""
    for rule in [*DIALLED.values(), *HANGUP.values()]:
        assert re.fullmatch(r"[45]\.[0-7]\.[0-9]", rule.status)
        assert (rule.wait is Wait.NEVER) is rule.status.startswith("5")


def test_waits_are_the_administrators() -> None:
    """Each kind of wait reads the setting of its name."""
    settings = Retry(
        busy=timedelta(1),
        no_answer=timedelta(2),
        failed=timedelta(3),
        line_fault=timedelta(4),
        remote_cannot=timedelta(5),
    )
    waits = [wait for wait in Wait if wait is not Wait.NEVER]

    assert [wait.interval(settings).days for wait in waits] == [1, 2, 3, 4, 5]


OFFICE = Opening("+481", office_hours(), UTC)
EVENING = NOW.replace(hour=17, minute=58)
MORNING = NOW.replace(hour=8) + timedelta(days=1)


def test_a_try_outside_the_hours_waits_for_the_next_opening() -> None:
    """Busy two minutes before closing is tried again in the morning, however long the night is."""
    claim = replace(CLAIM, opening=OFFICE, accepted_at=EVENING - timedelta(hours=1))
    settings = Retry(give_up_after=timedelta(hours=2))
    busy = report(dialled=Dialled.BUSY)

    again = decide(busy, claim, settings, EVENING)
    assert isinstance(again, Later)
    assert again.at == MORNING
    # Two minutes and an hour were open yesterday; so an hour is left this morning.
    assert isinstance(decide(busy, claim, settings, MORNING + timedelta(minutes=50)), Later)
    given_up = decide(busy, claim, settings, MORNING + timedelta(hours=1))
    assert given_up == Never("why", EXPIRED)


def test_a_far_end_that_cannot_receive_is_given_up_in_the_end() -> None:
    """Out of paper is tried as often as anything else."""
    last = replace(CLAIM, tries=SETTINGS.tries - 1)

    assert decide(report(Hangup.REMOTE_CANNOT), last, SETTINGS, NOW) == Never("why", "4.3.2")


def test_a_sender_may_ask_for_fewer_calls() -> None:
    """Not for more than the administrator allows."""
    engaged = report(dialled=Dialled.BUSY)
    once = replace(CLAIM, options=Options(tries=1))
    many = replace(CLAIM, tries=SETTINGS.tries - 1, options=Options(tries=20))

    assert isinstance(decide(engaged, once, SETTINGS, NOW), Never)
    assert isinstance(decide(engaged, many, SETTINGS, NOW), Never)
    assert isinstance(decide(engaged, CLAIM, SETTINGS, NOW), Later)
