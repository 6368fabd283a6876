"""The line at the top of each page that says when it was sent, by whom and from which number.

47 CFR 68.318(d) wants it in a margin of every page, or of the first: date and time, an
identification of the sender, and the telephone number of the sending machine. It is drawn when the
page goes out, in the resolution and width of that call, and never over the page: `modems.pages`
puts it into the page's own white margin, or above the page where there is none.

Parts of the text, parted by `|` in the configuration, are spread over the width. What is too wide
is set smaller, down to what can still be read at 98 rows to the inch; then its longest part is cut.
Drawing takes some milliseconds: call it in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from gateway.config.pages import Header
from gateway.words import telephone
from modems.pages import sizes
from modems.session import DF, VR

FONT = "DejaVuSans.ttf"  # of fonts-dejavu-core: Latin with all its accents, Greek, Cyrillic
STRIP = 5.0  # mm; height of the whole line with its white
MARGIN = 10.0  # mm on either side, where machines do not print
LARGEST, SMALLEST = 3.4, 2.4  # mm; size of the letters
GAP = 4.0  # mm; least distance of two parts
DPI = 600  # of the drawing, in both directions, before it becomes the page's pels
INK = 0.42  # a pel is black when so much of it is
MM = DPI / 25.4

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Sending:
    """What the header line of one call tells: who, from where, to where, and by whose clock."""

    settings: Header
    name: str  # of the sender; empty where none is configured
    number: str  # of the sending machine
    to: str
    zone: tzinfo | None = None

    def wanted(self, page: int, first: int) -> bool:
        """Whether page `page` of a call that begins with page `first` has the line."""
        return self.settings.on and (self.settings.pages == "every" or page == first)

    def parts(self, at: datetime, page: int, pages: int) -> list[str]:
        """The words, part by part; parts that have nothing to say are left out."""
        fields = {
            "date": at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M"),
            "name": self.name,
            "number": telephone(self.number),
            "to": telephone(self.to),
            "page": page,
            "pages": pages,
        }
        said = (" ".join(part.format(**fields).split()) for part in self.settings.text.split("|"))
        return [part for part in said if part]


def draw(parts: Sequence[str], width: int, vr: VR) -> bytes:
    """The line as packed rows of `width` pels, black 1."""
    x, y = vr.dpi
    canvas = Image.new("L", (round(width * DPI / x), round(STRIP * MM)), 0)
    _write(ImageDraw.Draw(canvas), list(parts), canvas.width)
    strip = canvas.resize((width, round(STRIP / 25.4 * y)), Image.Resampling.BOX)
    return strip.point(lambda level: 255 * (level >= 255 * INK), "1").tobytes("raw", "1")


def typical_bits(settings: Header, vr: VR, width: int) -> Mapping[DF, int]:
    """About how many bits the line adds to a page in each coding, before it is known what it says.

    None where there is no line.
    """
    return _typical(settings.text, vr, width) if settings.on else {}


@cache
def _typical(text: str, vr: VR, width: int) -> Mapping[DF, int]:
    number = "+48 22 123 45 67"
    sending = Sending(Header(text=text), "Example Company Limited", number, number)
    rows = draw(sending.parts(datetime(2026, 12, 24, 20, 26).astimezone(), 2, 4), width, vr)
    return {DF[name]: bits for name, bits in sizes(rows, width, vr).items()}


def _write(canvas: ImageDraw.ImageDraw, parts: list[str], width: int) -> None:
    """Set the parts at even distances between the margins, all on one line."""
    room = width - 2 * MARGIN * MM
    font, lengths = _fitted(parts, room)
    gap = (room - sum(lengths)) / max(1, len(parts) - 1)
    at = MARGIN * MM
    for part, length in zip(parts, lengths, strict=True):
        canvas.text((at, STRIP * MM / 2), part, fill=255, font=font, anchor="lm")
        at += length + gap


def _fitted(parts: list[str], room: float) -> tuple[Font, list[float]]:
    """The largest letters in which all parts fit, and the length of each; cuts what never fits."""
    room -= GAP * MM * (len(parts) - 1)
    font = _font(LARGEST)
    needed = sum(font.getlength(part) for part in parts)
    if needed > room:
        font = _font(max(SMALLEST, LARGEST * room / needed))
    while sum(map(font.getlength, parts)) > room:
        longest = max(range(len(parts)), key=lambda n: len(parts[n]))
        parts[longest] = parts[longest].rstrip("…")[:-1] + "…"
    return font, [font.getlength(part) for part in parts]


def _font(millimetres: float) -> Font:
    """Letters of a size; Pillow's own where the package of the font is missing."""
    size = millimetres * MM
    try:
        return ImageFont.truetype(FONT, size)
    except OSError:
        return ImageFont.load_default(size)
