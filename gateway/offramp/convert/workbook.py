"""Spreadsheets on paper: all columns side by side where that stays legible.

A workbook says how to print it only if somebody thought of it. Where nobody did, LibreOffice would
cut a wide table into strips of columns; here each sheet is told to fit the paper: upright, on its
side, or over so many pages next to each other as keep the letters legible. What the author chose
(a scale, a number of pages) is left alone.

ISO/IEC 29500-1 18.3.1.63 (pageSetup), 18.3.1.13 (col), 18.3.1.65 (pageSetUpPr).
"""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

from gateway.offramp.convert.base import Unfaxable
from gateway.said import said

LEGIBLE = 0.55  # least scale: letters of 11 points are 2.1 mm high
MARGINS = 36.0  # mm, left and right together, as Excel has them
DEFAULT_COLUMN = 8.43  # characters
PAPER_CODES = {210.0: 9, 215.9: 1}  # paperSize by width in mm
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
_TAGS = {
    name: re.compile(rb"<" + name.encode() + rb"\b[^>]*?(/?)>")
    for name in ("worksheet", "sheetPr", "pageSetup", "pageSetUpPr", "sheetFormatPr")
}
_BEHIND = re.compile(
    rb"<(?:headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|ignoredErrors|drawing|"
    rb"legacyDrawing|legacyDrawingHF|picture|oleObjects|controls|tableParts|extLst)\b|</worksheet>"
)
_COLUMN = re.compile(rb"<col\s[^>]*>")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d')
_SCALED = re.compile(rb'\bscale="(?!100")')
_FITTED = re.compile(rb'\bfitToPage="(?:1|true)"')


def laid_out(content: bytes, paper: tuple[float, float]) -> bytes:
    """Give the xlsx with every sheet fitted to paper of so many mm; raises `Unfaxable`."""
    out = BytesIO()
    try:
        with zipfile.ZipFile(BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
            for item in before.infolist():
                octets = before.read(item)
                if _SHEET.match(item.filename):
                    octets = fitted(octets, paper)
                after.writestr(item.filename, octets, zipfile.ZIP_STORED)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
        raise Unfaxable(said("is damaged and cannot be unpacked")) from error
    return out.getvalue()


def fitted(sheet: bytes, paper: tuple[float, float]) -> bytes:
    """Give one worksheet's XML with a page set-up, unless it has one of its author's."""
    setup, properties = _TAGS["pageSetup"].search(sheet), _TAGS["pageSetUpPr"].search(sheet)
    scaled = bool(setup and _SCALED.search(setup[0]))
    fits = bool(properties and _FITTED.search(properties[0]))
    if scaled or fits or not _TAGS["worksheet"].search(sheet):
        return sheet
    width = width_of(sheet)
    upright, turned = paper[0] - MARGINS, paper[1] - MARGINS
    across = 1 if width <= turned / LEGIBLE else math.ceil(width * LEGIBLE / turned)
    orientation = "portrait" if width <= upright else "landscape"
    tag = (
        f'<pageSetup paperSize="{PAPER_CODES.get(paper[0], 9)}" orientation="{orientation}" '
        f'fitToWidth="{across}" fitToHeight="0"/>'
    ).encode()
    return _with_setup(_with_fit(sheet), tag)


def width_of(sheet: bytes) -> float:
    """Estimate the width of the used columns in mm ([ISO 29500-1] 18.3.1.13: 7 pixels a letter)."""
    last = _last_column(sheet)
    default = _number(_TAGS["sheetFormatPr"].search(sheet), b"defaultColWidth") or DEFAULT_COLUMN
    widths = [default] * last
    for column in _COLUMN.finditer(sheet):
        first, end = int(_number(column, b"min") or 1), int(_number(column, b"max") or 0)
        hidden = b'hidden="1"' in column[0] or b'hidden="true"' in column[0]
        width = 0.0 if hidden else _number(column, b"width") or default
        for at in range(max(first, 1) - 1, min(end, last)):
            widths[at] = width
    return sum((7 * width + 5) * 25.4 / 96 for width in widths if width)


def _last_column(sheet: bytes) -> int:
    """The number of the last column with a cell in it."""
    names: Sequence[bytes] = list({match[1] for match in _CELL.finditer(sheet)})
    return max((_column_number(name) for name in names), default=1)


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return min(number, 16_384)


def _number(tag: re.Match[bytes] | None, attribute: bytes) -> float | None:
    found = tag and re.search(rb"\b" + attribute + rb'="([0-9.]{1,12})"', tag[0])
    try:
        return float(found[1]) if found else None
    except ValueError:
        return None


def _with_fit(sheet: bytes) -> bytes:
    """Say that the sheet is fitted to pages, in its properties."""
    fit = b'<pageSetUpPr fitToPage="1"/>'
    sheet = _TAGS["pageSetUpPr"].sub(b"", sheet, 1)
    properties = _TAGS["sheetPr"].search(sheet)
    if properties is None:
        start = _TAGS["worksheet"].search(sheet)
        assert start
        return sheet[: start.end()] + b"<sheetPr>" + fit + b"</sheetPr>" + sheet[start.end() :]
    if properties[1]:
        opened = properties[0][:-2] + b">" + fit + b"</sheetPr>"
        return sheet[: properties.start()] + opened + sheet[properties.end() :]
    return sheet.replace(b"</sheetPr>", fit + b"</sheetPr>", 1)


def _with_setup(sheet: bytes, tag: bytes) -> bytes:
    """Put the page set-up in its place."""
    setup = _TAGS["pageSetup"].search(sheet)
    if setup:
        return sheet[: setup.start()] + tag + sheet[setup.end() :]
    data = max(sheet.rfind(b"</sheetData>"), 0)
    behind = _BEHIND.search(sheet, data)
    at = behind.start() if behind else len(sheet)
    return sheet[:at] + tag + sheet[at:]
