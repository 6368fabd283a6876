from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from gateway.notebook import LIMIT, StoreNotebook
from gateway.store import Store, StoreUnavailable
from gateway.store.experience import Experiences, Learned
from modems.session import Hangup
from modems.t30.line import Modulation
from modems.t30.memory import EXPIRY, Experience, Memory, Note
from modems.terminal import CallReport

NUMBER = "+48222000002"
REFUSED = CallReport(Hangup.RSPREC_INVALID_TRANSMIT, "")


async def test_a_restart_forgets_nothing(url: str) -> None:
    """A machine that left during V.17 is called without it by the next process, for a week."""
    seconds = datetime.now(UTC).timestamp()
    store = await Store.open(url)
    await Memory(lambda: seconds, StoreNotebook(store.experience)).learn(
        NUMBER, REFUSED, Modulation.V17_14400
    )
    await store.close()

    store = await Store.open(url)
    memory = Memory(lambda: seconds, StoreNotebook(store.experience))
    known = await memory.recall(NUMBER)
    seconds += EXPIRY
    after_a_week = await memory.recall(NUMBER)
    await store.close()

    assert known == Experience(Modulation.V29_9600)
    assert after_a_week == Experience()


async def test_a_note_replaces_the_one_before(store: Store) -> None:
    """There is one note a number, and those that no longer count go away with the next."""
    notebook, now = StoreNotebook(store.experience), datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    first, second = Experience(Modulation.V29_7200, 1), Experience(Modulation.V27TER_4800, 2)

    await notebook.write(NUMBER, Note(now, first))
    await notebook.write("+1", Note(now, first))
    await notebook.write(NUMBER, Note(now + 5, second))
    assert await notebook.read(NUMBER) == Note(now + 5, second)
    assert await notebook.read("+1") == Note(now, first)

    await notebook.write("+2", Note(now + EXPIRY + 1, first))
    assert await notebook.read("+1") is None
    assert await notebook.read(NUMBER) is not None


async def test_a_modulation_of_another_version_is_no_note(store: Store) -> None:
    """A row that this version cannot read counts as none."""
    await store.experience.write(
        NUMBER, (datetime.now(UTC), "V34_33600", 0), datetime.min.replace(tzinfo=UTC)
    )

    assert await StoreNotebook(store.experience).read(NUMBER) is None


class _Troubled(Experiences):
    """A store that cannot, or that takes for ever."""

    def __init__(self, patience: float) -> None:
        self.patience = patience

    async def read(self, number: str) -> Learned | None:
        await asyncio.sleep(self.patience)
        raise StoreUnavailable(number)

    async def write(self, number: str, learned: Learned, forget: datetime) -> None:
        await asyncio.sleep(self.patience)
        raise StoreUnavailable(number)


@pytest.mark.virtual_time
@pytest.mark.parametrize("patience", [0.0, 60.0])
async def test_a_store_in_trouble_holds_no_call_up(patience: float) -> None:
    """Where the store cannot say in time what it knows, nothing is known, and the call goes on."""
    notebook, loop = StoreNotebook(_Troubled(patience)), asyncio.get_running_loop()
    began = loop.time()

    assert await notebook.read(NUMBER) is None
    await notebook.write(NUMBER, Note(0.0, Experience()))

    assert loop.time() - began <= 2 * LIMIT
