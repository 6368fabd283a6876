"""systemd/faxgate.service agrees with the program that it runs."""

from __future__ import annotations

from pathlib import Path

from gateway.app import DRAIN
from gateway.cli.common import DEFAULT_CONFIG

LINES = (Path(__file__).parent.parent / "systemd" / "faxgate.service").read_text().splitlines()
UNIT = dict(line.split("=", 1) for line in LINES if "=" in line and not line.startswith("#"))


def test_lock_files_of_ports_can_be_made() -> None:
    """Where everything else is read-only, the place of UUCP locks (/var/lock is a link) is not."""
    assert UNIT["ProtectSystem"] == "strict"
    assert "-/run/lock" in UNIT["ReadWritePaths"].split()


def test_a_stop_leaves_calls_their_time() -> None:
    """The kill comes after the gateway's own limit, and no child is told to stop before it."""
    assert float(UNIT["TimeoutStopSec"]) > DRAIN
    assert UNIT["KillMode"] == "mixed"


def test_what_is_checked_is_what_is_served() -> None:
    """Both commands are of one installation, on the file that is the default of all commands."""
    checked, served = UNIT["ExecStartPre"].split(), UNIT["ExecStart"].split()

    assert checked[0] == served[0]
    assert checked[1:] == ["check", "-c", str(DEFAULT_CONFIG)]
    assert served[1:] == ["serve", "-c", str(DEFAULT_CONFIG)]
