"""A PostgreSQL of our own for the tests: a private directory, a Unix socket, no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peer import need_program

USER = "postgres"
SETTINGS = "-c fsync=off -c listen_addresses= -c unix_socket_directories="


def _program(name: str) -> str:
    """Debian keeps the server's programs off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else need_program(name, "postgresql")


def _run(*command: str) -> None:
    """Run as the user `postgres` where we are root, which the server refuses to serve."""
    as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, *command], check=True, cwd="/", timeout=60, stdout=subprocess.DEVNULL)


@contextmanager
def running() -> Iterator[str]:
    """A server; gives the URL of a database with `{}` in the place of its name."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    directory = tempfile.mkdtemp(prefix="faxgate-pg-")
    try:
        if os.geteuid() == 0:
            shutil.chown(directory, USER, USER)
        data, log = f"{directory}/data", f"{directory}/log"
        _run(initdb, "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        _run(control, "-D", data, "-l", log, "-w", "-o", SETTINGS + directory, "start")
        try:
            yield f"postgresql://{USER}@/{{}}?host={directory}"
        finally:
            _run(control, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory)
