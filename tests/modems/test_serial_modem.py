from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from modems.at import ModemFailure, ModemRefused
from modems.modem_setup import ModemSettings, carriers
from modems.port import Port, PortLost
from modems.results import Result
from modems.serial_modem import SerialModem
from tests.modems.class1.memory_port import MemoryPort

pytestmark = pytest.mark.virtual_time

SAID = {"AT+FMI?": "CONEXANT", "AT+FMM?": "CX93001", "AT+FCLASS=?": "0,1,1.0,2"}


class Modem:
    """Answers OK, once it is in the mood; `deaf` until DTR, a new port, or never."""

    def __init__(self, deaf: Callable[[Modem], bool] = lambda _: False) -> None:
        self.deaf = deaf
        self.said: list[str] = []
        self.refuses: set[str] = set()
        self.opened = 0
        self.gone = self.in_data = False
        self.profile = ""  # what ATZ brings back of E1, V0 and Q1
        self.now = ""  # what of it holds
        self.stubborn = False  # V1 and E0 do nothing
        self.classes = SAID["AT+FCLASS=?"]
        self.dcd: bool | None = None
        self.wired = True  # DTR
        self.port: MemoryPort

    async def open(self) -> Port:
        if self.gone:
            raise PortLost("there is no such device")
        self.opened += 1
        self.port = MemoryPort(self._heard, dtr=self.wired)
        self.port.dcd, self.now = self.dcd, self.profile
        return self.port

    def opened_with(self, *, dcd: bool) -> None:
        """What DCD shows when the port is opened."""
        self.dcd = dcd

    def _heard(self, octets: bytes) -> None:
        if octets == b"+++":
            self.in_data = False
        for line in octets.decode("latin1").split("\r"):
            command = line.lstrip("\x03\x10\x18+")
            if command and not self.deaf(self):
                self.said.append(command)
                self._answer(command)

    def _answer(self, command: str) -> None:
        if command == "ATZ":
            self.now = self.profile
        elif "V1" in command and not self.stubborn:
            self.now = ""
        said = SAID | {"AT+FCLASS=?": self.classes}
        answer = "ERROR" if command in self.refuses else "OK"
        words = f"\r\n{said[command]}\r\n" if command in said else ""
        number = {"OK": "0\r", "ERROR": "4\r"}[answer]
        answer = number if "V0" in self.now else f"\r\n{answer}\r\n"
        echo = f"{command}\r" if "E1" in self.now else ""
        if "Q1" not in self.now:
            self.port.say(f"{echo}{words}{answer}".encode())

    def serial(self, **settings: object) -> SerialModem:
        return SerialModem(ModemSettings("/dev/modem", **settings), self.open)  # type: ignore[arg-type]


async def test_a_modem_is_reset_identified_and_set_up() -> None:
    """Once it is ready, we know what it is and it knows what we want; asking again is one AT."""
    modem = Modem()
    serial = modem.serial(init=("M0", "L1"))
    await serial.ready()

    assert serial.identity.model == "CX93001"
    assert serial.identity.classes == {"0", "1", "1.0", "2"}
    assert serial.identity.fax_class == "1"
    assert serial.identity.quirks.name == "Conexant"
    assert modem.said[:2] == ["AT", "ATZ"]
    assert modem.said[-2:] == ["ATM0", "ATL1"]
    assert "AT+VCID=1" in modem.said
    modem.said.clear()
    await serial.ready()
    assert modem.said == ["AT"]


async def test_flow_control_is_set_again_after_the_class() -> None:
    """Some modems go back to XON/XOFF at +FCLASS=1."""
    modem = Modem()
    serial = modem.serial()
    await serial.set_class(await serial.ready())

    asked = modem.said.index("AT+FCLASS=1")
    assert modem.said[asked + 1] == "AT&K4"


LADDER: dict[str, tuple[Callable[[Modem], bool], int, int]] = {
    "DTR": (lambda m: m.port.dtr_drops == 0, 1, 1),
    "a new port": (lambda m: m.opened == 1, 2, 0),
}


@pytest.mark.parametrize("rung", LADDER)
async def test_a_deaf_modem_is_woken(rung: str) -> None:
    """A modem that does not answer is reset by DTR, then by opening its port anew."""
    deaf, opened, drops = LADDER[rung]
    modem = Modem(deaf)
    await modem.serial().ready()

    assert (modem.opened, modem.port.dtr_drops) == (opened, drops)


async def test_a_dead_modem_is_given_up_in_time() -> None:
    """After the last rung the failure says what is wrong, within a minute, and the port is free."""
    modem = Modem(lambda _: True)
    serial = modem.serial()
    async with asyncio.timeout(60):
        with pytest.raises(ModemFailure, match="nothing answers AT"):
            await serial.ready()

    assert modem.port.closed


async def test_a_modem_that_was_plugged_in_again_works() -> None:
    """Each attempt begins anew, so a modem may come back."""
    modem = Modem()
    serial = modem.serial()
    await serial.ready()
    modem.port.unplug()
    await serial.ready()

    assert modem.opened == 2


async def test_a_port_that_cannot_be_had_says_why() -> None:
    """The reason comes from whoever opens the port."""

    async def taken() -> Port:
        raise PortLost("process 1 has the port")

    with pytest.raises(PortLost, match="process 1"):
        await SerialModem(ModemSettings("/dev/modem"), taken).ready()


async def test_an_init_command_that_is_refused_is_named() -> None:
    """The administrator's own commands must be right."""
    modem = Modem()
    modem.refuses = {"AT*X"}

    with pytest.raises(ModemFailure, match=r"ERROR to AT\*X"):
        await modem.serial(init=("*X",)).ready()


async def test_hanging_up_is_seen_to_happen() -> None:
    """ATH counts when it is answered; else DTR; else a port opened anew; else nobody knows."""
    modem = Modem()
    serial = modem.serial()
    assert await serial.hang_up()
    await serial.ready()
    assert await serial.hang_up()
    assert modem.said[-1] == "ATH0"

    modem.deaf = lambda m: m.port.dtr_drops == 0
    assert await serial.hang_up()
    assert modem.port.dtr_drops == 1
    assert not serial.fits

    modem.deaf = lambda m: m.opened == 1
    assert await serial.hang_up()
    assert modem.opened == 2

    modem.deaf = lambda _: True
    async with asyncio.timeout(30):  # of which the terminal's own limit is made
        assert not await serial.hang_up()
    assert not serial.hung_up
    assert modem.port.closed


async def test_a_carrier_that_stays_denies_the_hang_up() -> None:
    """Where DCD told the truth before the call, OK alone is not believed after it."""
    modem = Modem()
    serial = modem.serial()
    modem.opened_with(dcd=False)
    await serial.ready()
    modem.port.dcd = True

    assert await serial.hang_up()
    assert modem.opened == 2


async def test_a_modem_in_a_data_call_is_fetched_back() -> None:
    """+++ leaves the data state, in which ATH is only data."""
    modem = Modem(lambda m: m.in_data)
    serial = modem.serial()
    await serial.ready()
    modem.in_data = True

    assert await serial.hang_up()
    assert modem.opened == 1
    assert modem.port.dtr_drops == 0


async def test_a_data_call_is_left_where_dtr_is_not_wired() -> None:
    """A modem that an earlier program left in a data call is fetched back too."""
    modem = Modem(lambda m: m.in_data)
    modem.in_data, modem.wired = True, False
    await modem.serial().ready()

    assert modem.opened == 1


async def test_hanging_up_a_modem_that_was_pulled_out() -> None:
    """A modem that has gone is asked when it is back, and not believed before."""
    modem = Modem()
    serial = modem.serial()
    await serial.ready()
    modem.port.unplug()
    modem.gone = True
    assert not await serial.hang_up()

    modem.gone = False
    await serial.ready()
    assert serial.hung_up


async def test_a_modem_that_echoes_and_speaks_in_numbers_is_put_right() -> None:
    """E1, Q1 and V0 of a stored profile are overcome, also where ATZ brings them back."""
    modem = Modem()
    modem.profile = "Q1"
    await modem.serial().ready()
    modem.profile = "E1V0"
    await modem.serial().ready()


async def test_a_modem_that_speaks_only_in_numbers_is_understood() -> None:
    """Where V1 does nothing, 0 is OK and 4 is ERROR."""
    modem = Modem()
    modem.profile, modem.stubborn = "E1V0", True
    serial = modem.serial()
    dialogue = await serial.ready()

    assert dialogue.numeric
    assert serial.identity.model == "CX93001"
    modem.refuses = {"AT+X"}
    began = asyncio.get_running_loop().time()
    assert (await dialogue.command("+X", 3)).result is Result.ERROR
    assert asyncio.get_running_loop().time() - began < 0.04  # silences of T.30 have 20 ms to spare


async def test_an_answer_that_comes_twice_answers_once() -> None:
    """What came before a command is no answer to it."""
    modem = Modem()
    serial = modem.serial()
    dialogue = await serial.ready()
    modem.port.say(b"\r\nNO CARRIER\r\n\r\nOK\r\n")
    modem.refuses = {"AT+X"}

    assert (await dialogue.command("+X", 3)).result is Result.ERROR


async def test_a_modem_without_a_fax_class_is_named_so() -> None:
    """A data modem is told from one that works."""
    modem = Modem()
    modem.classes = "0,8"
    serial = modem.serial()
    dialogue = await serial.ready()
    with pytest.raises(ModemRefused, match="only the classes 0, 8"):
        await serial.set_class(dialogue)


async def test_flow_control_by_the_standard_where_the_makers_is_unknown() -> None:
    """+IFC is V.250's own."""
    modem = Modem()
    modem.refuses = {"AT&K4"}
    await modem.serial().ready()

    assert "AT+IFC=1,1" in modem.said


async def test_the_device_is_locked_while_it_is_open() -> None:
    """A device that is not there is not locked for long."""
    serial = SerialModem(ModemSettings("/dev/none-such"))
    with pytest.raises(PortLost, match="no such device"):
        await serial.ready()


async def test_carriers_are_listed() -> None:
    """What a modem sends and hears is what it lists."""
    modem = Modem()
    SAID.update({"AT+FTM=?": "24,48,72-74,96", "AT+FRM=?": "(24,48)"})
    serial = modem.serial()
    dialogue = await serial.ready()

    assert await carriers(dialogue) == {
        "sends": [24, 48, 72, 73, 74, 96],
        "hears": [24, 48],
    }


async def test_a_line_longer_than_any_answer_is_cut() -> None:
    """A modem that pours out words without end fills no memory and is silent in the end."""
    modem = Modem()
    serial = modem.serial()
    dialogue = await serial.ready()
    modem.deaf = lambda _: True
    dialogue.say("")
    modem.port.say(b"x" * 100_000)
    with pytest.raises(ModemFailure):
        await dialogue.reply(2)
    assert len(dialogue._in) <= 512
    modem.port.say(b"\r\n" + b"word\r\n" * 5000 + b"OK\r\n")
    assert len((await dialogue.reply(2)).lines) <= 64
