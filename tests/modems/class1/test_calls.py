from __future__ import annotations

import asyncio

import pytest

from modems.class1 import Answering, Class1Dialler, ModemSettings, SerialModem
from modems.line_terminal import LineTerminal
from modems.session import DF, Hangup
from modems.simulated import Exchange, Fault, SimulatedDialler
from modems.t30.dis import CORRECTING, Capabilities
from modems.terminal import CallReport, Identity
from tests.modems.class1.fake_modem import FakeModem
from tests.modems.documents import Charts, Keeper, chart

pytestmark = pytest.mark.virtual_time

SENDER, RECEIVER = "481", "482"
USR = "U.S. Robotics 56K"
V29_ONLY = "24,48,72,96"


def terminal(
    exchange: Exchange,
    number: str,
    can: Capabilities,
    *,
    maker: str = "",
    fault: Fault | None = None,
) -> tuple[FakeModem, LineTerminal]:
    """A terminal on a modem in memory."""
    faults = [fault] if fault else []
    modem = FakeModem(SimulatedDialler(exchange, number, faults=faults))
    modem.instead = {"+FMI?": f"{maker}\r\n\r\nOK"} if maker else {}
    serial = SerialModem(ModemSettings("/dev/modem"), modem.open)
    dialler = Class1Dialler(serial, answering=Answering(rings=2))
    return modem, LineTerminal(dialler, can, clock=dialler.now)


async def call(
    can: Capabilities,
    *,
    pages: int = 1,
    maker: str = "",
    fault: Fault | None = None,
    carriers: tuple[str, str] = ("", ""),
) -> tuple[CallReport, CallReport, Charts, Keeper]:
    """A call between two such terminals: both reports, what was sent, what was kept."""
    exchange = Exchange()
    calling, sender = terminal(exchange, SENDER, can, maker=maker, fault=fault)
    called, receiver = terminal(exchange, RECEIVER, can, maker=maker)
    for modem, listed in zip((calling, called), carriers, strict=True):
        modem.instead |= {f"+{way}=?": f"{listed}\r\n\r\nOK" for way in ("FTM", "FRM")}
    document = Charts([chart(1 + n, 400) for n in range(pages)])
    keeper = Keeper()

    async def answer() -> CallReport:
        incoming = await receiver.wait_for_call()
        return await receiver.receive(incoming, keeper, Identity(RECEIVER))

    answering = asyncio.create_task(answer())
    sent = await sender.send(RECEIVER, document, Identity(SENDER))
    return sent, await answering, document, keeper


@pytest.mark.parametrize("maker", ["", USR], ids=["plain", "USR"])
@pytest.mark.parametrize("can", [Capabilities(), CORRECTING], ids=["plain", "ECM"])
async def test_pages_go_from_modem_to_modem(can: Capabilities, maker: str) -> None:
    """Two Class 1 modems carry pages pel by pel, with and without error correction."""
    sent, received, document, keeper = await call(can, pages=2, maker=maker)

    assert sent.succeeded, sent.trace
    assert received.succeeded, received.trace
    assert [page.mmr for page in keeper.confirmed] == [page.mmr for page in document.pages]
    assert received.number == SENDER
    assert sent.parameters is not None
    assert (sent.parameters.df is DF.MMR) == (can is CORRECTING)


@pytest.mark.parametrize(
    ("carriers", "bit_rate"),
    [
        ((V29_ONLY, ""), 9600),
        (("", V29_ONLY), 9600),
        (("24,48", "(24,48,72-74,96-98,121-122,145-146)"), 4800),
        (("1-9", "3"), 14400),
    ],
)
async def test_a_modem_of_few_carriers(carriers: tuple[str, str], bit_rate: int) -> None:
    """A call keeps to what both modems list, and a list without V.27ter is not believed."""
    sent, received, _, _ = await call(CORRECTING, carriers=carriers)

    assert sent.succeeded, sent.trace
    assert received.succeeded, received.trace
    assert sent.parameters is not None
    assert sent.parameters.br.bit_rate == bit_rate


async def test_a_line_that_breaks_in_a_page() -> None:
    """A call that is cut off ends on both sides with its phase, and nothing is confirmed."""
    fault = Fault("hang_up", page=1, after=0.5)
    sent, received, document, _ = await call(CORRECTING, fault=fault)

    assert not sent.succeeded
    assert not received.succeeded
    assert sent.status is not Hangup.NORMAL
    assert document.confirmed_pages == []


async def test_a_lost_answer_is_asked_for_again() -> None:
    """An MCF that is lost costs a repeated command, not a page."""
    fault = Fault("lose_frame", frame="MCF")
    sent, received, document, keeper = await call(Capabilities(), fault=fault)

    assert sent.succeeded, sent.trace
    assert received.succeeded, received.trace
    assert len(keeper.confirmed) == 1
    assert document.confirmed_pages == [0]
