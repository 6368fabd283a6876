"""The program efax (Debian package efax): Class 1, MH only, without error correction.

It divides by the whole seconds of life's clock that a page took, and dies of a page that took none:
at a faster clock it wants pages that are long enough.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peer import need_program
from tests.peers.paper import joined, sheets
from tests.peers.told import Told

LIMIT = 120.0  # s for a call, real time
STARTING = 30.0  # s until it has reset its modem, real time
ROWS_ABOVE = {"standard": 6, "fine": 20}  # white ones that it adds to each page
ROWS_BELOW = 32  # at most, that it adds: it reads on into the TIFF's directory
MARGIN = 40  # white rows of a sheet, since it spoils the first
ROWS_PER_STRIP = 278  # TIFF 6.0; efax reads files of one strip only
RESOLUTIONS = {"standard": (204, 98), "fine": (204, 196)}
RATES = {"v27ter": 1, "v29": 3, "v17": 5}  # br of T.32: the best of each
RECEIVES, SENDS = "efax.log", "efax-send.log"
SESSION = re.compile(r"session\s+(\d+)lpi\s+([\d.]+)(k?)bps.*?\s([12])D\s+(\S+)")


def installed() -> str:
    """Its path."""
    return need_program("efax", "efax")


def _command(device: Path, modem: str) -> list[str]:
    can = f"1,{RATES[modem]},0,2,0,0,0,0"
    programme = [installed(), "-v", "ewinchr", "-d", str(device), "-l", "+200", "-c", can]
    return [*programme, "-iZ", "-iE0"]


@contextmanager
def receiving(device: Path, folder: Path, modem: str = "v17") -> Iterator[subprocess.Popen[bytes]]:
    """Efax waits for a call; its pages come into `folder`."""
    command = [*_command(device, modem), "-iS0=1", "-w", "-r", str(folder / "page")]
    with (folder / RECEIVES).open("wb") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(LIMIT)


def wait_until_it_listens(folder: Path) -> None:
    """Until it has reset its modem and told it to answer."""
    until = time.monotonic() + STARTING
    while "waiting for activity" not in (folder / RECEIVES).read_text(errors="replace"):
        if time.monotonic() > until:
            raise TimeoutError("efax has not found its modem")
        time.sleep(0.05)


def received(folder: Path) -> Path:
    """The pages of a call as one file."""
    parts = sorted(folder.glob("page.[0-9]*"))
    return joined(parts, folder / "received.tif")


def sending(
    device: Path, document: Path, number: str, resolution: str = "fine", modem: str = "v17"
) -> subprocess.Popen[bytes]:
    """Efax calls `number` and sends a document."""
    parts = []
    for count, page in enumerate(sheets(document), start=1):
        part = document.with_name(f"efax.{count:03d}")
        dpi = RESOLUTIONS[resolution]
        page.save(
            part, "TIFF", compression="group3", dpi=dpi, tiffinfo={ROWS_PER_STRIP: page.height}
        )
        parts.append(str(part))
    log = document.with_name(SENDS).open("wb")
    with log:
        command = [*_command(device, modem), "-h", "", "-t", number, *parts]
        return subprocess.Popen(command, stderr=log, stdout=log)


def told(log: str) -> Told:
    """What its log says of the last session in it."""
    *_, session = SESSION.finditer(log)
    lpi, rate, thousands, dimensions, ecm = session.groups()
    *_, caller = ["", *re.findall(r"remote ID -> *(.*)", log)]
    pages = len(re.findall(r"(?:received|sent) -> ", log))
    bit_rate = round(float(rate) * (1000 if thousands else 1))
    coding = "MH" if dimensions == "1" else "MR"
    return Told(bit_rate, ecm != "-", coding, int(lpi), pages, caller.strip())
