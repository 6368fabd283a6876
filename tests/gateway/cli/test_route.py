"""`faxgate route` and `faxgate junk`, as an administrator tries them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import check, route  # noqa: F401 - registers the commands
from gateway.cli.common import app

CONFIG = """\
domain: fax.localhost
timezone: UTC
state: {state}
lines:
  - name: isdn
    number: +48222000002
    answer: [{{hours: "Mon-Fri 08:00-20:00", outside: true, never: true}}]
routes:
  - {{name: junk, junk: true, reject: dropped}}
  - {{name: lab, dtmf: "1*", deliver: [lab@example.org]}}
  - {{name: rest, file: true}}
expect_routes:
  - {{dtmf: "12", route: lab}}
  - {{at: 2026-11-22 10:00, reject: unanswered}}
mail: {{sender: fax@fax.localhost, transport: {{type: maildir, directory: {state}/mail}}}}
"""
WORK = ("--at", "2026-11-23 10:00")

Faxgate = Callable[..., Result]


@pytest.fixture
def faxgate(tmp_path: Path) -> Faxgate:
    """The command, on a configuration that is right."""
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG.format(state=tmp_path))

    def invoke(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(app, [command, "-c", str(config), *arguments])

    return invoke


def test_the_digits_of_a_caller_are_explained(faxgate: Faxgate) -> None:
    """What is said and what is in the JSON agree, and the tests of the file pass."""
    told = faxgate("route", "--dtmf", "12", *WORK)
    asked = json.loads(faxgate("route", *WORK, "--json").stdout)

    assert told.stdout.startswith("route 2 (lab): deliver to lab@example.org\n")
    assert (asked["name"], asked["action"], asked["dtmf"]) == ("rest", "file", "")
    assert asked["routes"][1]["why"] == "the caller has keyed in nothing that the line tells"
    assert faxgate("check").exit_code == 0


def test_a_line_that_does_not_answer_is_said_first(faxgate: Faxgate) -> None:
    """Whatever the routes would do."""
    told = faxgate("route", "--at", "2026-11-22 10:00").stdout
    asked = json.loads(faxgate("route", "--at", "2026-11-22 10:00", "--json").stdout)

    assert told.startswith("rule 1 of `answer` of line 'isdn': reject (unanswered)\n")
    assert (asked["route"], asked["reject"]) == (0, "unanswered")


def test_junk_is_added_listed_and_removed(faxgate: Faxgate) -> None:
    """A number, the beginning of one and a name; a route hears of it at once."""
    for entry in ("+48700123456", "+4870*", "tsi: CHEAP*", "+4870*"):
        assert faxgate("junk", "add", entry).exit_code == 0
    listed = json.loads(faxgate("junk", "list", "--json").stdout)
    dropped = faxgate("route", "--caller", "+48701", *WORK).stdout
    assert faxgate("junk", "remove", "+4870*").exit_code == 0

    assert listed == ["+48700123456", "+4870*", "tsi: CHEAP*"]
    assert dropped.startswith("route 1 (junk): reject (dropped)")
    assert faxgate("route", "--caller", "+48701", *WORK).stdout.startswith("route 3 (rest)")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("route", "--at", "noon"), "is no time"),
        (("route", "--at", "2026-02-30 10:00"), "is no time"),
        (("route", "--line", "x"), "no line that receives"),
        (("route", "--called", "office"), "'office' is no number"),
        (("route", "--caller", "bob"), "'bob' is no number"),
        (("junk", "add", "tsi:"), "every machine"),
        (("junk", "add", "spam"), "'spam' is no number"),
        (("junk", "remove", "+49*"), "is not on the list"),
    ],
)
def test_what_makes_no_sense_is_told(
    faxgate: Faxgate, arguments: tuple[str, ...], why: str
) -> None:
    """With what would be right, and exit status 1 or 2."""
    result = faxgate(*arguments)

    assert result.exit_code in {1, 2}
    assert why in result.output
    assert "Traceback" not in result.output
