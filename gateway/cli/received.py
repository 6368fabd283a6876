"""`faxgate received`: the faxes that came in, their pages, and where they went."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from gateway.cli.common import (
    DEFAULT_CONFIG,
    LARGEST,
    AsJson,
    ConfigPath,
    Steered,
    app,
    cell,
    fail,
    read_config,
    run,
    show,
    wake,
)
from gateway.config.model import Config
from gateway.config.types import check_mail_address
from gateway.onramp.expect import line_for
from gateway.onramp.routing import Decision, Facts, routing_of
from gateway.storage import opened
from gateway.store.readings import ReadPage
from gateway.store.records import Delivery, PageContent, ReceivedFax

commands = typer.Typer(
    cls=Steered, help="Show, fetch and redeliver received faxes.", invoke_without_command=True
)
app.add_typer(commands, name="received")

FaxId = Annotated[int, typer.Argument(min=1, max=LARGEST, help="The number in the first column.")]
PAGE_COLUMNS = (
    *("Page", "Size", "Resolution", "Rows", "Bad rows", "Came in", "Content", "Turned"),
    "Not read",
)
COLUMNS = ("Id", "Started at", "Caller", "Called", "Pages", "Complete", "Delivery", "Cause")


@commands.callback()
def received(
    context: typer.Context,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
    limit: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="At most so many, the newest.")
    ] = 50,
) -> None:
    """Show the faxes that came in."""
    context.obj = config
    if context.invoked_subcommand is None:
        _list(read_config(config), limit, as_json=as_json)


@commands.command("list")
def list_received(
    context: typer.Context,
    as_json: AsJson = False,
    limit: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="At most so many, the newest.")
    ] = 50,
    sender: Annotated[
        str, typer.Option("--from", help="Only where this is in the caller's number or TSI.")
    ] = "",
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="Only what somebody has not got.")
    ] = False,
) -> None:
    """Show the faxes that came in, and how they stand where they go worst."""
    _list(read_config(context.obj), limit, sender, undelivered=undelivered, as_json=as_json)


def _list(
    settings: Config, limit: int, sender: str = "", *, undelivered: bool = False, as_json: bool
) -> None:
    rows = run(_view(settings, limit, sender, undelivered=undelivered))
    for row in [] if as_json else rows:
        row["caller"] = row["caller"] or row["tsi"]
        if row["ended_at"] is None:
            row["complete"], row["cause"] = None, "The call is under way."
        elif row["complete"]:
            row["cause"] = ""  # all is said
    show(rows, COLUMNS, as_json=as_json)


async def _view(
    settings: Config, limit: int, sender: str, *, undelivered: bool
) -> list[dict[str, Any]]:
    async with opened(settings) as store:
        faxes = await store.received_list(limit, sender, undelivered=undelivered)
        states = await store.delivery_states(faxes)
    return [{**asdict(fax), "delivery": states.get(fax.id, "")} for fax in faxes]


@commands.command("show")
def show_one(context: typer.Context, fax: FaxId, as_json: AsJson = False) -> None:
    """Show one fax: its call, its pages, and how each delivery stands."""
    about = run(_about(read_config(context.obj), fax))
    if about is None:
        fail(f"There is no received fax {fax}.")
    if as_json:
        print(json.dumps(about, default=str, indent=2, ensure_ascii=False))
        return
    deliveries = about.pop("deliveries")
    pages = about.pop("page_list")
    about["replaces"] = ", ".join(f"fax {each['id']}" for each in about["replaces"])
    about["follows"] = f"fax {about['follows']['id']}" if about["follows"] else ""
    about["replaced_by"] = f"fax {about['replaced_by']}" if about["replaced_by"] else ""
    for key, value in about.items():
        if text := cell(value):
            print(f"{key.replace('_', ' ')}: {text}")
    print()
    show(pages, PAGE_COLUMNS, as_json=False)
    print()
    show(deliveries, ("To", "State", "Tries", "Due", "Ended at", "Error"), as_json=False)


async def _about(settings: Config, number: int) -> dict[str, Any] | None:
    async with opened(settings) as store:
        fax = await store.received(number)
        if fax is None:
            return None
        sheets = await store.sheets_at_rest(number)
        report = await store.received_report(number)
        read = {page.number: page for page in await store.readings.texts(number)}
        return {
            **asdict(fax),
            "text": await store.readings.state(number),
            "parameters": str(report.parameters) if report and report.parameters else "",
            "page_list": [
                {
                    "page": place,
                    "size": f"{sheet.page.width} x {sheet.page.height}",
                    "resolution": "{} x {}".format(*sheet.page.vr.dpi),
                    "rows": sheet.quality.rows,
                    "bad_rows": sheet.quality.bad_rows,
                    "came_in": f"fax {sheet.fax}, page {sheet.page.number}",
                    "content": _content(fax, place).value,
                    **_read(read.get(place)),
                }
                for place, sheet in enumerate(sheets, 1)
            ],
            "deliveries": [asdict(each) for each in await store.deliveries(number)],
        }


def _content(fax: ReceivedFax, place: int) -> PageContent:
    """What the page at this place shows."""
    if place in fax.blank:
        return PageContent.BLANK
    return PageContent.HEADER_ONLY if place in fax.header_only else PageContent.INK


def _read(text: ReadPage | None) -> dict[str, Any]:
    """What is known of a page's text; nothing of one that was not read."""
    if text is None:
        return {"turned": None, "not_read": ""}
    return {"turned": text.turned, "not_read": text.problem}


@commands.command("redeliver")
def redeliver(
    context: typer.Context,
    fax: FaxId,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="A mail address or target; where it went before if not given."),
    ] = None,
) -> None:
    """Deliver a fax again, also where it has been delivered."""
    settings = read_config(context.obj)
    before = run(_deliveries(settings, fax))
    if before is None:
        fail(f"There is no received fax {fax}.")
    _owe(settings, fax, to or [each.to for each in before])


async def _deliveries(settings: Config, fax: int) -> list[Delivery] | None:
    async with opened(settings) as store:
        there = await store.received(fax) is not None
        return await store.deliveries(fax) if there else None


@commands.command("reroute")
def reroute(context: typer.Context, fax: FaxId) -> None:
    """Deliver a fax where today's routes send it."""
    settings = read_config(context.obj)
    decision = run(_decided(settings, fax))
    if decision is None:
        fail(f"There is no received fax {fax}.")
    if not decision.deliver:
        fail(f"By {decision.title} it goes nowhere.")
    print(f"{decision.title}:")
    _owe(settings, fax, decision.deliver, sealed=decision.sealed)


async def _decided(settings: Config, number: int) -> Decision | None:
    async with opened(settings) as store:
        fax = await store.received(number)
    if fax is None:
        return None
    line = line_for(settings, fax.called, fax.line)
    facts = Facts(
        fax.line,
        line.number if line else "",
        fax.called,
        fax.caller,
        fax.started_at,
        fax.tsi,
        fax.subaddress,
        fax.pages,
        fax.dtmf,
    )
    return routing_of(settings).final(facts)


def _owe(settings: Config, fax: int, targets: Sequence[str], *, sealed: bool = False) -> None:
    """Queue the deliveries, and tell a running gateway."""
    for to in targets:
        if "@" in to:
            _checked(to)
    unknown = [to for to in targets if "@" not in to and to not in settings.targets]
    if unknown:
        fail(f"There is no target {unknown[0]!r} in the configuration.")
    if not targets:
        fail(f"Fax {fax} has gone nowhere before; say where with --to.")
    waited = run(_owed(settings, fax, targets, sealed=sealed))
    if waited is None:
        fail(f"Fax {fax} has no pages, or its call has not ended.")
    wake(settings)
    for to in dict.fromkeys(targets):
        print(f"fax {fax} to {to}: {'was queued already' if to in waited else 'queued'}")


def _checked(address: str) -> None:
    try:
        check_mail_address(address)
    except ValueError as error:
        fail(str(error))


async def _owed(
    settings: Config, fax: int, targets: Sequence[str], *, sealed: bool
) -> list[str] | None:
    async with opened(settings) as store:
        return await store.deliver_again(fax, targets, datetime.now(UTC), sealed=sealed)


@commands.command("delete")
def delete(context: typer.Context, fax: FaxId) -> None:
    """Delete a fax with its pages and its record; only when every delivery has ended."""
    why = run(_deleted(read_config(context.obj), fax))
    if why:
        fail(why)
    print(f"fax {fax}: deleted")


async def _deleted(settings: Config, number: int) -> str:
    """Delete it; why not, where it is not."""
    async with opened(settings) as store:
        fax = await store.received(number)
        if fax is None:
            return f"There is no received fax {number}."
        if await store.retention.delete_received(number, datetime.now(UTC)):
            return ""
        if fax.ended_at is None:
            return f"The call of fax {number} has not ended."
        owed = [each.to for each in await store.deliveries(number) if each.ended_at is None]
        if owed:
            return f"Fax {number} is still to be delivered to {', '.join(dict.fromkeys(owed))}."
        return f"Its pages are part of fax {fax.replaced_by}; delete that first."
