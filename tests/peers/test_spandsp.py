from __future__ import annotations

from pathlib import Path

import pytest

from modems.session import BR, DF
from tests.peers.calls import Case, Outcome, machine_receives, machine_sends
from tests.peers.spandsp import library

pytestmark = [pytest.mark.interop, pytest.mark.peer, pytest.mark.slow]

CASES = [
    Case("mmr", ecm=True, modem="v17", resolution="fine", pages=3),
    Case("mr", ecm=True, modem="v29", resolution="standard"),
    Case("mh", ecm=True, modem="v27ter", resolution="fine"),
    Case("mr", ecm=False, modem="v17", resolution="superfine"),
    Case("mh", ecm=False, modem="v29", resolution="fine", pages=3),
    Case("mr", ecm=False, modem="v27ter", resolution="standard"),
]
RATES = {"v17": BR.BR_14400, "v29": BR.BR_9600, "v27ter": BR.BR_4800}


@pytest.fixture(autouse=True)
def spandsp() -> None:
    """The judge must be there."""
    library()


def check(case: Case, outcome: Outcome) -> None:
    """The call went as the case wants, and both sides tell the same of it."""
    report = outcome.report
    assert report.succeeded, report.trace
    assert outcome.words == "OK"
    assert report.parameters is not None
    assert report.parameters.df is DF[case.coding.upper()]
    assert report.parameters.br <= RATES[case.modem]  # a busy machine is too late for the best one
    assert bool(report.parameters.ec) == case.ecm
    assert outcome.agreed, outcome.told
    assert outcome.told["ident"] == "+100"
    assert report.remote_identity == "+200"
    assert outcome.identical


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fax_machine_receives_our_pages(tmp_path: Path, case: Case) -> None:
    """What we send to a foreign fax machine is on its paper, pel by pel."""
    check(case, machine_receives(case, tmp_path))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_we_receive_a_fax_machines_pages(tmp_path: Path, case: Case) -> None:
    """What a foreign fax machine sends is what we keep, pel by pel."""
    check(case, machine_sends(case, tmp_path))
