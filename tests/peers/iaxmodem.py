"""Two iaxmodems (Debian package iaxmodem) that call each other over loopback, in life's time.

Each is a process of its own with spandsp's T.31 modem, its speech in IAX2 packets and no exchange
between them. It reads its configuration from /etc/iaxmodem only, so this needs root; the files are
there for the time of the test.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.peer import need_program

CONFIG = Path("/etc/iaxmodem")
LOGS = Path("/var/log/iaxmodem")
AT_REST = 7.0  # s after a reset before it takes a call; until then it refuses them
STARTING = 10.0  # s
_COUNT = itertools.count()


def installed() -> str:
    """Its path, and the right to use it."""
    path = need_program("iaxmodem", "iaxmodem")
    if os.geteuid() != 0:
        pytest.skip("iaxmodem needs root")
    return path


@contextmanager
def pair(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Two modems joined to each other: whatever number one dials, the other rings."""
    ports = _free_ports()
    names = [f"ttyFGI{os.getpid()}x{next(_COUNT)}" for _ in ports]
    devices = Path("/dev", names[0]), Path("/dev", names[1])  # it has no room for long names
    with ExitStack() as both:
        for device, port, other, number in zip(
            devices, ports, reversed(ports), ("100", "200"), strict=True
        ):
            both.enter_context(_modem(folder, device, port, other, number))
        yield devices


@contextmanager
def _modem(folder: Path, device: Path, port: int, other: int, number: str) -> Iterator[None]:
    name = device.name
    config = CONFIG / name
    config.write_text(
        f"device {device}\nowner root:root\nmode 600\nport {port}\nrefresh 0\n"
        f"server 127.0.0.1:{other}\npeername {name}\nsecret x\n"
        f"cidname {number}\ncidnumber {number}\ncodec slinear\n"
    )
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([installed(), name], stdout=log, stderr=log)
        try:
            _wait_for(device)
            yield
        finally:
            process.terminate()
            process.wait(STARTING)
            for left in (config, LOGS / name, device):
                left.unlink(missing_ok=True)


def _wait_for(device: Path) -> None:
    until = time.monotonic() + STARTING
    while not device.exists():
        if time.monotonic() > until:
            raise TimeoutError("iaxmodem has not made its device")
        time.sleep(0.05)


def _free_ports() -> tuple[int, int]:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as one,
        socket.socket(type=socket.SOCK_DGRAM) as other,
    ):
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
