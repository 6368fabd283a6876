"""The serial port of a modem: octets in and out, flow control, and the signals beside them.

`Port` is what the AT dialogue needs of a port; `SerialPort` is the real one, a device or a pty. It
is opened, drained and closed in threads, and nothing here holds the event loop: a device that waits
for a carrier, or one whose far end has stopped us with XOFF, costs only its own line.

What is written is buffered; `room` waits until little is left, `drained` until the last octet has
left the machine. What comes in is bounded: who does not read stops the modem. `PortLost` says that
the port has gone (unplugged, or never there); after it, only `close` means anything.

Not here: who may use the port (`uucp_lock`), and what is said over it (`at`).
"""

from __future__ import annotations

import asyncio
import contextlib
import termios
import time
from collections import deque
from typing import Final, Protocol

import serial
from serial_asyncio_fast import SerialTransport

from modems.serial_device import Device, has_wires, open_device, reason, set_software_flow

DRAIN_LIMIT: Final = 10.0  # s; what the driver holds at most (4 KiB at 4800 bit/s) has gone by then
DRAIN_POLL: Final = 0.005  # s; an octet at 9600 bit/s takes one millisecond
CLOSE_LIMIT: Final = 5.0  # s; a driver that takes longer to close is left to its thread
DTR_OFF: Final = 1.0  # s; V.250 S25 asks for 50 ms, some modems for more
HIGH_WATER: Final = 4096  # octets not yet with the driver, above which `room` waits
LOW_WATER: Final = 1024
GONE: Final = (OSError, termios.error, TypeError)  # the last where the library has closed it first
MOST_UNREAD: Final = 65536  # octets; half a minute at 14400 bit/s


class PortLost(Exception):  # noqa: N818 - what happened, in the words of people
    """The port does not work any more, or never did."""


class Port(Protocol):
    """An open port."""

    async def read(self) -> bytes:
        """At least one octet. Raises PortLost. Cancelling it loses nothing."""
        ...

    def pending(self) -> bytes:
        """What has come in already and was not read; never waits, never raises."""
        ...

    def write(self, data: bytes) -> None:
        """Send octets, in order, when the other side lets us."""
        ...

    async def room(self) -> None:
        """Wait until what is still to be sent is little. Raises PortLost."""
        ...

    async def drained(self) -> None:
        """Wait until all that was written has left this machine. Raises PortLost, TimeoutError."""
        ...

    def discard(self) -> None:
        """Forget what is still to be sent."""
        ...

    def software_flow(self, on: bool) -> None:
        """Whether XON and XOFF from the modem stop our output, and are taken out of its data."""
        ...

    async def drop_dtr(self) -> bool:
        """Take DTR away for a second, which hangs up; False where the port has none."""
        ...

    async def carrier(self) -> bool | None:
        """Whether the modem shows a carrier on DCD; None where the port has no such wire."""
        ...

    async def close(self) -> None:
        """Close it; never raises, and may be repeated."""
        ...


class _Transport(SerialTransport):
    """The library's own goes on asking whether it may write after all is written.

    And a device that is pulled out between two writes it takes for a fault of ours.
    """

    def _write_ready(self) -> None:
        super()._write_ready()
        if not self._write_buffer:
            self._remove_writer()

    def _fatal_error(self, exc: BaseException, message: str = "") -> None:
        if isinstance(exc, serial.SerialException | OSError):
            self._abort(exc)
        else:
            super()._fatal_error(exc, message)


class SerialPort(asyncio.Protocol):
    """A `Port` over a serial device or a pty. `SerialPort.open` makes one."""

    def __init__(self, device: Device, *, software_flow: bool) -> None:
        self._device = device
        self._flow = software_flow
        self._flows = software_flow  # now
        self._transport: SerialTransport
        self._chunks: deque[bytes] = deque()
        self._unread = 0
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._lost: str | None = None
        self._closed = asyncio.Event()

    @classmethod
    async def open(cls, path: str, baud: int = 115200, flow: str = "auto") -> SerialPort:
        """Open `path`. `flow`: rtscts, xonxoff, none, or auto: RTS/CTS where there are such wires.

        Raises PortLost, saying why, when it cannot be opened.
        """
        try:
            device = await asyncio.to_thread(open_device, path, baud, flow)
        except (OSError, ValueError) as error:
            raise PortLost(f"{path} cannot be opened: {reason(error)}") from error
        port = cls(device, software_flow=device.xonxoff)
        loop = asyncio.get_running_loop()
        port._transport = _Transport(loop, port, device)
        port._transport.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
        return port

    @property
    def uses_software_flow(self) -> bool:
        """Whether the port was opened with XON/XOFF."""
        return self._flow

    # What asyncio tells us ---------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Octets have come in."""
        self._chunks.append(data)
        self._unread += len(data)
        self._arrived.set()
        if self._unread > MOST_UNREAD:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """The driver takes no more."""
        self._room.clear()

    def resume_writing(self) -> None:
        """The driver takes more again."""
        self._room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The device has gone, or was closed."""
        self._lost = self._lost or (str(exc) if exc else "the port was closed")
        for event in (self._arrived, self._room, self._closed):
            event.set()

    # Port --------------------------------------------------------------------------------------

    async def read(self) -> bytes:
        """At least one octet."""
        while not self._chunks:
            self._check()
            self._arrived.clear()
            await self._arrived.wait()
        return self.pending()

    def pending(self) -> bytes:
        """What has come in already."""
        data = b"".join(self._chunks)
        self._chunks.clear()
        if self._unread > MOST_UNREAD and self._lost is None:
            self._transport.resume_reading()
        self._unread = 0
        return data

    def write(self, data: bytes) -> None:
        """Send octets."""
        if self._lost is None:
            self._transport.write(data)

    async def room(self) -> None:
        """Wait until what is still to be sent is little."""
        await self._room.wait()
        self._check()

    async def drained(self) -> None:
        """Wait until all that was written has left this machine."""
        async with asyncio.timeout(DRAIN_LIMIT):
            self._transport.set_write_buffer_limits(0, 0)
            try:
                await self.room()
            finally:
                self._transport.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
            try:
                await asyncio.to_thread(self._drain)
            except (OSError, termios.error) as error:
                raise PortLost(reason(error)) from error

    def discard(self) -> None:
        """Forget what is still to be sent."""
        if self._lost is None:
            self._transport.flush()
            with contextlib.suppress(*GONE):
                termios.tcflush(self._device.fd, termios.TCOFLUSH)

    def software_flow(self, on: bool) -> None:
        """Let XON and XOFF work, or pass as data, on a port that was opened with them."""
        if self._flow and self._lost is None and on is not self._flows:
            self._flows = on
            with contextlib.suppress(*GONE):
                set_software_flow(self._device.fd, on)

    async def drop_dtr(self) -> bool:
        """Take DTR away for a second."""
        self._check()
        try:
            await asyncio.to_thread(setattr, self._device, "dtr", False)
            termios.tcflush(self._device.fd, termios.TCIOFLUSH)
            fcntl_works = await asyncio.to_thread(has_wires, self._device)
            await asyncio.sleep(DTR_OFF)
            await asyncio.to_thread(setattr, self._device, "dtr", True)
        except GONE:
            return False
        return fcntl_works

    async def carrier(self) -> bool | None:
        """Whether the modem shows a carrier on DCD."""
        try:
            return bool(await asyncio.to_thread(getattr, self._device, "cd"))
        except GONE:
            return None

    async def close(self) -> None:
        """Close it, without waiting for what the modem does not take."""
        if self._lost is None:
            self.discard()
            self._transport.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_LIMIT):
                await self._closed.wait()

    def _drain(self) -> None:
        """Wait in a thread until the driver holds nothing (TIOCOUTQ); tcdrain has no limit."""
        until = time.monotonic() + DRAIN_LIMIT
        while self._device.out_waiting and time.monotonic() < until:
            time.sleep(DRAIN_POLL)

    def _check(self) -> None:
        if self._lost is not None:
            raise PortLost(self._lost)
