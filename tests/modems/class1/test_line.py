from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from modems.class1 import Class1Dialler, Class1Line, ModemSettings, SerialModem
from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier
from tests.modems.class1.script import ScriptedModem

pytestmark = pytest.mark.virtual_time

DIAL = """
> ATDT1
< CONNECT
"""
CFR = Frame(bytes.fromhex("ff1384"))
DIS = Frame(bytes.fromhex("ff1380004e00"))
DATA = Modulation.V17_14400


async def on(script: str, use: Callable[[Class1Line], Awaitable[Any]]) -> Any:
    """What `use` makes of a line whose modem has dialled and then keeps to the script."""
    modem = ScriptedModem(DIAL + script)
    dialler = Class1Dialler(SerialModem(ModemSettings("/dev/modem", caller_id=False), modem.open))
    line = await dialler.dial("1")
    try:
        return await use(line)
    finally:
        assert modem.failure == ""
        assert modem.done


async def frames(line: Class1Line) -> list[Frame]:
    return await line.receive_frames(timeout=5)


async def page(line: Class1Line) -> bytes:
    return b"".join([chunk async for chunk in line.receive_page(DATA, timeout=5)])


FRAMES = {
    "the frame that CONNECT after a dial begins": ("<. ff1384 \n < OK", [CFR]),
    "frame after frame until the final one": (
        "<. ff0340 \n < OK \n > AT+FRH=3 \n < CONNECT \n <. ff1380004e00 \n < OK",
        [Frame(bytes.fromhex("ff0340")), DIS],
    ),
    "a frame whose DLE is doubled": (
        "<. ff13801003 \n < OK",
        [Frame(bytes.fromhex("ff13801003"))],
    ),
    "a damaged frame, and the good one after it": (
        "<: ff0340aaaa \n < ERROR \n > AT+FRH=3 \n < CONNECT \n <. ff1384 \n < OK",
        [Frame(bytes.fromhex("ff0340"), ok=False), CFR],
    ),
    "a modem that leaves the FCS out": ("<: ff1384 \n < OK", [CFR]),
    "a modem whose lines end in CR CR LF NUL": ("<: 0d0a00ff1384ea7d \n < OK", [CFR]),
    "a burst whose carrier ends early": (
        "<. ff0340 \n < OK \n > AT+FRH=3 \n < NO CARRIER",
        [Frame(bytes.fromhex("ff0340"))],
    ),
    "a burst that goes on in silence": (
        "<. ff0340 \n < OK \n > AT+FRH=3 \n wait 1.5 \n >! 18 \n < OK",
        [Frame(bytes.fromhex("ff0340"))],
    ),
    "noise before the frame": (
        "<| 1003 \n < NO CARRIER \n > AT+FRH=3 \n < NO CARRIER \n > AT+FRH=3 \n < CONNECT \n"
        "<. ff1384 \n < OK",
        [CFR],
    ),
    "a result where DLE ETX is owed": (
        "< NO CARRIER \n > AT+FRH=3 \n < CONNECT \n <. ff1384 \n < OK",
        [CFR],
    ),
    "a frame that hangs": (
        "<| ff13 \n wait 6 \n >! 18 \n <| 1003 \n < OK \n > AT+FRH=3 \n < NO CARRIER",
        [Frame(b"", ok=False)],
    ),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_frames(name: str) -> None:
    """A burst of V.21 is read to its end, whatever the modem does in it."""
    script, expected = FRAMES[name]

    assert await on(script, frames) == expected


NOTHING: dict[str, tuple[str, type[Exception]]] = {
    "no frame in time": ("wait 5.5 \n >! 18 \n < OK", NoCarrier),
    "another carrier": (
        "<| 1003 \n < NO CARRIER \n > AT+FRH=3 \n < +FCERROR",
        WrongCarrier,
    ),
    "a modem that finds a carrier in everything": (
        "<| 1003 \n < NO CARRIER \n" + "> AT+FRH=3 \n < CONNECT \n <| 1003 \n < NO CARRIER \n" * 53,
        NoCarrier,
    ),
    "a modem that is on-hook": ("<| 1003 \n < NO CARRIER \n > AT+FRH=3 \n < ERROR", CallDropped),
    "a modem that only says NO CARRIER": (
        "<| 1003 \n < NO CARRIER \n" + "> AT+FRH=3 \n < NO CARRIER \n" * 55,
        NoCarrier,
    ),
    "a port that goes away": ("unplug", CallDropped),
    "a modem that does not come back": (
        "wait 5.1 \n >! 18 \n > AT \n > AT",
        CallDropped,
    ),
}


@pytest.mark.parametrize("name", NOTHING)
async def test_no_frames(name: str) -> None:
    """What is heard instead of a burst is one of the three things that T.30 knows."""
    script, error = NOTHING[name]

    with pytest.raises(error):
        await on(script, frames)


PAGES = {
    "a page and the end of its carrier": (
        "> AT+FRM=145 \n < CONNECT \n <: 00112233 \n < NO CARRIER",
        "00112233",
    ),
    "+FCERROR while the carrier before is going": (
        "> AT+FRM=145 \n < +FCERROR \n > AT+FRM=145 \n < CONNECT \n <: 0011 \n < OK",
        "0011",
    ),
    "a page whose data stop": (
        "> AT+FRM=145 \n < CONNECT \n <| 0011 \n wait 5.5 \n >! 18 \n <| 1003 \n < OK",
        "0011",
    ),
}


@pytest.mark.parametrize("name", PAGES)
async def test_pages(name: str) -> None:
    """A page is what came until its carrier ended, however that was told."""
    script, octets = PAGES[name]

    assert await on(">! 18 \n < OK \n" + script, page) == bytes.fromhex(octets)


async def test_v21_instead_of_a_page() -> None:
    """A V.21 carrier that stays is no page; +FRH can take it up."""

    async def use(line: Class1Line) -> list[Frame]:
        with pytest.raises(WrongCarrier):
            await page(line)
        return await frames(line)

    script = (
        ">! 18 \n < OK \n > AT+FRM=145 \n wait 0.5 \n < +FCERROR \n"
        "> AT+FRH=3 \n < CONNECT \n <. ff1384 \n < OK"
    )
    assert await on(script, use) == [CFR]


async def test_adaptive_reception() -> None:
    """With +FAR=1 the modem is in +FRH=3 already when it reports the other carrier."""

    async def use(line: Class1Line) -> list[Frame]:
        with pytest.raises(WrongCarrier):
            await page(line)
        return await frames(line)

    script = ">! 18 \n < OK \n > AT+FRM=145 \n < +FRH:3 \n < CONNECT \n <. ff1384 \n < OK"
    assert await on(script, use) == [CFR]


async def test_frames_are_sent_one_by_one() -> None:
    """The modem says CONNECT for the next frame and OK after the final one."""

    async def use(line: Class1Line) -> None:
        await frames(line)
        await line.pause(0.075)
        await line.send_frames([Frame(b"\xff\x03\x43"), CFR])
        await line.pause(0.075)

    script = """<. ff1384
        < OK
        > AT+FRS=7
        < OK
        > AT+FTH=3
        < CONNECT
        >. ff 03 43
        < CONNECT
        >. ff 13 84
        < OK
        > AT+FTS=7
        < OK"""
    await on(script, use)


async def test_a_burst_without_end_is_cut() -> None:
    """Who sends frame after frame and no final one is listened to for 20 s, not for T1."""
    frame = "wait 0.6 \n <. ff0340 \n < OK \n > AT+FRH=3 \n < CONNECT \n"
    burst = await on(frame * 34, frames)

    assert len(burst) == 34


async def test_a_fast_burst_without_end_is_cut() -> None:
    """Who sends flags for ever on a fast carrier is listened to for as long as a block lasts."""
    flags = "wait 4 \n <| 7e7e7e \n" * 12
    script = f">! 18 \n < OK \n > AT+FRM=145 \n < CONNECT \n {flags} wait 3 \n >! 18 \n < OK"

    async def use(line: Class1Line) -> float:
        began = line.now()
        assert await line.receive_frames(timeout=5, on=DATA) == []
        return line.now() - began

    assert 45 < await on(script, use) < 52


async def test_silence_where_the_modem_cannot_hear_it() -> None:
    """Without +FRS the flags that end the far end's burst are counted into the pause."""

    async def use(line: Class1Line) -> None:
        await frames(line)
        await line.pause(0.075)
        await line.send_frames([CFR])
        await line.pause(0.075)

    script = """<. ff1384
        < OK
        > AT+FRS=7
        < ERROR
        > AT+FTS=12
        < OK
        > AT+FTH=3
        < CONNECT
        >. ff 13 84
        < OK
        > AT+FTS=7
        < OK"""
    await on(script, use)


async def test_a_tcf_is_sent() -> None:
    """A second and a half of zeros, at the carrier's rate."""
    script = ">! 18 \n < OK \n > AT+FTM=145 \n < CONNECT \n >: 2700 \n < OK"
    await on(script, lambda line: line.send_training(DATA))


async def test_a_page_is_sent_with_zeros_behind_it() -> None:
    """Some modems keep the last octets back, so that zeros follow the page."""
    script = ">! 18 \n < OK \n > AT+FTM=145 \n < CONNECT \n >. 10 11 13 1a 00 00 00 00 \n < OK"
    await on(script, lambda line: line.send_page(DATA, b"\x10\x11\x13\x1a"))


async def test_another_carrier_is_not_asked_about_without_a_pause() -> None:
    """A modem that says +FCERROR at once, again and again, is not flooded with +FRM."""
    asked = "> AT+FRM=145 \n < +FCERROR \n" * 16
    with pytest.raises(WrongCarrier):
        await on(">! 18 \n < OK \n" + asked, page)


SENDING = {
    "a modem that is on-hook": "> AT+FTM=145 \n < ERROR",
    "a carrier that does not come": "> AT+FTM=145 \n wait 9",
    "a modem that ends with NO CARRIER": "> AT+FTM=145 \n < CONNECT \n >: 2700 \n < NO CARRIER",
    "a modem that does not end": "> AT+FTM=145 \n < CONNECT \n >: 2700 \n wait 25",
    "a port that goes away": "> AT+FTM=145 \n < CONNECT \n unplug",
}


@pytest.mark.parametrize("name", SENDING)
async def test_what_cannot_be_sent_ends_the_call(name: str) -> None:
    """A modem that does not send has lost the call, in bounded time."""

    async def use(line: Class1Line) -> None:
        async with asyncio.timeout(60):
            with pytest.raises(CallDropped):
                await line.send_training(DATA)
        await asyncio.sleep(30)

    await on(">! 18 \n < OK \n" + SENDING[name], use)


async def test_silence_is_awaited_with_a_limit() -> None:
    """+FRS that hears no silence is given up after a minute."""
    script = ">! 18 \n < OK \n > AT+FRS=20 \n wait 61 \n >! 18 \n < OK"
    await on(script, lambda line: line.wait_for_silence(0.2))


async def test_the_line_is_hung_up_by_ath() -> None:
    """ATH ends a call, and nothing is said to the modem after it."""

    async def use(line: Class1Line) -> None:
        await line.hang_up()
        await line.hang_up()
        with pytest.raises(CallDropped):
            await frames(line)

    await on(">! 18 \n < OK \n > ATH0 \n < OK", use)


async def test_a_verb_that_was_cancelled_leaves_nothing_behind() -> None:
    """A cancelled verb is aborted in the modem before the next command."""

    async def use(line: Class1Line) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await frames(line)
        await line.hang_up()

    await on("wait 2 \n >! 18 \n < OK \n > ATH0 \n < OK", use)
