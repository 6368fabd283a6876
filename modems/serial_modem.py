"""A modem on a serial port, made ready: opened, reset, identified, set up, and made ready again.

`SerialModem.ready` gives a dialogue with a modem in the command state, however far it has to climb
for that: a plain AT, then ending whatever it may be doing, then DTR and ATZ, then opening the port
anew. Each rung is bounded; after the last it raises the `ModemFailure` that says what is wrong, and
the next call begins anew, so a USB modem may come back. The port's UUCP lock is held as long as it
is open.

V.250 (the commands), T.31 8.1 (+FCLASS). Not here: calls, and fax.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from modems.at import CANCEL, Dialogue, ModemFailure, ModemRefused, ModemSilent, Reply
from modems.dle import END
from modems.port import Port, PortLost, SerialPort
from modems.quirks import Quirks, quirks_of
from modems.results import Result, numbers
from modems.uucp_lock import Locked, UucpLock

log = logging.getLogger(__name__)

# Seconds.
PROMPT: Final = 1.0  # for the answer to AT
SETTING: Final = 3.0  # to a setting
RESET: Final = 8.0  # to ATZ and ATH
SETTLE: Final = 0.2  # after a reset, some modems say OK before they listen
HANG_UP: Final = 6.0

GREETINGS: Final = 3  # AT, again and again: the first may only set the speed
MOST_SAID: Final = 80  # characters kept of what a modem says of itself


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """A modem as the configuration describes it."""

    device: str
    baud: int = 115200
    flow: str = "auto"  # rtscts, xonxoff, none, auto
    init: tuple[str, ...] = ()  # commands after our own, without AT; each must be answered OK
    caller_id: bool = True


@dataclass(frozen=True, slots=True)
class ModemIdentity:
    """What a modem says of itself."""

    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    classes: frozenset[str] = field(default_factory=frozenset)
    quirks: Quirks = field(default_factory=Quirks)

    @property
    def fax_class(self) -> str:
        """The class by which Faxgate drives it: 1, else 1.0; empty when it has neither."""
        return next((c for c in ("1", "1.0") if c in self.classes), "")


OpenPort = Callable[[], Awaitable[Port]]


class SerialModem:
    """One modem. `open_port` opens its port; by default the device, under its UUCP lock."""

    def __init__(self, settings: ModemSettings, open_port: OpenPort | None = None) -> None:
        self.settings = settings
        self.identity = ModemIdentity()
        self._open_port = open_port or self._open_device
        self._lock: UucpLock | None = None
        self._dialogue: Dialogue | None = None
        self._known = False  # set up since the port was opened or the modem reset
        self.fits = True  # whether the last call left the modem in the command state

    async def ready(self) -> Dialogue:
        """The modem in the command state and set up. Raises ModemFailure."""
        dialogue = self._dialogue
        if dialogue is not None and self._known and self.fits:
            with contextlib.suppress(*ModemFailure):
                if await self._answers(dialogue):
                    return dialogue
        for rung in (self._wake, self._reset, self._reopen):
            try:
                dialogue = await rung()
                await self._set_up(dialogue)
            except (ModemSilent, ModemRefused, PortLost) as failure:
                log.info("modem=%s: %s", self.settings.device, failure)
                self._known, last = False, failure
            else:
                self._known = self.fits = True
                return dialogue
        await self.close()
        raise last

    async def close(self) -> None:
        """Let the port go."""
        dialogue, self._dialogue, self._known = self._dialogue, None, False
        if dialogue is not None:
            await dialogue.port.close()
        if self._lock is not None:
            await asyncio.to_thread(self._lock.release)
            self._lock = None

    async def hang_up(self) -> bool:
        """On-hook, by ATH, else by DTR, else by closing the port; whether the modem said so."""
        dialogue = self._dialogue
        if dialogue is None:
            return True
        try:
            for _ in range(2):
                with contextlib.suppress(ModemSilent):
                    if (await dialogue.command("H0", HANG_UP)).ok:
                        return True
                    await self._interrupt(dialogue)
            self.fits = False
            if await dialogue.port.drop_dtr() and await self._answers(dialogue):
                return True
        except PortLost:
            log.info("modem=%s: the port has gone", self.settings.device)
        await self.close()  # the device drops its signals, or it is a modem that has gone
        return False

    # The ladder --------------------------------------------------------------------------------

    async def _wake(self) -> Dialogue:
        """End whatever it is doing."""
        dialogue = self._dialogue or await self._open()
        if not await self._answers(dialogue):
            await self._interrupt(dialogue)
            if not await self._answers(dialogue):
                raise ModemSilent("the modem does not answer AT")
        return dialogue

    async def _reset(self) -> Dialogue:
        """DTR off and on, which also hangs up."""
        dialogue = self._dialogue or await self._open()
        await dialogue.port.drop_dtr()
        await self._interrupt(dialogue)
        if not await self._answers(dialogue):
            raise ModemSilent("the modem does not answer AT, not even after a reset by DTR")
        return dialogue

    async def _reopen(self) -> Dialogue:
        """A port opened anew."""
        await self.close()
        dialogue = await self._open()
        if not await self._answers(dialogue):
            raise ModemSilent("nothing answers AT at the port")
        return dialogue

    async def _open(self) -> Dialogue:
        self._dialogue = Dialogue(await self._open_port(), self.settings.device)
        return self._dialogue

    async def _open_device(self) -> Port:
        """The real port, under its lock."""
        settings = self.settings
        lock = UucpLock(settings.device)
        try:
            await asyncio.to_thread(lock.acquire)
        except (Locked, OSError) as error:
            raise PortLost(f"{settings.device} cannot be had: {error}") from error
        self._lock = lock
        try:
            return await SerialPort.open(settings.device, settings.baud, settings.flow)
        except BaseException:
            self._lock = None
            lock.release()
            raise

    async def _answers(self, dialogue: Dialogue) -> bool:
        """Whether AT is answered by OK."""
        for _ in range(GREETINGS):
            dialogue.forget()
            with contextlib.suppress(ModemSilent):
                if (await dialogue.command("", PROMPT)).ok:
                    return True
        return False

    async def _interrupt(self, dialogue: Dialogue) -> None:
        """Whatever the modem does, sending or receiving, end it and drop what it says."""
        dialogue.port.discard()
        dialogue.port.write(END)
        await dialogue.quiet(SETTLE)
        dialogue.port.write(CANCEL + b"\r")
        await dialogue.quiet(SETTLE)

    # Setting up --------------------------------------------------------------------------------

    async def _set_up(self, dialogue: Dialogue) -> None:
        """Reset, identify and set the modem for fax calls."""
        await self._must(dialogue, "Z", RESET)
        await dialogue.quiet(SETTLE)
        await self._must(dialogue, "E0V1Q0")
        await self._must(dialogue, "S0=0")
        self.identity = await self._identify(dialogue)
        quirks = self.identity.quirks
        await self._may(dialogue, *quirks.setup, "S7=60", self._flow_command(dialogue))
        if self.settings.caller_id:
            for command in quirks.caller_id:
                if (await dialogue.command(command, SETTING)).ok:
                    break
        for command in self.settings.init:
            await self._must(dialogue, command)

    async def _identify(self, dialogue: Dialogue) -> ModemIdentity:
        """Ask it who it is and what it can do."""
        manufacturer = await self._said(dialogue, "+FMI?", "+GMI", "I3")
        model = await self._said(dialogue, "+FMM?", "+GMM", "I0")
        revision = await self._said(dialogue, "+FMR?", "+GMR", "I1")
        classes = numbers(await self._said(dialogue, "+FCLASS=?"))
        quirks = quirks_of(manufacturer, model, revision)
        return ModemIdentity(manufacturer, model, revision, classes, quirks)

    async def _said(self, dialogue: Dialogue, *questions: str) -> str:
        """The answer to the first question that gets one."""
        for question in questions:
            reply = await dialogue.command(question, SETTING)
            if reply.ok and reply.lines:
                return " ".join(reply.lines)[:MOST_SAID]
        return ""

    async def set_class(self, dialogue: Dialogue) -> None:
        """Fax: the class, and the flow control that it may have undone. Raises ModemFailure."""
        await self._must(dialogue, f"+FCLASS={self.identity.fax_class or '1'}")
        if self.identity.quirks.sets_flow_after_class:
            await self._may(dialogue, self._flow_command(dialogue))

    async def carriers(self, dialogue: Dialogue) -> dict[str, list[int]]:
        """The numbers of the carriers that it sends and hears (T.31 table 3)."""
        return {
            name: sorted(
                int(n) for n in numbers(await self._said(dialogue, question)) if "." not in n
            )
            for name, question in (("sends", "+FTM=?"), ("hears", "+FRM=?"))
        }

    def _flow_command(self, dialogue: Dialogue) -> str:
        quirks = self.identity.quirks
        software = getattr(dialogue.port, "uses_software_flow", True)
        return quirks.software_flow if software else quirks.hardware_flow

    async def _must(self, dialogue: Dialogue, command: str, limit: float = SETTING) -> Reply:
        reply = await dialogue.command(command, limit)
        if not reply.ok:
            raise ModemRefused(f"the modem answered {reply.words} to AT{command}")
        return reply

    async def _may(self, dialogue: Dialogue, *commands: str) -> None:
        """Commands that a modem need not know."""
        for command in filter(None, commands):
            reply = await dialogue.command(command, SETTING)
            if reply.result is not Result.OK:
                log.debug("modem=%s: does not know AT%s", self.settings.device, command)
