"""`faxgate queue`: what is waiting, under way and done, and what an administrator may do to it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from gateway.admission.placing import Placement, Placing
from gateway.admission.policy import Word
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
from gateway.explain.explanation import Explanation
from gateway.explain.text import lines
from gateway.offramp.rendering import predicted_seconds
from gateway.paper import as_pdf
from gateway.storage import opened
from gateway.store.placing import TakenUp
from gateway.store.records import Attempt, Recipient, RecipientState

Call = dict[str, Any]

commands = typer.Typer(
    cls=Steered, help="Show and steer the faxes to send.", invoke_without_command=True
)
app.add_typer(commands, name="queue")

RecipientId = Annotated[
    int, typer.Argument(min=1, max=LARGEST, help="The number in the first column.")
]


@commands.callback()
def list_queue(
    context: typer.Context,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
    limit: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="At most so many, the newest.")
    ] = 50,
) -> None:
    """Show every recipient: its state, its next try, and why the last one failed."""
    context.obj = config
    if context.invoked_subcommand is None:
        rows = map(_row, run(_view(read_config(config), limit)))
        columns = ("Id", "Job", "Number", "State", "Pages", "Tries", "Due", "Sender", "Cause")
        show(rows, columns, as_json=as_json)


async def _view(settings: Config, limit: int) -> list[Recipient]:
    async with opened(settings) as store:
        return await store.queue_view(limit)


def _row(recipient: Recipient) -> dict[str, object]:
    """A recipient as people read it: one that waits for another try is deferred."""
    waits = recipient.state is RecipientState.QUEUED
    deferred = waits and recipient.tries > 0
    return {
        **asdict(recipient),
        "state": "deferred" if deferred else recipient.state.value,
        "pages": f"{recipient.pages_confirmed}/{recipient.pages}" if recipient.pages else "",
        "due": recipient.due if waits else None,
    }


@commands.command("show")
def show_one(context: typer.Context, recipient: RecipientId, as_json: AsJson = False) -> None:
    """Show one fax, its calls, and why it goes so: sender, rules, parts, pages, seconds."""
    found = run(_explained(read_config(context.obj), recipient))
    if found is None:
        fail(f"There is no fax {recipient}.")
    fax, calls, explanation = found
    if as_json:
        more = {"calls": calls, "explanation": explanation and explanation.public()}
        print(json.dumps({**_row(fax), **more}, default=str, indent=2))
        return
    for name, value in _row(fax).items():
        if text := cell(value):
            print(f"{name.replace('_', ' ')}: {text}")
    for call in calls:
        took = "" if call["seconds"] is None else f"{call['seconds']:.0f} s, "
        print(
            f"Call {call['number']}: {cell(call['started_at'])}, {took}{call['cause'] or 'calling'}"
        )
    if explanation:
        print("\n".join(lines(explanation)))
    else:
        print("Why is no longer known." if fax.pages else "It has not been rendered yet.")


def _refuse(settings: Config, number: int, why: str) -> NoReturn:
    """What a recipient is not, and what it is."""
    fax = run(_one(settings, number))
    if fax is None:
        fail(f"There is no fax {number}.")
    bare = ", and has no pages" if fax.state is RecipientState.FAILED and not fax.pages else ""
    fail(f"Recipient {number} {why}: it is {_row(fax)['state']}{bare}.")


async def _one(settings: Config, number: int) -> Recipient | None:
    async with opened(settings) as store:
        return await store.recipient(number)


async def _explained(
    settings: Config, number: int
) -> tuple[Recipient, list[Call], Explanation | None] | None:
    async with opened(settings) as store:
        fax = await store.recipient(number)
        if fax is None:
            return None
        calls = [_call(attempt) for attempt in await store.attempts(number)]
        content = await store.explanation(fax.job)
        return fax, calls, Explanation.from_json(content) if content else None


def _call(attempt: Attempt) -> Call:
    """One call: when, how long, and how it ended."""
    return {
        "number": attempt.number,
        "started_at": attempt.started_at,
        "seconds": attempt.report and attempt.report.seconds,
        "outcome": attempt.outcome.value,
        "cause": attempt.cause,
    }


@commands.command("retry")
def retry(context: typer.Context, recipient: RecipientId) -> None:
    """Call a failed or waiting recipient now, from the first page it did not confirm."""
    settings = read_config(context.obj)
    taken = run(_retry(settings, recipient))
    if taken is None:
        _refuse(settings, recipient, "is not one that can be tried again")
    if taken.due is None:
        fail(taken.refused)
    wake(settings)
    print(f"Recipient {recipient}: due {taken.due.astimezone():%Y-%m-%d %H:%M}")


async def _retry(settings: Config, recipient: int) -> TakenUp | None:
    async with opened(settings) as store:
        fax = await store.recipient(recipient)
        pages = await store.pages(fax.job) if fax else []
        left = pages[fax.pages_confirmed :] if fax else []
        seconds = predicted_seconds(left) if left else 0.0
        return await store.retry_now(recipient, datetime.now(UTC), Placing.of(settings), seconds)


@commands.command("confirm")
def confirm(context: typer.Context, recipient: RecipientId) -> None:
    """Let a held fax go, in its sender's place."""
    settings = read_config(context.obj)
    placed = run(_confirm(settings, recipient))
    if placed is None:
        _refuse(settings, recipient, "is not held")
    if placed.word is Word.REFUSE:
        fail(f"{placed.reason} (rule: {placed.rule})")
    wake(settings)
    print(f"Recipient {recipient}: due {placed.due.astimezone():%Y-%m-%d %H:%M}")


async def _confirm(settings: Config, recipient: int) -> Placement | None:
    async with opened(settings) as store:
        fax = await store.recipient(recipient)
        pages = await store.pages(fax.job) if fax else []
        if not pages:
            return None
        judge, now = Placing.of(settings), datetime.now(UTC)
        return await store.confirm(recipient, None, judge, predicted_seconds(pages), now)


@commands.command("cancel")
def cancel(context: typer.Context, recipient: RecipientId) -> None:
    """Take a waiting recipient out of the queue; a call under way is not cut."""
    settings = read_config(context.obj)
    if not run(_cancel(settings, recipient)):
        _refuse(settings, recipient, "is not waiting")
    wake(settings)
    print(f"Recipient {recipient}: cancelled")


async def _cancel(settings: Config, recipient: int) -> bool:
    async with opened(settings) as store:
        return await store.cancel(recipient, datetime.now(UTC))


@commands.command("get")
def get(
    context: typer.Context,
    recipient: RecipientId,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="PDF file to write.")] = None,
) -> None:
    """Write the pages of a fax as a PDF, as they are sent."""
    pdf = run(_pdf(read_config(context.obj), recipient))
    if pdf is None:
        fail(f"There is no fax {recipient} with pages, or they have been deleted.")
    path = out or Path(f"fax-{recipient}.pdf")
    try:
        path.write_bytes(pdf)
    except OSError as error:
        fail(f"{path}: {error.strerror or error}")
    print(path)


async def _pdf(settings: Config, number: int) -> bytes | None:
    async with opened(settings) as store:
        fax = await store.recipient(number)
        if fax is None or not await store.pages(fax.job):
            return None
        pages = [await store.page(fax.job, page) for page in range(1, fax.pages + 1)]
        return as_pdf(pages, f"Fax {number} to {fax.number}", fax.accepted_at)
