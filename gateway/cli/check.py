"""`faxgate check` and `faxgate hash-password`: what one does before `serve`."""

from __future__ import annotations

import getpass
import json
import sys

import typer
from argon2 import PasswordHasher

from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, app
from gateway.config.load import check


@app.command("check")
def check_command(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check the configuration; every error with file, line and column."""
    problems = check(config)
    if as_json:
        print(json.dumps([str(problem) for problem in problems], indent=2))
    elif not problems:
        print(f"{config}: good")
    else:
        print("\n".join(str(problem) for problem in problems), file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@app.command("hash-password")
def hash_password() -> None:
    """Read a password and print the argon2 hash that `smtp.users` wants."""
    secret = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip()
    print(PasswordHasher().hash(secret))
