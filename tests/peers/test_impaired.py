from __future__ import annotations

from pathlib import Path

import pytest

from modems.session import Hangup
from tests.peers.calls import Case, machine_receives, machine_sends
from tests.peers.channel import Impairment
from tests.peers.spandsp import library

pytestmark = [pytest.mark.peer, pytest.mark.slow]

NOISY = Impairment(noise=-50.0)
WEAK = Impairment(gain=-12.0)
DROP_OUTS = Impairment(drop_every=7.0, drop=0.04)


@pytest.fixture(autouse=True)
def spandsp() -> None:
    """The judge must be there."""
    library()


@pytest.mark.parametrize("impairment", [NOISY, WEAK, DROP_OUTS], ids=["noise", "weak", "drop-outs"])
@pytest.mark.parametrize("call", [machine_receives, machine_sends], ids=["send", "receive"])
def test_error_correction_outlasts_a_bad_line(
    tmp_path: Path, call: type, impairment: Impairment
) -> None:
    """Under error correction a bad line costs time, not pels."""
    outcome = call(Case(impairment=impairment, rows=2000), tmp_path)

    assert outcome.report.succeeded, outcome.report.trace
    assert outcome.identical


@pytest.mark.parametrize("seconds", [6.0, 12.0, 16.0])
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
