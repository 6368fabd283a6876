from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from gateway.cli.serve import Unfailing, is_journal, with_priority

PROGRAM = """
import logging, structlog
from gateway.cli.serve import log_to_stderr
log_to_stderr()
structlog.get_logger().info("fax received", complete=True, to="a b")
logging.getLogger("modems.pool").warning("line=%s failed", "modem")
logging.getLogger("library").info("nobody wants to know")
try:
    1 / 0
except ZeroDivisionError as error:
    structlog.get_logger().error("bug", exc_info=error)
"""


class FullDisk(io.StringIO):
    """A file that takes nothing."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_costs_nothing_else() -> None:
    """With no room left for the log the gateway goes on."""
    log = Unfailing(FullDisk())

    log.write("fax sent\n")
    log.flush()


def test_errors_are_errors_of_the_journal(tmp_path: Path) -> None:
    """Under systemd a line begins with its priority; anywhere else it does not."""
    with (tmp_path / "log").open("w") as log:
        place = os.fstat(log.fileno())
        ours = {"JOURNAL_STREAM": f"{place.st_dev}:{place.st_ino}"}

        assert is_journal(log, ours)
        assert not is_journal(log, {"JOURNAL_STREAM": "8:1"})
        assert not is_journal(io.StringIO(), ours)
    assert with_priority(None, "error", "event=bug") == "<3>event=bug"
    assert with_priority(None, "info", "event=ready") == "<6>event=ready"


def test_a_log_that_can_be_written_is() -> None:
    """What is logged is on the stream at once."""
    stream = io.StringIO()

    Unfailing(stream).write("fax sent\n")

    assert stream.getvalue() == "fax sent\n"


def test_every_line_of_the_log_is_one_event() -> None:
    """Key=value from the gateway, the modems and libraries alike, also where something broke."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, encoding="utf-8"
    )

    lines = [line.partition(" ")[2] for line in done.stderr.splitlines()]
    assert lines[:2] == [
        'level=info event="fax received" complete=true to="a b"',
        'level=warning event="line=modem failed" logger=modems.pool',
    ]
    assert lines[2].startswith("level=error event=bug exception=")
    assert "ZeroDivisionError: division by zero" in lines[2]
    assert len(lines) == 3
