from __future__ import annotations

import asyncio

import pytest

from modems.class1 import Answering, Class1Dialler, ModemSettings, Numbering, SerialModem
from modems.dialler import DialFailed, IncomingCall
from modems.session import Dialled
from tests.modems.class1.script import ScriptedModem

pytestmark = pytest.mark.virtual_time


def modem_with(script: str) -> tuple[ScriptedModem, SerialModem]:
    scripted = ScriptedModem(script)
    return scripted, SerialModem(ModemSettings("/dev/modem", caller_id=False), scripted.open)


@pytest.mark.parametrize(
    ("answer", "dialled"),
    [
        ("BUSY", Dialled.BUSY),
        ("NO ANSWER", Dialled.NO_ANSWER),
        ("NO DIALTONE", Dialled.NO_DIALTONE),
        ("NO DIAL TONE", Dialled.NO_DIALTONE),
        ("NO CARRIER", Dialled.NO_CARRIER),
        ("VOICE", Dialled.VOICE),
        ("VCON", Dialled.VOICE),
        ("BLACKLISTED 01:00", Dialled.REFUSED),
        ("DELAYED 00:30", Dialled.REFUSED),
        ("ERROR", Dialled.LINE_FAULT),
    ],
)
async def test_what_the_modem_says_to_a_dial(answer: str, dialled: Dialled) -> None:
    """Each result of ATD has its cause, and the line is on-hook after it."""
    scripted, modem = modem_with(f"> ATDT1 \n < {answer} \n > ATH0 \n < OK")

    with pytest.raises(DialFailed) as failed:
        await Class1Dialler(modem).dial("1")
    assert failed.value.dialled is dialled
    assert scripted.done


async def test_a_dial_that_comes_to_nothing_ends() -> None:
    """After T0 the dial is aborted by a character, and the call counts as not answered."""
    scripted, modem = modem_with("> ATDT1 \n wait 66 \n >! 18 \n < NO CARRIER \n > ATH0 \n < OK")

    with pytest.raises(DialFailed) as failed:
        await Class1Dialler(modem).dial("1")
    assert failed.value.dialled is Dialled.NO_ANSWER
    assert scripted.done


async def test_a_cancelled_dial_hangs_up() -> None:
    """Who gives up a dial leaves no call behind."""
    scripted, modem = modem_with("> ATDT1 \n wait 5 \n >! 18 \n < OK \n > ATH0 \n < OK")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await Class1Dialler(modem).dial("1")
    assert scripted.done


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("+48 22 123-45-67", "T0221234567"),
        ("+491234", "T00491234"),
        ("123w#*", "T123W#*"),
        ("ring me", ""),
        ("", ""),
    ],
)
def test_how_numbers_are_dialled(number: str, dialled: str) -> None:
    """The first prefix that fits is replaced, and only what a modem dials goes to it."""
    assert Numbering((("+48", "0"), ("+", "00"))).dialled(number) == dialled


async def test_nothing_to_dial() -> None:
    """A number without a digit is not dialled."""
    scripted, modem = modem_with("")

    with pytest.raises(DialFailed) as failed:
        await Class1Dialler(modem).dial("-")
    assert failed.value.dialled is Dialled.NOT_IN_SERVICE
    assert scripted.done


async def test_a_ringing_call_says_who_calls() -> None:
    """The call is given at the ring that was asked for, with what came between the rings."""
    scripted, modem = modem_with("")
    dialler = Class1Dialler(modem, answering=Answering(rings=2, numbers={"B": "+482"}))
    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(5)
    scripted.port.say(b"\r\nRING B\r\n\r\nNMBR = 221234567\r\n")
    await asyncio.sleep(3)
    assert not waiting.done()
    scripted.port.say(b"\r\nRING B\r\n")

    assert await waiting == IncomingCall("+482", "221234567")


async def test_rings_that_stop_are_no_call() -> None:
    """A caller who hangs up after one ring of two is not waited for."""
    scripted, modem = modem_with("> ATA \n < CONNECT")
    dialler = Class1Dialler(modem, answering=Answering(rings=2))
    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(5)
    scripted.port.say(b"\r\nRING\r\n")
    await asyncio.sleep(20)
    scripted.port.say(b"\r\nRING\r\n")
    await asyncio.sleep(3)
    assert not waiting.done()
    scripted.port.say(b"\r\nRING\r\n")

    await dialler.answer(await waiting)
    assert scripted.done


async def test_an_idle_modem_is_asked_whether_it_lives() -> None:
    """A modem that waits for calls is reset when it does not answer any more."""
    scripted, modem = modem_with("")
    waiting = asyncio.create_task(Class1Dialler(modem).wait_for_call())
    await asyncio.sleep(5)
    scripted.port.unplug()
    with pytest.raises(Exception, match="unplugged"):
        await waiting


async def test_a_call_that_has_gone_is_not_answered() -> None:
    """A call that does not ring any more, or was left alone, is not answered."""
    scripted, modem = modem_with("")
    dialler = Class1Dialler(modem)
    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(5)
    scripted.port.say(b"\r\nRING\r\n")
    call = await waiting
    await asyncio.sleep(9)

    with pytest.raises(DialFailed):
        await dialler.answer(call)
    await dialler.reject(call)
    with pytest.raises(DialFailed):
        await dialler.answer(call)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("NO CARRIER", "the caller has hung up"),
        ("DATA", "a data modem called"),
        ("VCON", "the modem heard a voice"),
    ],
)
async def test_an_answer_that_fails(said: str, why: str) -> None:
    """The caller may have gone, or be no fax machine; one that is none is called what it is."""
    scripted, modem = modem_with(f"> ATA \n < {said} \n > ATH0 \n < OK")
    dialler = Class1Dialler(modem, answering=Answering(at_once=True, adaptive=True))

    with pytest.raises(DialFailed, match=why) as failed:
        await dialler.answer(await dialler.wait_for_call())
    assert ("not a fax" in failed.value.cause) is (said != "NO CARRIER")
    assert scripted.done


async def test_fax_before_connect() -> None:
    """With +FAE=1 the modem says FAX before CONNECT."""
    scripted, modem = modem_with("> ATA \n < FAX \n < CONNECT")
    dialler = Class1Dialler(modem, answering=Answering(at_once=True, adaptive=True))

    await dialler.answer(await dialler.wait_for_call())
    assert scripted.done


async def test_a_final_frame_after_connect_is_not_flow_control() -> None:
    """The first frame may be final: its 13 has to reach us, and XOFF is no more heeded by then."""
    scripted, modem = modem_with("> ATDT1 \n < CONNECT")
    await Class1Dialler(modem).dial("1")

    assert scripted.port.flow[-1] is False


async def test_a_call_left_ringing_keeps_its_caller() -> None:
    """Who calls is told once; rings that go on are still that caller's, and a new one is not."""
    scripted, modem = modem_with("")
    dialler = Class1Dialler(modem, answering=Answering(rings=2))
    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(5)
    scripted.port.say(b"\r\nRING\r\n\r\nNMBR = 221234567\r\n\r\nRING\r\n")
    assert await waiting == IncomingCall("", "221234567")
    await asyncio.sleep(5)

    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(5)
    scripted.port.say(b"\r\nRING\r\n\r\nRING\r\n")
    assert await waiting == IncomingCall("", "221234567")
    await asyncio.sleep(5)

    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(5)
    scripted.port.say(b"\r\nRING\r\n\r\nNMBR = 229999999\r\n\r\nRING\r\n")
    assert await waiting == IncomingCall("", "229999999")
    await asyncio.sleep(5)

    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(30)  # the rings have stopped
    scripted.port.say(b"\r\nRING\r\n\r\nRING\r\n")
    assert await waiting == IncomingCall()


async def test_each_call_has_its_own_number_of_rings() -> None:
    """By what is known of it: the number that rings, and the digits that were keyed in."""
    scripted, modem = modem_with("")
    answering = Answering(
        numbers={"A": "+481", "B": "+482"}, rings_of=lambda call: 3 if call.called == "+482" else 1
    )
    dialler = Class1Dialler(modem, answering=answering)
    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(5)
    scripted.port.say(b"\r\nRING B\r\n\r\nDTMF = 12\r\n\r\nRING B\r\n")
    await asyncio.sleep(3)
    assert not waiting.done()
    scripted.port.say(b"\r\nRING B\r\n")
    assert await waiting == IncomingCall("+482", dtmf="12")

    await asyncio.sleep(30)
    waiting = asyncio.create_task(dialler.wait_for_call())
    await asyncio.sleep(20)
    scripted.port.say(b"\r\nRING A\r\n")
    assert await waiting == IncomingCall("+481")
