from __future__ import annotations

import io

from gateway.cli.serve import Unfailing


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


def test_a_log_that_can_be_written_is() -> None:
    """What is logged is on the stream at once."""
    stream = io.StringIO()

    Unfailing(stream).write("fax sent\n")

    assert stream.getvalue() == "fax sent\n"
