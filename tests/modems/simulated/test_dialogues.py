"""The dialogue files of T.30, over the simulated line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from modems.simulated import Exchange
from tests.modems.simulated.telephones import connected
from tests.modems.t30.actor import Actor, playable
from tests.modems.t30.dialogue import FILES, read
from tests.modems.t30.engine import check, engine

PLAYED = [path for path in FILES if playable(read(path))]


@pytest.mark.virtual_time
@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.stem)
async def test_dialogue(path: Path) -> None:
    """A call goes over a line with real timing as it goes over the scripted one."""
    dialogue = read(path)
    ends = await connected(Exchange())
    ours, theirs = ends if dialogue.calling else reversed(ends)
    call = engine(dialogue, ours)

    async def our_end() -> None:
        report = await call.work
        await ours.hang_up()
        check(dialogue, report)

    await asyncio.gather(Actor(dialogue, theirs).play(), our_end())
