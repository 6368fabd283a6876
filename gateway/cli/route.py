"""`faxgate route`: where a fax would go, and why; `faxgate junk`: whose faxes nobody wants."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, Steered, app, fail, read_config
from gateway.config.model import Config
from gateway.config.number_pattern import WITHHELD, is_number
from gateway.onramp import junk
from gateway.onramp.expect import at_the_gateway, line_for, what_becomes
from gateway.onramp.routing import Decision, Facts, Held, Routing, routing_of

FORMAT = "%Y-%m-%d %H:%M"

commands = typer.Typer(
    cls=Steered, help="Show and change the list of junk callers.", no_args_is_help=True
)
app.add_typer(commands, name="junk")

Entry = Annotated[str, typer.Argument(help="A number, +4870*, or 'tsi: NAME*'.")]


@app.command("route")
def route(
    config: ConfigPath = DEFAULT_CONFIG,
    called: Annotated[str, typer.Option(help="The called number.")] = "",
    caller: Annotated[str, typer.Option(help="The caller's number; withheld if empty.")] = "",
    line: Annotated[str, typer.Option(help="The line; by the called number if empty.")] = "",
    tsi: Annotated[str, typer.Option(help="What the sending machine calls itself.")] = "",
    subaddress: Annotated[str, typer.Option(help="The subaddress (SUB).")] = "",
    dtmf: Annotated[str, typer.Option(help="Digits that the caller has keyed in.")] = "",
    pages: Annotated[int, typer.Option(min=0, help="Pages that came.")] = 1,
    at: Annotated[str, typer.Option(help="When, as 2026-11-24 18:30; now if empty.")] = "",
    as_json: AsJson = False,
) -> None:
    """Explain which route a fax would take and why; nothing is received."""
    settings = read_config(config)
    routing = _routing(settings)
    called, caller = _number(called), _number(caller)
    found = line_for(settings, called, line)
    if found is None:
        fail("There is no line that receives with this number or name.")
    when = _moment(at, routing)
    facts = Facts(
        *(found.name, found.number, called or found.number, caller, when),
        *(tsi, subaddress, pages, dtmf),
    )
    final = what_becomes(facts, found, routing)
    held = list(routing.explained(facts))
    if as_json:
        print(json.dumps(_as_json(facts, final, held), indent=2, ensure_ascii=False))
    else:
        print("\n".join(_told(final, held)))


def _number(text: str) -> str:
    """A number, or nothing where it is withheld."""
    if not text or text == WITHHELD:
        return ""
    if not is_number(text):
        fail(f"{text!r} is no number; write one such as +48221234567.")
    return text


def _moment(at: str, routing: Routing) -> datetime:
    if not at:
        return datetime.now().astimezone(routing.zone)
    try:
        return at_the_gateway(datetime.strptime(at, FORMAT), routing.zone)
    except ValueError:
        fail(f"{at!r} is no time; write one such as 2026-11-24 18:30.")


def _routing(settings: Config) -> Routing:
    try:
        return routing_of(settings)
    except OSError as error:
        fail(f"faxgate: {error}")


def _as_json(facts: Facts, final: Decision, held: list[Held]) -> dict[str, Any]:
    return {
        "called": facts.called,
        "caller": facts.caller,
        "line": facts.line,
        "dtmf": facts.dtmf,
        "at": facts.at.isoformat(timespec="minutes"),
        "route": final.number,
        "name": final.name,
        "action": _action(final),
        "deliver": list(final.deliver),
        "reject": final.reject,
        "sealed": final.sealed,
        "routes": [
            {
                "route": each.decision.number,
                "name": each.decision.name,
                "holds": each.holds,
                "why": each.why,
            }
            for each in held
        ],
    }


def _action(decision: Decision) -> str:
    if decision.reject:
        return f"reject ({decision.reject})"
    return "deliver" if decision.deliver else "file"


def _told(final: Decision, held: list[Held]) -> list[str]:
    goes = ", ".join(final.deliver)
    how = ", encrypted," if final.sealed else ""
    lines = [f"{final.title}: {_action(final)}{how}{' to ' + goes if goes else ''}"]
    for each in held:
        mark = "*" if each.decision == final else "+" if each.holds else "-"
        why = each.why if each.holds else f"does not hold: {each.why}"
        lines.append(f" {mark} {each.decision.title}: {why}")
    return lines


@commands.callback()
def _junk(context: typer.Context, config: ConfigPath = DEFAULT_CONFIG) -> None:
    context.obj = config


def _list_of(context: typer.Context) -> Path:
    return read_config(context.obj).junk_list


@commands.command("add")
def add(context: typer.Context, entry: Entry) -> None:
    """Add a caller; a running gateway knows it at once."""
    try:
        new = junk.add(_list_of(context), entry)
    except (ValueError, OSError) as error:
        fail(f"faxgate: {error}")
    print("added" if new else "was there already")


@commands.command("remove")
def remove(context: typer.Context, entry: Entry) -> None:
    """Take a caller out of the list."""
    try:
        gone = junk.remove(_list_of(context), entry)
    except OSError as error:
        fail(f"faxgate: {error}")
    if not gone:
        fail(f"{entry} is not on the list.")


@commands.command("list")
def show_list(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the list."""
    try:
        found = junk.read(_list_of(context))
    except OSError as error:
        fail(f"faxgate: {error}")
    entries = [*found.numbers, *(f"tsi: {name}" for name in found.machines)]
    if as_json:
        print(json.dumps(entries, indent=2, ensure_ascii=False))
    else:
        print("\n".join([*entries, *(f"not understood: {line}" for line in found.unread)]))
