"""A modem on a serial port, made ready: opened, reset, identified, set up, and made ready again.

`SerialModem.ready` gives a dialogue with a modem in the command state, however far it has to climb
for that: a plain AT, then ending whatever it may be doing, then DTR and ATZ, then opening the port
anew. Each rung is bounded; after the last it raises the `ModemFailure` that says what is wrong, and
the next call begins anew, so a USB modem may come back. The port's UUCP lock is held as long as it
is open. A modem that echoes, keeps silent or speaks in numbers is put right on the way.

`hang_up` climbs a ladder too, and says whether the call is known to be over.

V.250 (the commands), T.31 8.1 (+FCLASS). Not here: calls, and fax.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from modems.at import CANCEL, Dialogue, ModemFailure, ModemRefused, ModemSilent
from modems.dle import END
from modems.modem_setup import (
    SETTLE,
    ModemIdentity,
    ModemSettings,
    answers,
    carriers,
    set_class,
    set_up,
)
from modems.port import Port, PortLost, SerialPort
from modems.uucp_lock import Locked, UucpLock

log = logging.getLogger(__name__)

# Seconds.
HANG_UP: Final = 4.0
GUARD: Final = 1.1  # silence around +++, which leaves the data state (V.250 S12)

ESCAPE: Final = b"+++"

OpenPort = Callable[[], Awaitable[Port]]


class SerialModem:
    """One modem. `open_port` opens its port; by default the device, under its UUCP lock."""

    def __init__(self, settings: ModemSettings, open_port: OpenPort | None = None) -> None:
        self.settings = settings
        self.identity = ModemIdentity()
        self.carriers: dict[str, list[int]] = {}  # what it sends and hears, once it is asked
        self._open_port = open_port or self._open_device
        self._lock: UucpLock | None = None
        self._dialogue: Dialogue | None = None
        self._known = False  # set up since the port was opened or the modem reset
        self._dcd_tells = False  # DCD was off while the modem was on-hook
        self.fits = True  # whether the last call left the modem in the command state
        self.hung_up = True  # whether the last call is known to be over

    async def ready(self) -> Dialogue:
        """The modem in the command state and set up. Raises ModemFailure."""
        dialogue = self._dialogue
        if dialogue is not None and self._known and self.fits:
            with contextlib.suppress(*ModemFailure):
                if await answers(dialogue):
                    return dialogue
        for rung in (self._wake, self._reset, self._reopen):
            try:
                dialogue = await rung()
                self.identity = await set_up(dialogue, self.settings)
                self.carriers = {}
                self._dcd_tells = await dialogue.port.carrier() is False
            except (ModemSilent, ModemRefused, PortLost) as failure:
                log.info("modem=%s: %s", self.settings.device, failure)
                self._known, last = False, failure
            else:
                self._known = self.fits = self.hung_up = True
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
        """On-hook: by ATH, out of the data state, by DTR, by a port opened anew.

        Whether the call is known to be over: the modem said so, and DCD does not deny it.
        """
        self.hung_up = self._dialogue is None or await self._is_hung_up()
        if not self.hung_up:
            log.error("modem=%s: nobody knows whether it has hung up", self.settings.device)
            await self.close()
        return self.hung_up

    async def _is_hung_up(self) -> bool:
        for rung in (self._on_hook, self._leave_data, self._drop, self._hang_up_anew):
            try:
                if await rung():
                    return True
            except (ModemSilent, PortLost) as failure:
                log.info("modem=%s: hanging up: %s", self.settings.device, failure)
            self.fits = False
        return False

    async def _on_hook(self) -> bool:
        """ATH0; some modems say NO CARRIER first, or ERROR where there is no call."""
        dialogue = self._opened()
        for _ in range(2):
            if (await dialogue.command("H0", HANG_UP)).ok:
                return not (self._dcd_tells and await dialogue.port.carrier())
        return False

    async def _leave_data(self) -> bool:
        """Back from sending, hearing, or a data call."""
        dialogue = self._opened()
        await self._interrupt(dialogue)
        await self._escape(dialogue)
        return await self._on_hook()

    async def _drop(self) -> bool:
        """DTR."""
        dialogue = self._opened()
        dropped = await dialogue.port.drop_dtr()
        return dropped and await answers(dialogue) and await self._on_hook()

    async def _hang_up_anew(self) -> bool:
        """A port that is closed drops its signals; a modem that answers at it can say the rest."""
        await self.close()
        dialogue = await self._open()
        return await answers(dialogue) and await self._on_hook()

    def _opened(self) -> Dialogue:
        if self._dialogue is None:
            raise PortLost("the port is closed")
        return self._dialogue

    # The ladder --------------------------------------------------------------------------------

    async def _wake(self) -> Dialogue:
        """End whatever it is doing."""
        dialogue = self._dialogue or await self._open()
        if not await answers(dialogue):
            await self._interrupt(dialogue)
            if not await answers(dialogue):
                raise ModemSilent("the modem does not answer AT")
        return dialogue

    async def _reset(self) -> Dialogue:
        """DTR off and on, which also hangs up; where it is not wired, out of the data state."""
        dialogue = self._dialogue or await self._open()
        dropped = await dialogue.port.drop_dtr()
        await self._interrupt(dialogue)
        if not dropped:
            await self._escape(dialogue)
        if not await answers(dialogue):
            raise ModemSilent("the modem does not answer AT, not even after a reset by DTR")
        return dialogue

    async def _reopen(self) -> Dialogue:
        """A port opened anew."""
        await self.close()
        dialogue = await self._open()
        if not await answers(dialogue):
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

    async def _interrupt(self, dialogue: Dialogue) -> None:
        """Whatever the modem does, sending or receiving, end it and drop what it says."""
        dialogue.port.discard()
        dialogue.port.write(END)
        await dialogue.quiet(SETTLE)
        dialogue.port.write(CANCEL + b"\r")
        await dialogue.quiet(SETTLE)

    async def _escape(self, dialogue: Dialogue) -> None:
        """Out of the data state of a data call."""
        await dialogue.quiet(GUARD)
        dialogue.port.write(ESCAPE)
        await dialogue.quiet(GUARD)

    async def set_class(self, dialogue: Dialogue) -> None:
        """Fax: the class, and the flow control that it may have undone. Raises ModemFailure.

        The first time it is also asked for its carriers, which it tells only now.
        """
        await set_class(dialogue, self.identity)
        if not self.carriers:
            self.carriers = await carriers(dialogue)
