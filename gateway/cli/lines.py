"""`faxgate lines`: what each line does now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, app, ask, read_config, show


@app.command("lines")
def lines_command(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show every line of the running gateway and what it does."""
    answer = ask(read_config(config), "lines")
    rows = cast(list[Mapping[str, object]], answer["lines"])
    show(rows, ("Name", "Number", "Use", "State", "Since"), as_json=as_json)
