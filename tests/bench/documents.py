"""`python -m tests.bench.documents`: mail to fax-ready pages, beside HylaFAX's converters.

CPU and wall milliseconds for a whole document and the seconds of its pages on the line, at
204 x 196, in the smallest coding at 14,400 bit/s. Ours is a whole mail through a warm worker.
HylaFAX's is what its client and server run for the same document and no more: the filters of its
`typerules` for text and pictures, `tiff2ps` for TIFF, and `ps2fax` with Ghostscript; `faxmail`, the
transfer and the queue before it are left out in its favour. HTML and office documents it refuses.
Where it is not installed, ours is measured alone. Each figure is the median of three runs that take
turns, ours of five mails each.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from gateway.offramp.coded import packed, seconds, sizes
from gateway.offramp.protocol import Order
from gateway.offramp.workers import Worker
from modems.session import VR
from tests.gateway.offramp.corpus import (
    LOREM,
    grey_scan,
    mail,
    photo,
    photo_pdf,
    raw_pdf,
    saved,
    text_image,
    text_pdf,
)
from tests.gateway.offramp.offices import letter

RUNS = 3
PS2FAX = Path("/var/spool/hylafax/bin/ps2fax")
MAILS = 5
TEXT = "\n".join(f"{n}. The quick brown fox jumps over the lazy dog." for n in range(45))
# Its typerules, for A4 at 204 x 196.
ASCII = "enscript -B -f Courier-Bold@11 --margins=24::60:36 -s 2.2 -q -M A4 -p -"
TIFF = "tiff2ps -a -h 11.69 -w 8.27 in"
PICTURE = "ppmtopgm | pnmscale -xysize 1728 2292 | pnmtops -dpi 196 -equalpixels"


@dataclass(frozen=True)
class Document:
    """A mail with a document, and how HylaFAX makes PostScript of that: a shell filter.

    The filter is empty where HylaFAX has none.
    """

    kind: str
    mail: bytes
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
    fax = saved(bilevel.resize((1728, 2292)), "TIFF", compression="group4", dpi=(204, 196))
    scan = saved(grey_scan(), "PNG", dpi=(300, 300))
    picture = saved(photo().resize((2480, 3508)), "JPEG", dpi=(300, 300))
    return [
        Document("mail, a page of text", mail(TEXT), TEXT.encode(), ASCII),
        Document("mail, a page of HTML", html_mail(), b"", ""),
        attached("PDF, 3 pages of text", "a.pdf", text_pdf(3), "cat"),
        attached("PDF, 10 pages of text", "a.pdf", text_pdf(10), "cat"),
        attached("PDF, a line drawing", "a.pdf", drawing(), "cat"),
        attached("PDF with a photograph", "a.pdf", photo_pdf(), "cat"),
        attached("PNG, 300 dpi scan", "a.png", scan, f"pngtopnm | {PICTURE}"),
        attached("JPEG, a photograph", "a.jpg", picture, f"jpegtopnm | {PICTURE}"),
        attached("TIFF, 300 dpi G4", "a.tif", tiff, TIFF),
        attached("TIFF, a fax page", "a.tif", fax, TIFF),
        attached("DOCX, a page of text", "a.docx", letter(*[LOREM * 4] * 8), ""),
    ]


def attached(kind: str, name: str, content: bytes, filter_: str) -> Document:
    """A document that is attached to a mail without text."""
    return Document(kind, mail("", (name, content)), content, filter_)


def html_mail() -> bytes:
    """A mail with HTML only, as newsletters and programs send it."""
    rows = "".join(f"<tr><td>{n}</td><td>{LOREM}</td></tr>" for n in range(20))
    message = EmailMessage()
    message["From"], message["Subject"] = "Jan Żak <jan@example.org>", "A fax"
    message.set_content(f"<h1>Report</h1><table border=1>{rows}</table>", subtype="html")
    return message.as_bytes()


def drawing() -> bytes:
    """A plan: thin lines, curves and filled shapes, no letters."""
    lines = [f"{60 + n % 20 * 24} 60 m {60 + n % 20 * 24} {300 + n * 4} l" for n in range(100)]
    curves = [f"{n} 100 m {n} 300 {n + 90} 300 {n + 90} 700 c" for n in range(60, 450, 30)]
    boxes = [f"{80 + n * 45} 380 30 60 re f" for n in range(10)]
    return raw_pdf(" ".join(["0.5 w", *lines, *curves, "S", *boxes]).encode())


def ours(document: Document) -> Run:
    """Mails with the document, through one warm worker, whose own start is not counted."""
    before, wall, line = _cpu(), 0.0, 0.0
    worker = Worker()
    worker.start()
    idle = _cpu_of(worker)
    for _ in range(MAILS):
        start = time.perf_counter()
        pages = worker.render(Order(), document.mail).pages
        wall = (time.perf_counter() - start) * 1000
        line = sum(seconds(min(page.bits.values())) for page in pages)
    worker.close()
    return Run((_cpu() - before - idle) / MAILS, wall, line)


def _cpu_of(worker: Worker) -> float:
    """CPU ms that a worker has taken up to now (proc(5), stat: utime to cstime)."""
    assert worker._process is not None
    stat = Path(f"/proc/{worker._process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in stat[11:15]) * 1000 / os.sysconf("SC_CLK_TCK")


def _cpu() -> float:
    """CPU ms of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000


def set_up(place: Path) -> None:
    """Make a folder in which `ps2fax` runs."""
    (place / "etc").mkdir()
    (place / "etc/setup.cache").write_text("GSRIP=gs\nCAT=cat\nSED=sed\n")


def hylafax(place: Path, document: Document) -> Run | None:
    """Its filter and its `ps2fax`; None for what it refuses."""
    if not document.filter:
        return None
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


def median(runs: list[Run | None]) -> Run | None:
    """Of each figure by itself."""
    taken = [run for run in runs if run is not None]
    if not taken:
        return None
    return Run(
        statistics.median(run.cpu for run in taken),
        statistics.median(run.wall for run in taken),
        taken[0].line,
    )


def compare(ways: dict[str, Callable[[Document], Run | None]]) -> None:
    """Print the table."""
    heads = "".join(f"{name + ' CPU':>14}{'wall ms':>9}{'line s':>8}" for name in ways)
    sys.stdout.write(f"{'':<24}{heads}\n")
    for document in documents():
        runs: dict[str, list[Run | None]] = {name: [] for name in ways}
        for _ in range(RUNS):
            for name, way in ways.items():
                runs[name].append(way(document))
        results = [median(taken) for taken in runs.values()]
        cells = "".join(
            f"{r.cpu:>14.0f}{r.wall:>9.0f}{r.line:>8.1f}" if r else f"{'refused':>31}"
            for r in results
        )
        first, last = results[0], results[-1]
        ratio = f"{last.cpu / first.cpu:>7.1f}x" if first and last and last is not first else ""
        sys.stdout.write(f"{document.kind:<24}{cells}{ratio}\n")


def main() -> int:
    """Measure."""
    ways: dict[str, Callable[[Document], Run | None]] = {"Faxgate": ours}
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
