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


def document(
    path: Path,
    pages: int = 1,
    resolution: str = "fine",
    rows: int = 800,
    height: int = 0,
    margin: int = 0,
) -> Path:
    """A TIFF of the first `rows` rows of so many charts, each page another.

    With `margin`, so many white rows above and below. With `height`, a whole sheet: below the chart
    only a rule down its side, which is cheap to send.
    """
    vr = RESOLUTIONS[resolution]
    whole = max(rows + 2 * margin, height)
    images = [_sheet(1 + number % 8, rows, whole, margin) for number in range(pages)]
    write_tiff(path, [_at_rest(image, vr) for image in images])
    return path


def _at_rest(image: Image.Image, vr: VR) -> ReceivedPage:
    packed = image.tobytes("raw", "1;I")
    mmr = encode(packed, Coding(Compression.MMR, width=image.width))
    return ReceivedPage(image.width, image.height, vr, mmr, {}, PageQuality())


def _sheet(chart: int, rows: int, height: int, margin: int) -> Image.Image:
    with Image.open(CHARTS / f"itu{chart}.tif") as image:
        top = min(200, image.height - rows)
        sheet = Image.new("1", (image.width, height), 1)
        sheet.paste(image.convert("1").crop((0, top, image.width, top + rows)), (0, margin))
        if height > rows + 2 * margin:
            sheet.paste(0, (100, rows, 108, height))
        return sheet


def sheets(path: Path) -> list[Image.Image]:
    """The pages of a TIFF."""
    with Image.open(path) as image:
        pages = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pages.append(image.convert("1"))
        return pages


def same(sent: Path, received: Path, above: int = 0, below: int = 0, lost: int = 0) -> bool:
    """Whether both files have the same pages, pel by pel.

    A peer may add `above` white rows before each page and up to `below` of any kind after it, or
    lose up to `lost` of its last rows.
    """
    one, other = sheets(sent), sheets(received)
    alike = (_alike(page, got, above, below, lost) for page, got in zip(one, other, strict=False))
    return len(one) == len(other) and all(alike)


def _alike(page: Image.Image, got: Image.Image, above: int, below: int, lost: int) -> bool:
    more = got.height - above - page.height
    if got.width != page.width or not -lost <= more <= below:
        return False
    expected = Image.new("1", (page.width, min(got.height, above + page.height)), 1)
    expected.paste(page, (0, above))
    kept = got.crop((0, 0, got.width, expected.height))
    return ImageChops.difference(expected.convert("L"), kept.convert("L")).getbbox() is None


def joined(parts: Sequence[Path], path: Path) -> Path:
    """Single-page TIFFs as one file."""
    tool = need_program("tiffcp", "libtiff-tools")
    subprocess.run([tool, *map(str, parts), str(path)], check=True, capture_output=True)
    return path
