"""`faxgate explain` and `faxgate queue show` on a configured gateway."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from PIL import Image
from typer.testing import CliRunner, Result

from gateway.cli import explain, queue
from gateway.cli.common import app
from tests.gateway.admission.nameserver import NameServer
from tests.gateway.admission.world import ANNA, domain
from tests.gateway.admission.world import mail as signable
from tests.gateway.running import RunningGateway, until

COMMANDS = (explain, queue)
MAIL = """\
From: sender@example.org
To: Office <222000002@fax.localhost>, friend@example.org
Cc: nobody@fax.localhost
Subject: [standard] Hello
Content-Type: text/plain; charset=utf-8

Dzień dobry
"""

Explain = Callable[..., Result]


@pytest.fixture
def faxgate(tmp_path: Path) -> Explain:
    """`faxgate explain` of a mail that was saved."""
    gateway = RunningGateway(tmp_path)
    gateway.config.write_text(
        gateway.config.read_text().replace("  networks:", "  max_size: 2000\n  networks:")
    )
    mail = tmp_path / "mail.eml"

    def invoke(*arguments: str, text: str = MAIL) -> Result:
        mail.write_text(text, encoding="utf-8")
        command = ["explain", str(mail), "-c", str(gateway.config), *arguments]
        return CliRunner().invoke(app, command)

    return invoke


def test_a_mail_is_explained_with_its_pages(faxgate: Explain, tmp_path: Path) -> None:
    """To and Cc at the fax domain stand in for the envelope; the PNG are the pages' own pels."""
    result = faxgate("--json", "--out", str(tmp_path / "pages"))

    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["sender"]["user"] == "127.0.0.0/8"
    assert [(to["number"], to["verdict"], to["line"]) for to in said["recipients"]] == [
        ("+48222000002", "allow", "caller"),
        ("", "refuse", ""),
    ]
    (page,) = said["pages"]
    assert (page["resolution"], page["png"]) == ("204x98", f"{tmp_path}/pages/page-1.png")
    with Image.open(page["png"]) as picture:
        assert (picture.width, picture.height) == (page["width"], page["height"])
        assert picture.mode == "1"
        assert picture.convert("L").getextrema() == (0, 255)
    assert not (tmp_path / "faxgate.db").exists()


def test_the_envelope_may_be_given(faxgate: Explain) -> None:
    """Then headers count for nothing, as in the gateway itself."""
    result = faxgate("--rcpt", "FAX=+48222000003/T33S=7@fax.localhost", "--user", "anna")

    assert result.exit_code == 0
    assert "Sender: anna (logged in as anna)" in result.output
    assert "+48222000003, subaddress 7, national" in result.output
    assert "222000002" not in result.output
    assert "One call, all pages:" in result.output


def test_a_login_that_nobody_has_is_a_slip_of_the_pen(tmp_path: Path) -> None:
    """Where people log in at all."""
    gateway, mail = RunningGateway(tmp_path), tmp_path / "mail.eml"
    mail.write_text(MAIL)
    users = f"  users: [{{name: anna, password: '{PasswordHasher().hash('x')}'}}]\n  networks:"
    gateway.config.write_text(gateway.config.read_text().replace("  networks:", users))
    command = ["explain", str(mail), "-c", str(gateway.config), "--user"]

    assert CliRunner().invoke(app, [*command, "anna"]).exit_code == 0
    told = CliRunner().invoke(app, [*command, "ana"])
    assert (told.exit_code, told.stderr) == (1, "Nobody logs in as 'ana'; known are anna.\n")


@pytest.mark.parametrize(
    ("arguments", "text", "told"),
    [
        (["--client", "192.0.2.1"], MAIL, "refuse by 'sender': you may not send"),
        ([], MAIL.replace("[standard]", "[standrad, fine]"), "did you mean [standard]?"),
        ([], MAIL.replace("Dzień dobry", ""), "There was nothing to fax"),
        ([], MAIL.replace("222000002@", "112@"), "emergency and short numbers are never faxed"),
        ([], f"Auto-Submitted: auto-replied\n{MAIL}", "'sender': Automatic replies"),
        (["--from", "<>"], MAIL, "'sender': Bounces and automatic replies (null sender)"),
        ([], "Received: x\n" * 101 + MAIL, "'sender': The mail has passed too many servers"),
        ([], f"{MAIL}{'x' * 2000}", "'sender': The mail is larger than 2000 octets"),
    ],
)
def test_a_mail_that_nobody_gets_says_why(
    faxgate: Explain, arguments: list[str], text: str, told: str
) -> None:
    """And exits with 1, for scripts; what the mail server would refuse is none either."""
    result = faxgate(*arguments, text=text)

    assert result.exit_code == 1
    assert told in result.output


def test_a_signed_mail_proves_who_sends_it(tmp_path: Path) -> None:
    """A stranger's mail is checked as the gateway would check it, and a forged one fails."""
    gateway, mail = RunningGateway(tmp_path), tmp_path / "mail.eml"
    with NameServer().running() as server:
        with gateway.config.open("a") as config:
            config.write(f"dns: {{servers: [127.0.0.1], port: {server.port}}}\n")
            config.write(f"senders: [{{name: anna, addresses: [{ANNA}], groups: [staff]}}]\n")
        signed = domain(server, "example.com").sign(signable(to="+48222000002@fax.localhost"))
        told = []
        unix = signed.replace(b"\r\n", b"\n")  # as a mail is saved
        for raw in (signed, unix, signed.replace(b"Hello", b"Hullo")):
            mail.write_bytes(raw)
            command = ["explain", str(mail), "-c", str(gateway.config), "--client", "192.0.2.1"]
            told.append(CliRunner().invoke(app, command))

    for good in told[:2]:
        assert good.exit_code == 0, good.output
        assert "Sender: anna, in staff (DKIM signature of example.com)" in good.output
    assert told[2].exit_code == 1
    assert "nothing proves that this mail is from example.com" in told[2].output


def test_a_mail_to_nobody_here_is_refused(faxgate: Explain) -> None:
    """With what would be right."""
    result = faxgate(text="From: a@b.c\nTo: d@e.f\n\nx\n")

    assert result.exit_code == 1
    assert "--rcpt" in result.output


def test_a_list_with_a_number_that_is_refused_is_refused(tmp_path: Path) -> None:
    """As at RCPT, where a list has one answer; another address of the mail has its own."""
    gateway, mail = RunningGateway(tmp_path), tmp_path / "mail.eml"
    mail.write_text(MAIL)
    with gateway.config.open("a") as config:
        config.write("address_book: [{name: all, numbers: [+48222000002, +48704123456]}]\n")
    command = ["explain", str(mail), "-c", str(gateway.config), "--json", "--rcpt"]
    rcpt = ["all@fax.localhost", "--rcpt", "+48222000003@fax.localhost"]
    said = json.loads(CliRunner().invoke(app, [*command, *rcpt]).stdout)

    assert [(to["number"], to["verdict"], to["rule"]) for to in said["recipients"]] == [
        ("+48222000002", "refuse", "address"),
        ("+48704123456", "refuse", "no premium numbers"),
        ("+48222000003", "allow", "everybody"),
    ]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_fax_in_the_queue_keeps_its_explanation(tmp_path: Path) -> None:
    """`queue show` tells of a fax that was sent why it went where it went."""
    gateway = RunningGateway(tmp_path)
    with gateway.started() as events:
        until(events, "watching")
        gateway.mail("Tell me why", pages=1)
        until(events, "fax sent")

    command = ["queue", "-c", str(gateway.config), "show", "1"]
    told = CliRunner().invoke(app, command)
    said = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)

    assert "Sender: 127.0.0.0/8 (127.0.0.1 is in smtp.networks)" in told.output
    assert "state: sent" in told.output
    assert re.search(r"\nCall 1: 20\S+ \S+, \d+ s, The page was confirmed", told.output)
    assert [call["outcome"] for call in said["calls"]] == ["sent"]
    (to,) = said["explanation"]["recipients"]
    assert (to["number"], to["verdict"], to["class"]) == ("+48222000002", "allow", "national")
    assert len(said["explanation"]["pages"]) == 1


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_what_was_sent_before_counts(tmp_path: Path) -> None:
    """The queue knows what a sender has used of a ceiling, and `explain` asks it."""
    gateway, mail = RunningGateway(tmp_path), tmp_path / "mail.eml"
    with gateway.config.open("a") as config:
        config.write("ceilings: [{name: daily, pages: 1}]\n")
    mail.write_text(MAIL, encoding="utf-8")
    command = ["explain", str(mail), "-c", str(gateway.config)]
    before = CliRunner().invoke(app, command).output
    with gateway.started() as events:
        until(events, "watching")
        gateway.mail("The first page of the day", pages=1)
        until(events, "fax sent")

    assert "allow by" in before
    assert "hold by 'daily'" in CliRunner().invoke(app, command).output
