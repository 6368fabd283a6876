"""gateway.config.addressing: dial plans and the address book, and what they must be together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.config.good import GOOD, problems, read

PLANS = GOOD + "dial_plans:\n"
BOOK = GOOD + "address_book:\n"


def test_a_whole_address_book_is_read(tmp_path: Path) -> None:
    """Names in small letters, numbers without separators, zeros of subaddresses kept."""
    config = read(
        PLANS
        + "  - {networks: [10.0.0.0/8], outside: 0, area_code: 022, local_digits: [7]}\n"
        + "  - {country: gb, extensions: [{digits: 3, number: +44 116 496}]}\n"
        + "address_book:\n"
        + "  - {name: Tax.Office, display: Urząd Skarbowy, numbers: [+48 22 200 00 02/T33S=007]}\n"
        + "  - {name: all, numbers: [TAX.office, 0048222000003]}\n".replace("0048", "+48"),
        tmp_path,
    )

    assert (config.dial_plans[0].outside, config.dial_plans[0].area_code) == ("0", "022")
    assert config.dial_plans[1].extensions[0].number == "+44116496"
    assert config.address_book[0].name == "tax.office"
    assert config.address_book[0].numbers == ("+48222000002/T33S=007",)
    assert config.address_book[1].numbers == ("tax.office", "+48222000003")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLANS + "  - {country: PL}\n  - {country: GB}\n", "put it last"),
        (PLANS + "  - {users: [nobody]}\n", "no user 'nobody'"),
        (PLANS + "  - {area_code: 22}\n", "`area_code` without `local_digits`"),
        (PLANS + "  - {local_digits: [7]}\n", "`local_digits` without `area_code`"),
        (PLANS + "  - {extensions: [{digits: 1, begins: 22, number: +4822}]}\n", "so many"),
        (BOOK + "  - {name: a b, numbers: [+48222000002]}\n", "front of the @"),
        (BOOK + "  - {name: 123, numbers: [+48222000002]}\n", "one letter at least"),
        (BOOK + "  - {name: Postmaster, numbers: [+48222000002]}\n", "take another name"),
        (BOOK + "  - {name: a, numbers: [222000002]}\n", "international number"),
        (BOOK + "  - {name: a, numbers: [+48222000002/T33S=x]}\n", "only T33S="),
        (BOOK + "  - {name: a, numbers: [b]}\n", "'b' is no number of E.164 and no name"),
        (BOOK + "  - {name: a, numbers: []}\n", "at least 1 must be given"),
        (BOOK + "  - {name: a, numbers: [a]}\n", "inside itself"),
        (
            BOOK + "  - {name: a, numbers: [+48222000002]}\n  - {name: A, numbers: [+4822200]}\n",
            "entry 1 has this name already",
        ),
        (
            GOOD
            + "smtp: {max_recipients: 1}\naddress_book:\n"
            + "  - {name: a, numbers: [+48222000002, +48222000003]}\n",
            "2 numbers, and one mail may have 1",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(text: str, expected: str, tmp_path: Path) -> None:
    """One sentence each, with what would be right."""
    found = problems(text, tmp_path)

    assert len(found) == 1
    assert expected in found[0]


def test_lists_in_a_circle_are_each_told(tmp_path: Path) -> None:
    """However long the way round."""
    text = BOOK + "".join(f"  - {{name: {a}, numbers: [{b}]}}\n" for a, b in ("ab", "bc", "ca"))

    assert [problem.split(": ", 1)[1] for problem in problems(text, tmp_path)] == [
        "this list is inside itself"
    ] * 3
