"""The program efax (Debian package efax): Class 1, MH only, without error correction."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peer import need_program
from tests.peers.paper import joined, sheets

LIMIT = 120.0  # s for a call, real time
ROWS_ABOVE, ROWS_BELOW = 20, 22  # white ones that it adds to each page
ROWS_PER_STRIP = 278  # TIFF 6.0; efax reads files of one strip only
RESOLUTIONS = {"standard": (204, 98), "fine": (204, 196)}


def installed() -> str:
    """Its path."""
    return need_program("efax", "efax")


def _command(device: Path) -> list[str]:
    return [installed(), "-v", "ewinchr", "-d", str(device), "-l", "+200", "-iZ", "-iE0"]


@contextmanager
def receiving(device: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Efax waits for a call; its pages come into `folder`."""
    command = [*_command(device), "-iS0=1", "-w", "-r", str(folder / "page")]
    with (folder / "efax.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(LIMIT)


def received(folder: Path) -> Path:
    """The pages of a call as one file."""
    parts = sorted(folder.glob("page.[0-9]*"))
    return joined(parts, folder / "received.tif")


def sending(
    device: Path, document: Path, number: str, resolution: str = "fine"
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
    log = document.with_name("efax-send.log").open("wb")
    with log:
        command = [*_command(device), "-h", "", "-t", number, *parts]
        return subprocess.Popen(command, stderr=log, stdout=log)
