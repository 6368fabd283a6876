"""A dozen calls of the matrix that `make interop` makes whole: each peer, each way, each coding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import efax, hylafax, iaxmodem
from tests.peers.calls import Case, made
from tests.peers.spandsp import library

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(240)]

# HylaFAX keeps to life's clock: faster, it is too late for pages without error correction.
HASTE, LIFE = 2.0, 1.0
CASES = [
    Case("mmr", ecm=True, modem="v17", resolution="fine", pages=3),
    Case("mr", ecm=False, modem="v29", resolution="superfine"),
    Case("mh", ecm=True, modem="v27ter", resolution="standard"),
    Case("mmr", ecm=True, modem="v17", resolution="superfine", sending=False),
    Case("mr", ecm=True, modem="v27ter", resolution="standard", sending=False),
    Case("mh", ecm=False, modem="v29", resolution="fine", pages=3, sending=False),
    Case("mh", ecm=False, modem="v17", pages=3, peer="efax"),
    Case("mh", ecm=False, modem="v29", resolution="standard", peer="efax", sending=False),
    Case("mmr", ecm=True, modem="v17", pages=3, rows=400, speed=HASTE, peer="hylafax"),
    Case("mr", ecm=False, modem="v29", rows=400, speed=LIFE, peer="hylafax"),
    Case("mmr", modem="v29", rows=400, speed=HASTE, peer="hylafax", sending=False),
    Case("mh", ecm=False, rows=400, speed=LIFE, peer="hylafax", sending=False),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(str(case).split()))
def test_a_call_with_foreign_software_goes_as_both_sides_tell(tmp_path: Path, case: Case) -> None:
    """What arrives is what was sent, pel by pel, and both ends report the same of the call."""
    library()  # the modems of both ends
    efax.installed()
    if case.peer == "hylafax":
        hylafax.installed()
    outcome = made(case, tmp_path)

    assert outcome.good, (outcome.fault, *map(str, outcome.report.trace))


@pytest.mark.interop
@pytest.mark.parametrize(
    "case",
    [
        Case("mmr", pages=3, speed=1.0, peer="iaxmodem"),
        Case("mh", ecm=False, speed=1.0, peer="iaxmodem"),
    ],
    ids=lambda case: " ".join(str(case).split()),
)
def test_two_iaxmodems_carry_a_call_of_ours_in_lifes_time(tmp_path: Path, case: Case) -> None:
    """What we send over IAX2 is what we keep, pel by pel, and both of our reports agree."""
    iaxmodem.installed()
    outcome = made(case, tmp_path)

    assert outcome.good, (outcome.fault, *map(str, outcome.report.trace))
