from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.clock import SystemClock
from gateway.config.documents import Documents
from gateway.events import Events
from gateway.offramp.render import Rendered
from gateway.offramp.rendering import REST, Rendering
from gateway.offramp.workers import NoWorker
from gateway.options import Options, read_options
from gateway.store import Store
from gateway.store.records import Job, NewMail, NewRecipient, Recipient, RecipientState
from tests.virtual_time import run

MAIL = NewMail("a@example.org", b"Subject: x\n\ntext", (NewRecipient("+48221@f", "+48221"),))


async def why(
    job: Job, to: Sequence[Recipient], rendered: Rendered, _now: datetime
) -> Mapping[str, Any]:
    """An explanation that tells what it was given."""
    return {"job": job.id, "to": [r.number for r in to], "refused": rendered.refused}


class Short:
    """A renderer on a machine that has no process to spare, the first times."""

    def __init__(self, times: int) -> None:
        self.times = times

    async def start(self) -> None:
        """Nothing to warm."""

    async def render(self, raw: bytes, options: Options, to: object, by: object) -> Rendered:
        """Refuse by policy once there is a worker, so that the end shows."""
        self.times -= 1
        if self.times >= 0:
            raise NoWorker("Cannot allocate memory")
        return Rendered((), (), "Nothing was sent.")


def test_a_mail_waits_for_a_process_to_render_it(tmp_path: Path) -> None:
    """While no worker can be started the mail stays as it is; afterwards it is rendered."""

    async def story() -> tuple[RecipientState, list[object]]:
        store = await Store.open(f"sqlite:///{tmp_path}/x.db")
        clock, events = SystemClock(), Events()
        rendering = Rendering(store, Short(2), Documents(), clock, events, why)  # type: ignore[arg-type]
        await store.accept(MAIL, clock.now())
        with events.watch() as told:
            task = asyncio.create_task(rendering.run())
            rests = []
            while (event := await told.get())["event"] != "fax failed":
                rests.append(event["rest"])
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        (recipient,) = await store.queue_view(1)
        await store.close()
        return recipient.state, rests

    assert run(story()) == (RecipientState.FAILED, [REST, REST])


def test_a_mail_that_asks_for_what_is_unknown_is_not_rendered(tmp_path: Path) -> None:
    """Nothing is sent otherwise than asked; the receipt is owed at once, and says why."""

    async def story() -> tuple[RecipientState, str, str]:
        store = await Store.open(f"sqlite:///{tmp_path}/x.db")
        clock, events = SystemClock(), Events()
        rendering = Rendering(store, Short(0), Documents(), clock, events, why)  # type: ignore[arg-type]
        raw = b"Subject: [fine, no covrs] x\n\ntext"
        mail = replace(MAIL, raw=raw, options=read_options(raw, clock.now()))
        await store.accept(mail, clock.now())
        with events.watch() as told:
            task = asyncio.create_task(rendering.run())
            while (await told.get())["event"] != "fax failed":
                pass
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        (recipient,) = await store.queue_view(1)
        await store.close()
        return recipient.state, recipient.status, recipient.cause

    state, status, cause = run(story())

    assert (state, status) == (RecipientState.FAILED, "5.5.4")
    assert cause == "Nothing was sent. [no covrs] is no option."
