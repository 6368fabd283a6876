from __future__ import annotations

import asyncio

import pytest

from modems.class1 import Answering, Class1Dialler, ModemSettings, SerialModem
from modems.line_terminal import LineTerminal
from modems.simulated import Exchange, SimulatedDialler
from modems.t30.dis import CORRECTING, Capabilities
from modems.terminal import CallReport, Identity
from tests.modems.class1.fake_modem import FakeModem
from tests.modems.class1.mannered import MANNERS
from tests.modems.documents import Charts, Keeper, chart

pytestmark = pytest.mark.virtual_time

LONGEST = 300.0  # s of the call


@pytest.mark.parametrize("can", [Capabilities(), CORRECTING], ids=["plain", "ECM"])
@pytest.mark.parametrize("manner", MANNERS)
async def test_every_manner_is_borne(manner: type[FakeModem], can: Capabilities) -> None:
    """However a modem puts it, pages pass between two of its kind, pel by pel."""
    exchange = Exchange()
    sender, receiver = (
        LineTerminal(
            Class1Dialler(
                SerialModem(
                    ModemSettings("/dev/modem"), manner(SimulatedDialler(exchange, number)).open
                ),
                answering=Answering(rings=1),
            ),
            can,
        )
        for number in ("481", "482")
    )
    document, keeper = Charts([chart(1, 300), chart(2, 300)]), Keeper()

    async def answer() -> CallReport:
        return await receiver.receive(await receiver.wait_for_call(), keeper, Identity("482"))

    answering = asyncio.create_task(answer())
    async with asyncio.timeout(LONGEST):
        await asyncio.sleep(60)  # until the slowest is set up
        sent = await sender.send("482", document, Identity("481"))
        received = await answering

    assert sent.succeeded, sent.trace
    assert received.succeeded, received.trace
    assert not sent.out_of_order
    assert [page.mmr for page in keeper.confirmed] == [page.mmr for page in document.pages]
