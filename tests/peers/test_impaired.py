from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modems.session import Hangup
from modems.terminal import PageVerdict
from tests.peers.calls import Case, Outcome, machine_receives, machine_sends
from tests.peers.channel import Impairment
from tests.peers.spandsp import library

pytestmark = [pytest.mark.interop, pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(240)]

Calling = Callable[[Case, Path], Outcome]

DROP_OUTS = Impairment(drop_every=7.0, drop=0.04)
SILENCE = Impairment(silent_from=14.0, silent=2.0)  # two seconds of it, in the middle of the page
ROWS = 1500  # the page lasts from 11.5 s to 20.8 s after the answer, its command to 22 s
BOTH_WAYS = pytest.mark.parametrize(
    "call", [machine_receives, machine_sends], ids=["send", "receive"]
)


@pytest.fixture(autouse=True)
def spandsp() -> None:
    """The judge must be there."""
    library()


@BOTH_WAYS
def test_error_correction_outlasts_drop_outs(tmp_path: Path, call: Calling) -> None:
    """Under error correction a line that drops out every seven seconds costs time, not pels."""
    outcome = call(Case(impairment=DROP_OUTS, rows=ROWS), tmp_path)

    assert outcome.report.succeeded, outcome.report.trace
    assert outcome.identical


# Wherever in the call the drop-outs fall, and the calls that this machine ends: `test_drop_outs`.
@BOTH_WAYS
@pytest.mark.timeout(600)
def test_error_correction_outlasts_drop_outs_over_three_pages(
    tmp_path: Path, call: Calling
) -> None:
    """A long call over such a line costs more time, and still not one pel."""
    outcome = call(Case(impairment=DROP_OUTS, rows=ROWS, pages=3), tmp_path)

    assert outcome.report.succeeded, outcome.report.trace
    assert outcome.identical


@BOTH_WAYS
@pytest.mark.parametrize(
    "impairment",
    [Impairment(noise=-50.0), Impairment(gain=-12.0), Impairment(noise=-50.0, gain=-12.0)],
    ids=["noise", "weak", "noise and weak"],
)
@pytest.mark.parametrize("ecm", [True, False], ids=["ECM", "plain"])
def test_a_noisy_or_weak_line_carries_pages(
    tmp_path: Path, call: Calling, impairment: Impairment, ecm: bool
) -> None:
    """A page over such a line is whole, or the report says that it is not."""
    coding = "mmr" if ecm else "mh"
    outcome = call(Case(coding, ecm=ecm, impairment=impairment, rows=ROWS), tmp_path)

    assert outcome.identical or not _promised(outcome)
    assert outcome.identical or not ecm


@BOTH_WAYS
@pytest.mark.parametrize("ecm", [True, False], ids=["ECM", "plain"])
def test_a_page_with_a_hole_is_not_confirmed(tmp_path: Path, call: Calling, ecm: bool) -> None:
    """Two seconds of silence in a page: it is whole in the end, or nobody is told that it is."""
    coding = "mmr" if ecm else "mh"
    outcome = call(Case(coding, ecm=ecm, impairment=SILENCE, rows=ROWS), tmp_path)

    assert outcome.identical or not _promised(outcome)
    assert outcome.report.cause
    assert outcome.report.seconds < 120


@BOTH_WAYS
@pytest.mark.parametrize(
    ("seconds", "sending", "receiving"),
    [
        (1.5, Hangup.ANSWER_NO_CED, Hangup.RING_NO_HANDSHAKE),
        (7.0, Hangup.PHASE_B_TRANSMIT, Hangup.PHASE_B_RECEIVE),
        (14.0, Hangup.PHASE_C_TRANSMIT, Hangup.PHASE_C_RECEIVE),
        (21.5, Hangup.PHASE_D_TRANSMIT, Hangup.PHASE_D_RECEIVE),
    ],
    ids="ABCD",
)
def test_a_call_that_breaks_names_its_phase(
    tmp_path: Path, call: Calling, seconds: float, sending: Hangup, receiving: Hangup
) -> None:
    """A line that breaks ends the call in a report that names the phase, and confirms nothing."""
    broken = Impairment(hang_up_at=seconds)
    outcome = call(Case(impairment=broken, rows=ROWS), tmp_path)

    report = outcome.report
    assert report.status is (sending if call is machine_receives else receiving)
    assert report.cause
    assert not any(page.verdict.confirmed for page in report.pages)
    assert report.seconds < 60


def _promised(outcome: Outcome) -> bool:
    """Whether our report calls every page good."""
    report = outcome.report
    return report.succeeded and all(page.verdict is PageVerdict.MCF for page in report.pages)
