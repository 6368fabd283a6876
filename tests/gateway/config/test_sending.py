"""gateway.config.sending: mistakes in rules are found by `faxgate check`, with line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.load import check
from tests.gateway.config.good import GOOD, problems

ANNA = "senders: [{name: anna, addresses: [anna@example.com], groups: [staff]}]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [{name: a, who: [stuff]}]", "no sender and no group is called 'stuff'"),
        ("rules: [{name: a, to: [abroad]}]", "'abroad' is no destination"),
        ("rules: [{name: a}, {name: b}]", "6:20: this rule never decides: rule 1"),
        ("rules: [{name: a, who: [anna]}, {name: a}]", "name already"),
        ("ceilings: [{name: a}]", "6:12: it limits nothing"),
        ("ceilings: [{name: a, money: 5}]", "every number has a price"),
        ("ceilings: [{name: a, money: lots}]", "is no amount of money"),
        ("tariff: {prices: [{prefix: 48, minute: 1}]}", "is not how a number begins"),
        ("timezone: Europe/Warschau", "is no time zone"),
    ],
)
def test_a_mistake_is_found(text: str, said: str, tmp_path: Path) -> None:
    """Where it is, and what would be right."""
    found = problems(GOOD + ANNA + text, tmp_path)

    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{logins: [bob]}", "nobody logs in as 'bob'"),
        ("{networks: [10.0.0.0/8]}", "10.0.0.0/8 may not send"),
        ("{addresses: [Anna@example.com]}", "is sender 1's already"),
        ("{name: anna}", "has this name already"),
        ("{addresses: [nobody]}", "is no mail address"),
    ],
)
def test_a_sender_who_cannot_be_is_found(entry: str, said: str, tmp_path: Path) -> None:
    """It would silently never be anybody, or somebody else."""
    text = ANNA.replace("}]", "}, " + entry + "]")
    found = problems(GOOD + text, tmp_path)

    assert len(found) == 1
    assert said in found[0]


def checked(text: str, folder: Path) -> list[str]:
    """What `faxgate check` says, without the machine's objections."""
    path = folder / "gateway.yaml"
    path.write_text(GOOD + f"state: {folder}\ncountry: PL\ntimezone: Europe/Warsaw\n" + text)
    return [f"{p.line}:{p.column}: {p.text}" for p in check(path) if "expected" in p.text]


EXPECT = """\
rules:
  - {name: office, who: [staff], to: [national], hours: "Mon-Fri 08:00-18:00"}
  - {name: germany, to: [+49], new_country: hold}
expect:
"""


@pytest.mark.parametrize(
    "test",
    [
        "{sender: anna, to: +48221234567, verdict: allow, rule: office}",
        '{sender: anna, to: +48221234567, at: "2026-11-28 12:00", verdict: later}',
        "{sender: anna@example.com, to: +4930123456, verdict: allow, rule: germany}",
        "{sender: anna, to: +4930123456, first: true, verdict: hold}",
        "{sender: anna, to: +12025550123, verdict: refuse, rule: no rule}",
    ],
)
def test_rules_that_do_what_was_expected_are_good(test: str, tmp_path: Path) -> None:
    """Nothing is said."""
    assert checked(f"{ANNA}{EXPECT}  - {test}\n", tmp_path) == []


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (
            "{sender: anna, to: +12025550123, verdict: allow}",
            "13:47: allow was expected, but it is refuse, by 'no rule'",
        ),
        (
            "{sender: anna, to: +48221234567, verdict: allow, rule: germany}",
            "13:60: 'germany' was expected to decide, but 'office' does",
        ),
    ],
)
def test_rules_that_do_something_else_are_told_with_their_place(
    test: str, said: str, tmp_path: Path
) -> None:
    """The line and column of what was expected."""
    found = checked(f"{ANNA}{EXPECT}  - {test}\n", tmp_path)

    assert len(found) == 1
    assert said in found[0]
