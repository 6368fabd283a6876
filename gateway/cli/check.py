"""`faxgate check` and `faxgate hash-password`: what one does before `serve`."""

from __future__ import annotations

import getpass
import json
import sys
import tempfile
from pathlib import Path

import typer
from argon2 import PasswordHasher

from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, app
from gateway.config.load import check
from gateway.offramp.fence import fence_in
from gateway.offramp.isolate import Say, run_isolated

MEMORY = 4_000_000_000  # octets


@app.command("check")
def check_command(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check the configuration; every error with file, line and column."""
    problems = check(config)
    if as_json:
        print(json.dumps([str(problem) for problem in problems], indent=2))
    elif not problems:
        print(f"{config}: good")
        print(f"Documents are read behind these barriers: {'; '.join(barriers()) or 'none'}.")
    else:
        print("\n".join(str(problem) for problem in problems), file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


def barriers() -> list[str]:
    """What this kernel offers to keep strangers' documents in, tried out in a child."""
    with tempfile.TemporaryDirectory() as scratch:

        def child(say: Say) -> None:
            say("\n".join(fence_in(Path(scratch)).up).encode())

        said = run_isolated(child, memory=MEMORY, seconds=10, octets=10_000).said
    return said.decode("utf-8", "replace").splitlines()


@app.command("hash-password")
def hash_password() -> None:
    """Read a password and print the argon2 hash that `smtp.users` wants."""
    secret = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip()
    print(PasswordHasher().hash(secret))
