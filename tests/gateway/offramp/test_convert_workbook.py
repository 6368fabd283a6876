"""A sheet is told how to fit the paper, unless its author has said it."""

from __future__ import annotations

import re

import pytest

from gateway.offramp.convert import Unfaxable
from gateway.offramp.convert.workbook import fitted, laid_out, width_of
from tests.gateway.offramp import offices

A4 = (210.0, 297.0)


def sheet(columns: int, *, properties: str = "", widths: str = "", setup: str = "") -> bytes:
    """A worksheet with one row of so many cells."""
    cells = "".join(f'<c r="{name(at)}1"><v>1</v></c>' for at in range(1, columns + 1))
    return (
        f"<worksheet>{properties}{widths}<sheetData><row>{cells}</row></sheetData>"
        f'<pageMargins left="0.7"/>{setup}<drawing/></worksheet>'
    ).encode()


def name(number: int) -> str:
    """The letters of a column."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@pytest.mark.parametrize(
    ("columns", "orientation", "across"),
    [(3, "portrait", 1), (15, "landscape", 1), (25, "landscape", 1), (60, "landscape", 3)],
)
def test_a_sheet_is_as_wide_as_stays_legible(columns: int, orientation: str, across: int) -> None:
    """Narrow sheets stand, wide ones lie, very wide ones take several pages side by side."""
    setup = re.search(rb"<pageSetup [^>]*>", fitted(sheet(columns), A4))

    assert setup
    assert f'orientation="{orientation}" fitToWidth="{across}" fitToHeight="0"'.encode() in setup[0]


@pytest.mark.parametrize(
    "content",
    [
        sheet(30, setup='<pageSetup scale="60"/>'),
        sheet(30, properties='<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'),
        b"<x:worksheet></x:worksheet>",
        b"",
    ],
)
def test_the_authors_choice_is_kept(content: bytes) -> None:
    """A scale, a fit, and what is not understood stay as they are."""
    assert fitted(content, A4) == content


@pytest.mark.parametrize(
    "properties",
    [
        "",
        '<sheetPr codeName="a"/>',
        '<sheetPr><tabColor rgb="FF0000"/></sheetPr>',
        '<sheetPr><pageSetUpPr fitToPage="false"/></sheetPr>',
    ],
)
@pytest.mark.parametrize("setup", ["", '<pageSetup scale="100" orientation="portrait"/>'])
def test_the_sheet_stays_well_formed(properties: str, setup: str) -> None:
    """There is one set-up, before the drawing, and one fit, whatever was there."""
    made = fitted(sheet(30, properties=properties, setup=setup), A4)

    assert made.count(b"<pageSetup ") == made.count(b'fitToPage="1"') == 1
    assert made.index(b"</sheetData>") < made.index(b"<pageSetup ") < made.index(b"<drawing")
    assert made.count(b"<sheetPr") == made.count(b"</sheetPr>") == 1


def test_hidden_columns_have_no_width() -> None:
    """Widths are taken from the columns that are used and shown."""
    widths = '<cols><col min="1" max="2" width="50"/><col min="3" max="16384" hidden="1"/></cols>'

    assert width_of(sheet(20, widths=widths)) == pytest.approx(2 * (7 * 50 + 5) * 25.4 / 96)


def test_letter_paper_is_asked_for() -> None:
    """The paper is the sheet's."""
    assert b'paperSize="1"' in fitted(sheet(3), (215.9, 279.4))


def test_a_damaged_workbook_has_a_reason() -> None:
    """What cannot be unpacked is damaged."""
    content = offices.workbook([["x"]])

    with pytest.raises(Unfaxable, match="damaged"):
        laid_out(content[:100] + bytes(400) + content[500:], A4)
