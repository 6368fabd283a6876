"""What the commands share: the configuration option, the control socket, tables and JSON."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from gateway.control import SOCKET
from gateway.store import StoreError

if TYPE_CHECKING:
    from gateway.config.model import Config

T = TypeVar("T")

app = typer.Typer(
    help="Email-to-fax and fax-to-email gateway.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(highlight=False)

ConfigPath = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="FAXGATE_CONFIG", help="The gateway's YAML file."),
]
DEFAULT_CONFIG = Path("/etc/faxgate/gateway.yaml")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
LONGEST = 400  # characters of a value
LARGEST = 2**31 - 1  # number of a fax, and of rows that are listed


def fail(message: str) -> NoReturn:
    """Say on stderr what went wrong, and exit with 1."""
    print(message, file=sys.stderr)
    raise typer.Exit(1)


def read_config(path: Path) -> Config:
    """The checked configuration; its errors go to stderr as file:line:column lines."""
    from gateway.config.load import ConfigError, load  # slow, and not every command needs it

    try:
        return load(path)
    except ConfigError as error:
        fail(str(error))


def run(work: Coroutine[object, object, T]) -> T:
    """Run one command's asynchronous part; a store that cannot be used exits with 1."""
    try:
        return asyncio.run(work)
    except (StoreError, OSError) as error:
        fail(f"faxgate: {error}")


@contextmanager
def asked(
    config: Config, command: str, **fields: object
) -> Iterator[Iterator[Mapping[str, object]]]:
    """The answer lines of the running gateway to one control command.

    Raises OSError when no gateway listens at the state directory's socket.
    """
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(config.state / SOCKET))
        link.sendall(json.dumps({"command": command, **fields}).encode() + b"\n")
        with link.makefile("rb") as answers:
            yield (json.loads(line) for line in answers)


def ask(config: Config, command: str, **fields: object) -> Mapping[str, object]:
    """One answer of the running gateway; exits with 1 when none runs."""
    try:
        with asked(config, command, **fields) as answers:
            return next(answers)
    except (OSError, StopIteration):
        fail(f"No gateway answers at {config.state / SOCKET}; start one with 'faxgate serve'.")


def wake(config: Config) -> None:
    """Tell a running gateway that the store has something new; without one nothing is lost."""
    try:
        with asked(config, "wake") as answers:
            next(answers)
    except (OSError, StopIteration):
        return


def show(rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows as a table of `columns`, or all of their fields as a JSON list."""
    rows = list(rows)
    if as_json:
        print(json.dumps(rows, default=str, indent=2, ensure_ascii=False))
        return
    if rows:
        names = [column.lower().replace(" ", "_") for column in columns]
        _table([list(columns), *([cell(row.get(name)) for name in names] for row in rows)])
    else:
        print("Nothing.")


def _table(lines: list[list[str]]) -> None:
    """Columns as wide as they must be: nothing is cut, and only a terminal breaks what is long."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        text = Text("  ".join(padded).rstrip(), style="" if number else "bold")
        console.print(text, soft_wrap=True)


def cell(value: object) -> str:
    """A value as people read it; what came from outside cannot steer their terminal."""
    from gateway.words import printable  # not every command needs it

    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(cell, value))
    return "" if value is None else printable(str(value), LONGEST)


class Steered(TyperGroup):
    """A group of commands about one gateway: `-c FILE` may stand anywhere, as with all others."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The same, with the configuration at its place."""
        return super().parse_args(ctx, _config_first(args))


def _config_first(arguments: Iterable[str]) -> list[str]:
    config: list[str] = []
    others: list[str] = []
    left = iter(arguments)
    for each in left:
        if each in {"-c", "--config"}:
            config += [each, *islice(left, 1)]
        elif each.startswith("--config="):
            config.append(each)
        elif each == "--":
            others += [each, *left]
        else:
            others.append(each)
    return config + others
