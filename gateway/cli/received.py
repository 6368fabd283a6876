"""`faxgate received`: the faxes that came in, and their pages."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    app,
    fail,
    read_config,
    run,
    show,
)
from gateway.config.model import Config
from gateway.onramp.compose import pdf_of
from gateway.storage import opened
from gateway.store.records import ReceivedFax

commands = typer.Typer(help="Show and fetch received faxes.", invoke_without_command=True)
app.add_typer(commands, name="received")


@commands.callback()
def list_received(
    context: typer.Context,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(help="At most so many, the newest.")] = 50,
) -> None:
    """Show the faxes that came in."""
    context.obj = config
    if context.invoked_subcommand is None:
        rows = map(asdict, run(_view(read_config(config), limit)))
        columns = ("Id", "Started at", "Caller", "Tsi", "Called", "Pages", "Complete", "Cause")
        show(rows, columns, as_json=as_json)


async def _view(settings: Config, limit: int) -> list[ReceivedFax]:
    async with opened(settings) as store:
        return await store.received_list(limit)


@commands.command("get")
def get(
    context: typer.Context,
    fax: Annotated[int, typer.Argument(help="The number in the first column.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="PDF file to write.")] = None,
) -> None:
    """Write a received fax as a PDF."""
    pdf = run(_pdf(read_config(context.obj), fax))
    if pdf is None:
        fail(f"There is no received fax {fax} with pages.")
    path = out or Path(f"fax-{fax}.pdf")
    path.write_bytes(pdf)
    print(path)


async def _pdf(settings: Config, fax: int) -> bytes | None:
    async with opened(settings) as store:
        received = await store.received(fax)
        pages = await store.received_pages(fax)
        return pdf_of(received, pages) if received and pages else None
