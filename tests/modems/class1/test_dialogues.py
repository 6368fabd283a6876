"""The dialogue files of T.30, our end on a Class 1 modem in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from modems.class1 import Answering, Class1Dialler, ModemSettings, SerialModem
from modems.simulated import Exchange, SimulatedDialler
from modems.simulated.signals import ANSWER_SILENCE, CED, TURN_ROUND
from modems.t30.line import Line
from tests.modems.class1.fake_modem import FakeModem
from tests.modems.t30.actor import Actor, playable
from tests.modems.t30.dialogue import FILES, read
from tests.modems.t30.engine import check, engine

OURS, THEIRS = "481", "482"
# The modem in memory says CONNECT when a burst has ended, not when its flags are heard: this one
# lasts longer than T4.
TOO_LONG = {"polled-with-password"}
PLAYED = [path for path in FILES if playable(read(path)) and path.stem not in TOO_LONG]


async def connected(*, calling: bool) -> tuple[Line, Line]:
    """Our end of a call, on the modem, and the far end, on the exchange's own line."""
    exchange = Exchange()
    modem = FakeModem(SimulatedDialler(exchange, OURS))
    serial = SerialModem(ModemSettings("/dev/modem"), modem.open)
    ours = Class1Dialler(serial, answering=Answering(rings=1))
    theirs = SimulatedDialler(exchange, THEIRS)
    if calling:
        return await asyncio.gather(ours.dial(THEIRS), _answered(theirs))
    return await asyncio.gather(_answered(ours), _dialled(theirs))


async def _answered(dialler: Class1Dialler | SimulatedDialler) -> Line:
    return await dialler.answer(await dialler.wait_for_call())


async def _dialled(dialler: SimulatedDialler) -> Line:
    line = await dialler.dial(OURS)
    await line.pause(ANSWER_SILENCE + CED + TURN_ROUND)
    return line


@pytest.mark.virtual_time
@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.stem)
async def test_dialogue(path: Path) -> None:
    """A call goes over a Class 1 modem as it goes over the scripted line."""
    dialogue = read(path)
    ours, theirs = await connected(calling=dialogue.calling)
    call = engine(dialogue, ours)

    async def our_end() -> None:
        report = await call.work
        await ours.hang_up()
        check(dialogue, report)

    await asyncio.gather(Actor(dialogue, theirs, data_pump=True).play(), our_end())
