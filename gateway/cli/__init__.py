"""The command `faxgate`: what an administrator types.

Each command is a module that registers itself on `app`. Where a command lists something, `--json`
prints the same for programs. Exit status: 0 done, 1 it did not go well (and why on stderr), 2 the
command line itself was wrong.
"""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Annotated

import typer

from gateway.cli.common import app

BY_HAND = "line"
INTERRUPTED = 130  # exit status: 128 and the number of SIGINT


def _version(wanted: bool) -> None:
    if wanted:
        print(f"faxgate {metadata.version('faxgate')}")
        raise typer.Exit


@app.callback()
def faxgate(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Email-to-fax and fax-to-email gateway."""


def main() -> None:
    """Run the command line. Whoever interrupts it while it is still being loaded is not scolded."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run() -> None:
    if sys.argv[1:2] == [BY_HAND]:  # is quick to start, and needs nothing of the gateway
        from gateway.cli import line
    else:
        from gateway.cli import (  # noqa: F401
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

    app()
