from __future__ import annotations

import asyncio

import pytest

from modems.class1 import Class1Dialler, Class1Line, ModemSettings, SerialModem
from modems.simulated import Exchange, SimulatedDialler
from tests.modems.class1.fake_modem import FakeModem
from tests.modems.conformance import LineConformance, Pair

pytestmark = pytest.mark.virtual_time


def dialler(exchange: Exchange, number: str) -> Class1Dialler:
    modem = FakeModem(SimulatedDialler(exchange, number))
    return Class1Dialler(SerialModem(ModemSettings("/dev/modem"), modem.open))


async def connected(exchange: Exchange) -> tuple[Class1Line, Class1Line]:
    """A call between two such modems."""
    calling, called = dialler(exchange, "481"), dialler(exchange, "482")

    async def answer() -> Class1Line:
        return await called.answer(await called.wait_for_call())

    dialling = asyncio.create_task(calling.dial("482"))
    line = await answer()
    return await dialling, line


class TestClass1Line(LineConformance):
    """A Class 1 line on a modem in memory."""

    tolerance = 0.2

    @pytest.fixture
    async def pair(self) -> Pair:
        """Both ends of a call between two modems."""
        return await connected(Exchange())
