from __future__ import annotations

import pytest

from modems.quirks import MODELS, Quirks, quirks_of


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("U.S. Robotics 56K FAX USB", "USRobotics"),
        ("CONEXANT CX93001-EIS_V0.2013", "Conexant"),
        ("www.soft-switch.org spandsp 0.0.6", "spandsp"),
        ("Multi-Tech Systems MT9234ZBA", "Multi-Tech"),
        ("Agere SoftModem", "Lucent"),
        ("something else", "plain"),
        ("", "plain"),
    ],
)
def test_a_modem_is_known_by_what_it_says(said: str, name: str) -> None:
    """The row is found by maker and model, the plain one for everybody else."""
    assert quirks_of(*said.split(" ", 1)).name == name


def test_no_row_is_empty() -> None:
    """A row that differs in nothing would say nothing."""
    assert all(quirks != Quirks(quirks.name) for _, quirks in MODELS)
