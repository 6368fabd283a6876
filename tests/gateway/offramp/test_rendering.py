from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.clock import SystemClock
from gateway.config.model import Documents
from gateway.events import Events
from gateway.offramp.render import Rendered
from gateway.offramp.rendering import REST, Rendering
from gateway.offramp.workers import NoWorker
from gateway.store import Store
from gateway.store.records import NewMail, NewRecipient, RecipientState
from tests.virtual_time import run

MAIL = NewMail("a@example.org", b"Subject: x\n\ntext", (NewRecipient("+48221@f", "+48221"),))


class Short:
    """A renderer on a machine that has no process to spare, the first times."""

    def __init__(self, times: int) -> None:
        self.times = times

    async def start(self) -> None:
        """Nothing to warm."""

    async def render(self, raw: bytes) -> Rendered:
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
        rendering = Rendering(store, Short(2), Documents(), clock, events)  # type: ignore[arg-type]
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
