from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modems.session import Hangup
from tests.peers.calls import Case, Outcome, machine_receives, machine_sends
from tests.peers.channel import Impairment
from tests.peers.spandsp import library

pytestmark = [pytest.mark.interop, pytest.mark.peer, pytest.mark.slow]

NOISY_AND_WEAK = Impairment(noise=-50.0, gain=-12.0)
DROP_OUTS = Impairment(drop_every=7.0, drop=0.04)


@pytest.fixture(autouse=True)
def spandsp() -> None:
    """The judge must be there."""
    library()


@pytest.mark.parametrize(
    ("call", "impairment"),
    [
        (machine_receives, DROP_OUTS),
        (machine_sends, DROP_OUTS),
        (machine_receives, NOISY_AND_WEAK),
    ],
    ids=["send, drop-outs", "receive, drop-outs", "send, noise"],
)
def test_error_correction_outlasts_a_bad_line(
    tmp_path: Path, call: Callable[[Case, Path], Outcome], impairment: Impairment
) -> None:
    """Under error correction a bad line costs time, not pels."""
    outcome = call(Case(impairment=impairment, rows=1500), tmp_path)

    assert outcome.report.succeeded, outcome.report.trace
    assert outcome.identical


@pytest.mark.parametrize("seconds", [6.0, 14.0])
def test_a_call_that_breaks_names_its_phase(tmp_path: Path, seconds: float) -> None:
    """A line that breaks ends the call in a report that says where, and confirms nothing."""
    broken = Impairment(hang_up_at=seconds)
    outcome = machine_receives(Case(impairment=broken, rows=2000), tmp_path)

    report = outcome.report
    assert not report.succeeded
    assert report.status is not Hangup.NORMAL
    assert report.cause
    assert not any(page.verdict.confirmed for page in report.pages)
    assert report.seconds < 60
