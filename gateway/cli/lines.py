"""`faxgate lines` and `faxgate health`: what each line does now, and whether all is well."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

import typer

from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, app, ask, cell, read_config, show


@app.command("lines")
def lines_command(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show every line of the running gateway and what it does."""
    answer = ask(read_config(config), "lines")
    if answer["trouble"]:
        print(f"No call is answered and no mail is taken: {answer['trouble']}", file=sys.stderr)
    rows = cast(list[Mapping[str, object]], answer["lines"])
    if not as_json:
        rows = [{**row, "since": datetime.fromisoformat(str(row["since"]))} for row in rows]
    show(rows, ("Name", "Number", "Use", "Since", "State"), as_json=as_json)


@app.command("health")
def health_command(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say whether the running gateway takes calls and mail; exit status 1 where it does not."""
    answer = ask(read_config(config), "health")
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_told(answer)))
    raise typer.Exit(0 if answer["well"] else 1)


def _told(answer: Mapping[str, object]) -> Iterator[str]:
    if answer["well"]:
        yield "All is well."
    if answer["trouble"]:
        since = cell(datetime.fromisoformat(str(answer["since"])))
        yield f"No call is answered and no mail taken since {since}: {answer['trouble']}"
    failed = cast(Mapping[str, str], answer["lines_out_of_order"])
    for name, why in failed.items():
        yield f"Line {name} is out of order: {why}"
