"""Documents for the peers: TIFF files of ITU chart pages, and whether two files show the same."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops

from gateway.cli.fax_files import write_tiff
from modems.pages import ReceivedPage
from modems.session import VR
from modems.terminal import PageQuality
from t4codec import Coding, Compression, encode
from tests.peer import need_program

CHARTS = Path(__file__).parents[1] / "data" / "charts"
RESOLUTIONS = {
    "standard": VR.R8_STANDARD,
    "fine": VR.R8_FINE,
    "superfine": VR.R8_SUPERFINE,
}


def document(path: Path, pages: int = 1, resolution: str = "fine", rows: int = 800) -> Path:
    """A TIFF of the first `rows` rows of so many charts, each page another."""
    vr = RESOLUTIONS[resolution]
    write_tiff(path, [_at_rest(_sheet(1 + number % 8, rows), vr) for number in range(pages)])
    return path


def _at_rest(image: Image.Image, vr: VR) -> ReceivedPage:
    packed = image.tobytes("raw", "1;I")
    mmr = encode(packed, Coding(Compression.MMR, width=image.width))
    return ReceivedPage(image.width, image.height, vr, mmr, {}, PageQuality())


def _sheet(chart: int, rows: int) -> Image.Image:
    with Image.open(CHARTS / f"itu{chart}.tif") as image:
        top = min(200, image.height - rows)
        return image.convert("1").crop((0, top, image.width, top + rows))


def sheets(path: Path) -> list[Image.Image]:
    """The pages of a TIFF."""
    with Image.open(path) as image:
        pages = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pages.append(image.convert("1"))
        return pages


def same(sent: Path, received: Path, above: int = 0, below: int = 0) -> bool:
    """Whether both files have the same pages, pel by pel, but for rows that a peer adds."""
    one = sheets(sent)
    other = [page.crop((0, above, page.width, page.height - below)) for page in sheets(received)]
    return len(one) == len(other) and all(map(_alike, one, other))


def _alike(one: Image.Image, other: Image.Image) -> bool:
    if one.size != other.size:
        return False
    return ImageChops.difference(one.convert("L"), other.convert("L")).getbbox() is None


def joined(parts: Sequence[Path], path: Path) -> Path:
    """Single-page TIFFs as one file."""
    tool = need_program("tiffcp", "libtiff-tools")
    subprocess.run([tool, *map(str, parts), str(path)], check=True, capture_output=True)
    return path
