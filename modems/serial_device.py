"""What the system does with a serial device: opening, setting, and the sense of its errors.

Blocking calls, for a thread, but `set_software_flow` and `Device.write`, which never wait.
"""

from __future__ import annotations

import errno
import os
import termios
from typing import Any, Final

import serial


class Device(serial.Serial):  # type: ignore[misc]  # pyserial has no types
    """pyserial's own `write` spins for as long as the device takes nothing; ours says so."""

    def write(self, data: bytes) -> int:
        """Write what fits. Raises BlockingIOError when nothing does, SerialException at its end."""
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            raise
        except OSError as error:
            raise serial.SerialException(str(error)) from error


def open_device(path: str, baud: int, flow: str) -> Device:
    """Open and set a device, in a thread."""
    device = Device(path, baudrate=baud, exclusive=True)
    if flow == "auto":
        flow = "rtscts" if has_wires(device) else "xonxoff"
    device.rtscts = flow == "rtscts"
    device.xonxoff = flow == "xonxoff"
    if device.xonxoff:
        set_software_flow(device.fd, True)
    return device


def has_wires(device: Any) -> bool:
    """Whether the port has modem control signals; a pty has none."""
    try:
        return device.cts is not None
    except OSError:
        return False


def set_software_flow(fd: int, on: bool) -> None:
    """The modem may stop us with XOFF; we never send one, since a character would abort it."""
    attributes = termios.tcgetattr(fd)
    attributes[0] &= ~(termios.IXOFF | termios.IXANY | termios.IXON)
    attributes[0] |= termios.IXON if on else 0
    termios.tcsetattr(fd, termios.TCSANOW, attributes)


_REASONS: Final = {
    errno.ENOENT: "there is no such device; is the modem plugged in?",
    errno.ENODEV: "there is no such device; is the modem plugged in?",
    errno.ENXIO: "there is no such device; is the modem plugged in?",
    errno.EACCES: "this user may not; the group that owns the device (often dialout) may",
    errno.EPERM: "this user may not; the group that owns the device (often dialout) may",
    errno.EBUSY: "another program has it open",
    errno.EAGAIN: "another program has it open",
    errno.ENOTTY: "it is no serial device",
    errno.EINVAL: "it is no serial device, or not at this speed",
    errno.EISDIR: "it is a directory",
    errno.EIO: "the device does not respond",
}


def reason(error: BaseException) -> str:
    """What an error of the system means here; pyserial hides some of them in words of its own."""
    for cause in filter(None, (error, error.__context__)):
        for number in (getattr(cause, "errno", None), *cause.args[:1]):
            if isinstance(number, int) and number in _REASONS:
                return _REASONS[number]
    return str(error)
