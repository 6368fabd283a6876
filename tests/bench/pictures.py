"""`python -m tests.bench.pictures`: what goes over the line, beside HylaFAX's, as README shows it.

Draws `docs/pictures/{text,scan,photo}.png`: from left to right a part of the document as it came,
as HylaFAX's converters make it (`tests.bench.documents`) and as a mail through ours does, pel for
pel at 204 x 196, each with the seconds of its whole page on the line. The photograph is
`docs/pictures/astronaut.jpg`: Eileen Collins, by NASA, in the public domain.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from gateway.offramp.coded import seconds
from gateway.offramp.protocol import CodedPage, Order
from gateway.offramp.workers import Worker
from t4codec import Coding, Compression, decode
from tests.bench.documents import PS2FAX, Document, attached, hylafax, set_up
from tests.gateway.offramp.corpus import (
    FONT,
    LOREM,
    grey_scan,
    saved,
    text_pdf,
    typeset_pdf,
)

PICTURES = Path(__file__).parents[2] / "docs/pictures"
PAGE = (1728, 2287)  # pels and rows of A4 at 204 x 196
PANEL = (330, 280)
GAP = 10
CAPTION = 24
GREYS = 16
SCAN_FILTER = "pngtopnm | ppmtopgm | pnmscale -xysize 1728 2292 | pnmtops -dpi 196 -equalpixels"
Part = tuple[str, Image.Image, float | None]  # whose, the page, its seconds on the line


def photo_page() -> bytes:
    """A page of text around the photograph."""
    uri = base64.b64encode((PICTURES / "astronaut.jpg").read_bytes()).decode()
    picture = f'<img src="data:image/jpeg;base64,{uri}" style="width: 110mm">'
    return typeset_pdf(f"<p>{LOREM * 4}</p>{picture}<p>{LOREM * 4}</p>")


def documents() -> list[tuple[Document, tuple[int, int]]]:
    """What is shown, with the place of the part that is."""
    scan = saved(grey_scan(), "PNG", dpi=(300, 300))
    return [
        (attached("text", "a.pdf", text_pdf(), "cat"), (170, 140)),
        (attached("scan", "a.png", scan, SCAN_FILTER), (130, 120)),
        (attached("photo", "a.pdf", photo_page(), "cat"), (320, 380)),
    ]


def source(document: Document) -> Image.Image:
    """The document in grey, at the resolution of the fax."""
    if document.content.startswith(b"\x89PNG"):
        image = Image.open(io.BytesIO(document.content)).convert("L")
    else:
        page = pypdfium2.PdfDocument(document.content)[0]
        image = page.render(scale=300 / 72, grayscale=True).to_pil().convert("L")
    page_mm = (210, 297)
    size = (round(page_mm[0] * PAGE[0] / 215), PAGE[1])
    sheet = Image.new("L", PAGE, 255)
    sheet.paste(image.resize(size, Image.Resampling.LANCZOS), ((PAGE[0] - size[0]) // 2, 0))
    return sheet


def picture_of(page: CodedPage) -> Image.Image:
    """Give what the far end prints."""
    rows = decode(page.mmr, Coding(Compression.MMR, width=page.width)).rows
    bits = np.unpackbits(np.frombuffer(rows, np.uint8).reshape(page.height, -1), axis=1)
    return Image.fromarray((255 * (1 - bits[:, : page.width])).astype(np.uint8))


def ours(document: Document) -> Part:
    """The first page of a mail with the document."""
    worker = Worker()
    worker.start()
    page = worker.render(Order(), document.mail).pages[0]
    worker.close()
    return "Faxgate", picture_of(page), seconds(min(page.bits.values()))


def theirs(place: Path, document: Document) -> Part:
    """The same by HylaFAX's converters."""
    run = hylafax(place, document)
    assert run is not None, "it has a filter"
    with Image.open(place / "out.tif") as image:
        return "HylaFAX", image.convert("L"), run.line


def side_by_side(parts: Sequence[Part], left: int, top: int) -> Image.Image:
    """Cut the same place out of each, and say under it what it costs."""
    width, height = PANEL
    shown = Image.new("L", (len(parts) * (width + GAP) - GAP, height + CAPTION), 255)
    draw, font = ImageDraw.Draw(shown), ImageFont.truetype(FONT, 15)
    for number, (name, page, line) in enumerate(parts):
        x = number * (width + GAP)
        shown.paste(page.crop((left, top, left + width, top + height)), (x, 0))
        draw.rectangle((x, 0, x + width - 1, height - 1), outline=160)
        text = name if line is None else f"{name}: {line:.1f} s on the line"
        draw.text((x + 2, height + 3), text, font=font, fill=0)
    return shown.quantize(GREYS)


def main() -> int:
    """Draw them."""
    if not PS2FAX.exists():
        sys.stderr.write("HylaFAX is not installed: make interop installs it.\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        set_up(place)
        for document, (left, top) in documents():
            parts = (("source", source(document), None), theirs(place, document), ours(document))
            side_by_side(parts, left, top).save(PICTURES / f"{document.kind}.png", optimize=True)
            costs = ", ".join(f"{name} {line:.1f} s" for name, _, line in parts if line)
            sys.stdout.write(f"{document.kind}: {costs}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
