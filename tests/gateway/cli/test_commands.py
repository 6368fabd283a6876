from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner, Result

from gateway.cli import (
    check,
    demo,
    explain,
    line,
    lines,
    purge,
    queue,
    received,
    received_files,
    route,
    send,
    serve,
    verify,
)
from gateway.cli.common import app, show
from gateway.config.load import load
from tests.gateway.running import RunningGateway

COMMANDS = {
    "serve": serve,
    "check": check,
    "send": send,
    "queue": queue,
    "lines": lines,
    "received": received,
    "received get": received_files,
    "demo": demo,
    "explain": explain,
    "health": lines,
    "purge": purge,
    "route": route,
    "junk": route,
    "junk add": route,
    "line": line,
    "verify": verify,
    "key": verify,
    "hash-password": check,
}

Faxgate = Callable[..., Result]


@pytest.fixture
def gateway(tmp_path: Path) -> RunningGateway:
    """A configured gateway that does not run."""
    return RunningGateway(tmp_path)


@pytest.fixture
def faxgate(gateway: RunningGateway) -> Faxgate:
    """Run the command on that gateway's configuration."""

    def invoke(command: str, *arguments: str) -> Result:
        config = ["-c", str(gateway.config)]
        return CliRunner().invoke(app, [command, *config, *arguments])

    return invoke


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """`--help` of every command says what it does and exits with 0."""
    result = CliRunner().invoke(app, [*command.split(), "--help"])

    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_check_is_silent_about_a_good_file(faxgate: Faxgate) -> None:
    """A good configuration exits with 0."""
    good = faxgate("check")
    assert good.exit_code == 0
    assert "behind these barriers: no network" in good.stdout
    assert json.loads(faxgate("check", "--json").stdout) == []


def test_check_says_where_an_error_is(faxgate: Faxgate, gateway: RunningGateway) -> None:
    """An error exits with 1 and stands on stderr as file:line:column."""
    gateway.config.write_text(gateway.config.read_text().replace("node:", "nod:"))

    result = faxgate("check")

    assert result.exit_code == 1
    assert f"{gateway.config}:2:1: " in result.stderr
    assert len(json.loads(faxgate("check", "--json").stdout)) == 1


def test_what_is_sent_stands_in_the_queue(faxgate: Faxgate, tmp_path: Path) -> None:
    """`send` works without a running gateway: the fax waits in the queue for the next start."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Zażółć gęślą jaźń", encoding="utf-8")

    sent = faxgate("send", "0048 22 200 00 02", str(letter))

    assert sent.stdout == "Job 1: 1 document(s) to +48222000002\n"
    (row,) = json.loads(faxgate("queue", "--json").stdout)
    assert (row["number"], row["state"]) == ("+48222000002", "accepted")
    assert "+48222000002" in faxgate("queue").stdout


def test_a_number_that_is_none_is_refused_with_the_reason(faxgate: Faxgate) -> None:
    """`send` to nonsense exits with 1 and says why."""
    result = faxgate("send", "office", __file__)

    assert result.exit_code == 1
    assert result.stderr


@pytest.mark.parametrize("action", ["cancel", "confirm", "get", "retry", "show"])
def test_what_is_not_there_is_said_so(faxgate: Faxgate, action: str) -> None:
    """With exit status 1; what is no number of a fax at all, with 2."""
    result = faxgate("queue", action, "7")

    assert result.exit_code == 1
    assert result.stderr.startswith("There is no fax 7")
    for number in ("0", "99999999999999999999", "x"):
        assert faxgate("queue", action, number).exit_code == 2


def test_a_pdf_that_cannot_be_written_is_said_so(
    faxgate: Faxgate, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason, and without a traceback."""

    async def pdf(settings: object, number: int) -> bytes:
        return b"%PDF"

    monkeypatch.setattr(queue, "_pdf", pdf)
    result = faxgate("queue", "get", "1", "-o", "/nowhere/fax.pdf")

    assert (result.exit_code, result.stderr) == (1, "/nowhere/fax.pdf: No such file or directory\n")


def test_a_cancelled_fax_says_so(faxgate: Faxgate, tmp_path: Path) -> None:
    """What waits can be taken out, once; what is not held is not confirmed."""
    letter = tmp_path / "letter.txt"
    letter.write_text("text")
    faxgate("send", "+48222000002", str(letter))

    cancelled = faxgate("queue", "cancel", "1")
    assert (cancelled.exit_code, cancelled.stdout) == (0, "Recipient 1: cancelled\n")
    again = faxgate("queue", "cancel", "1")
    assert again.stderr == "Recipient 1 is not waiting: it is cancelled.\n"
    assert "is not held: it is cancelled" in faxgate("queue", "confirm", "1").stderr
    assert " +48222000002 " in faxgate("queue").stdout  # in a table of 80 columns
    (row,) = json.loads(faxgate("queue", "--json").stdout)
    assert row["state"] == "cancelled"


def test_the_receipt_of_a_cancelled_fax_is_the_gateways_own(
    faxgate: Faxgate, gateway: RunningGateway, tmp_path: Path
) -> None:
    """A mail that a command makes owed has the domain of the configuration in its Message-ID."""
    letter = tmp_path / "letter.txt"
    letter.write_text("text")
    faxgate("send", "+48222000002", str(letter))
    faxgate("queue", "cancel", "1")

    with closing(sqlite3.connect(gateway.state / "faxgate.db")) as database:
        (identity,) = database.execute("select message_id from outgoing").fetchone()
    assert identity.endswith("@fax.localhost>")


def test_a_store_that_cannot_be_used_is_named(faxgate: Faxgate, gateway: RunningGateway) -> None:
    """Not a traceback but one line: the database is broken, or somebody else's."""
    (gateway.state / "faxgate.db").write_text("this is no database")

    result = faxgate("queue")

    assert result.exit_code == 1
    assert result.stderr.startswith("faxgate: ")


def test_nothing_received_is_an_empty_list(faxgate: Faxgate) -> None:
    """`received` of a new gateway is empty, for people and for programs."""
    assert json.loads(faxgate("received", "--json").stdout) == []
    assert faxgate("received").stdout == "Nothing.\n"
    assert faxgate("received", "get", "1").exit_code == 1


def test_lines_needs_a_running_gateway(faxgate: Faxgate) -> None:
    """Without a gateway `lines` says how to start one."""
    result = faxgate("lines")

    assert result.exit_code == 1
    assert "faxgate serve" in result.stderr


def test_a_hashed_password_verifies() -> None:
    """`hash-password` prints a hash that the SMTP login accepts."""
    result = CliRunner().invoke(app, ["hash-password"], input="żółw\n")

    assert PasswordHasher().verify(result.stdout.strip(), "żółw")


def test_text_in_brackets_is_shown_as_text(
    faxgate: Faxgate, gateway: RunningGateway, tmp_path: Path
) -> None:
    """A table reads no markup in what a sender wrote."""
    faxgate("send", "+48222000002", str(tmp_path / "gateway.yaml"))
    with closing(sqlite3.connect(gateway.state / "faxgate.db")) as database, database:
        database.execute("update recipient set cause = '[bold]x[/bold]'")

    assert (
        "[bold]x[/bold]"
        in CliRunner()
        .invoke(app, ["queue", "-c", str(gateway.config)], env={"COLUMNS": "200"})
        .output
    )


def test_the_demonstration_needs_no_source_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no config/demo.yaml, `demo` takes the copy that was installed."""
    monkeypatch.chdir(tmp_path)

    assert load(demo.demo_configuration()).domain == "fax.localhost"


def test_the_version_is_the_installed_one() -> None:
    """`faxgate --version` prints one line."""
    result = CliRunner().invoke(app, ["--version"])

    assert result.exit_code == 0
    assert result.stdout == f"faxgate {metadata.version('faxgate')}\n"


def test_the_configuration_may_stand_at_the_end(gateway: RunningGateway) -> None:
    """`queue cancel 1 -c FILE` is the same as `queue -c FILE cancel 1`."""
    for where in (["-c", str(gateway.config)], [f"--config={gateway.config}"]):
        result = CliRunner().invoke(app, ["queue", "cancel", "1", *where])

        assert (result.exit_code, result.stderr) == (1, "There is no fax 1.\n")


def test_a_table_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A row is one line, however long: what is cut is none, and grep finds it."""
    why = "[why] " * 40
    row = {"id": 1, "number": "+48222000002", "complete": False, "cause": f"{why}\x1b[2J"}
    show([row], ("Id", "Number", "Complete", "Cause"), as_json=False)

    head, line = capsys.readouterr().out.splitlines()
    assert head == "Id  Number        Complete  Cause"
    assert line == f"1   +48222000002  no        {why}[2J"
