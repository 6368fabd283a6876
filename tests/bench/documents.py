"""`python -m tests.bench.documents`: mail to fax-ready pages, beside HylaFAX's converters.

CPU and wall milliseconds for a whole document and the seconds of its pages on the line, at
204 x 196, in the smallest coding at 14,400 bit/s. Ours is a whole mail through a warm worker.
HylaFAX's is what its client and server run for the same document and no more: the filter of its
`typerules` for pictures, `tiff2ps` for TIFF, and `ps2fax` with Ghostscript; the mail program, the
transfer and the queue before it are left out in its favour. Where it is not installed, ours is
measured alone. Each figure is the median of three runs that take turns, ours of five mails each.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from gateway.offramp.coded import packed, seconds, sizes
from gateway.offramp.protocol import Order
from gateway.offramp.workers import Worker
from modems.session import VR
from tests.gateway.offramp.corpus import (
    grey_scan,
    mail,
    photo,
    photo_pdf,
    saved,
    text_image,
    text_pdf,
)

RUNS = 3
PS2FAX = Path("/var/spool/hylafax/bin/ps2fax")
MAILS = 5
# Its typerules, for A4 at 204 x 196.
PICTURE = "ppmtopgm | pnmscale -xysize 1728 2292 | pnmtops -dpi 196 -equalpixels"


@dataclass(frozen=True)
class Document:
    """A document, and how HylaFAX makes PostScript of it: a shell filter."""

    kind: str
    name: str
    content: bytes
    filter: str


@dataclass(frozen=True)
class Run:
    """What one conversion took: CPU and wall in ms, and its pages on the line in s."""

    cpu: float
    wall: float
    line: float


def documents() -> list[Document]:
    """One of each kind."""
    bilevel = text_image().point(lambda level: 255 * (level > 128), "1")
    tiff = saved(bilevel, "TIFF", compression="group4", dpi=(300, 300))
    scan = saved(grey_scan(), "PNG", dpi=(300, 300))
    picture = saved(photo().resize((2480, 3508)), "JPEG", dpi=(300, 300))
    return [
        Document("PDF, 3 pages of text", "a.pdf", text_pdf(3), "cat"),
        Document("PDF, 10 pages of text", "a.pdf", text_pdf(10), "cat"),
        Document("PDF with a photograph", "a.pdf", photo_pdf(), "cat"),
        Document("PNG, 300 dpi scan", "a.png", scan, f"pngtopnm | {PICTURE}"),
        Document("JPEG, a photograph", "a.jpg", picture, f"jpegtopnm | {PICTURE}"),
        Document("TIFF, 300 dpi G4", "a.tif", tiff, "tiff2ps -a -h 11.69 -w 8.27 in"),
    ]


def ours(document: Document) -> Run:
    """Mails with the document, through one warm worker, whose own start is not counted."""
    raw = mail("", (document.name, document.content))
    idle, _, _ = _worked(raw, 0)
    cpu, wall, line = _worked(raw, MAILS)
    return Run((cpu - idle) / MAILS, wall, line)


def _worked(raw: bytes, mails: int) -> tuple[float, float, float]:
    """CPU ms of a worker's life with so many mails, wall ms of the last of them, its line s."""
    before, wall, line = _cpu(), 0.0, 0.0
    worker = Worker()
    worker.start()
    for _ in range(mails):
        start = time.perf_counter()
        pages = worker.render(Order(), raw).pages
        wall = (time.perf_counter() - start) * 1000
        line = sum(seconds(min(page.bits.values())) for page in pages)
    worker.close()
    return _cpu() - before, wall, line


def _cpu() -> float:
    """CPU ms of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000


def set_up(place: Path) -> None:
    """Make a folder in which `ps2fax` runs."""
    (place / "etc").mkdir()
    (place / "etc/setup.cache").write_text("GSRIP=gs\nCAT=cat\nSED=sed\n")


def hylafax(place: Path, document: Document) -> Run:
    """Its filter and its `ps2fax`."""
    (place / "in").write_bytes(document.content)
    ps2fax = f"{PS2FAX} -o out.tif -w 1728 -l 297 -r 196 -3"
    before, start = _cpu(), time.perf_counter()
    subprocess.run(
        f"( {document.filter} ) < in > in.ps && {ps2fax} in.ps",
        shell=True,
        cwd=place,
        check=True,
        capture_output=True,
    )
    wall = (time.perf_counter() - start) * 1000
    return Run(_cpu() - before, wall, _line_seconds(place / "out.tif"))


def _line_seconds(tiff: Path) -> float:
    total = 0.0
    with Image.open(tiff) as image:
        for frame in ImageSequence.Iterator(image):
            rows = packed(~np.asarray(frame.convert("1"), np.bool_))
            total += seconds(min(sizes(rows, frame.width, VR.R8_FINE).values()))
    return total


def median(runs: list[Run]) -> Run:
    """Of each figure by itself."""
    return Run(
        statistics.median(run.cpu for run in runs),
        statistics.median(run.wall for run in runs),
        runs[0].line,
    )


def compare(ways: dict[str, Callable[[Document], Run]]) -> None:
    """Print the table."""
    heads = "".join(f"{name + ' CPU':>14}{'wall ms':>9}{'line s':>8}" for name in ways)
    sys.stdout.write(f"{'':<24}{heads}\n")
    for document in documents():
        runs: dict[str, list[Run]] = {name: [] for name in ways}
        for _ in range(RUNS):
            for name, way in ways.items():
                runs[name].append(way(document))
        results = [median(taken) for taken in runs.values()]
        cells = "".join(f"{r.cpu:>14.0f}{r.wall:>9.0f}{r.line:>8.1f}" for r in results)
        ratio = f"{results[-1].cpu / results[0].cpu:>7.1f}x" if len(results) > 1 else ""
        sys.stdout.write(f"{document.kind:<24}{cells}{ratio}\n")


def main() -> int:
    """Measure."""
    ways: dict[str, Callable[[Document], Run]] = {"Faxgate": ours}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if PS2FAX.exists():
            set_up(place)
            ways["HylaFAX"] = lambda d: hylafax(place, d)
        else:
            sys.stdout.write("HylaFAX is not installed: make interop installs it.\n")
        compare(ways)
    return 0


if __name__ == "__main__":
    sys.exit(main())
