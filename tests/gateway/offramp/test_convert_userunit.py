"""A page whose unit is not a point comes out as large as it says (ISO 32000-1 14.11.1)."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from gateway.offramp.convert import Unfaxable
from gateway.offramp.convert.userunit import user_units
from tests.gateway.offramp import corpus
from tests.gateway.offramp.sink import drawn, millimetres

IN_MM = 72 / 25.4  # points in one unit


def with_unit(unit: float, content: bytes, *, packed: bool = False, locked: bool = False) -> bytes:
    """The same PDF, on whose pages one unit is so many points."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        for page in document.pages:
            page.obj["/UserUnit"] = unit
        mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
        lock = pikepdf.Encryption(owner="owner", user="") if locked else None
        document.save(out, object_stream_mode=mode, encryption=lock)
    return out.getvalue()


@pytest.mark.parametrize(("packed", "locked"), [(False, False), (True, False), (True, True)])
def test_a_page_drawn_in_millimetres_keeps_its_size(packed: bool, locked: bool) -> None:
    """Wherever the word stands: in the open, in an object stream, or behind an open lock."""
    frame = corpus.raw_pdf(b"30 40 150 200 re S", box="0 0 210 297")
    content = with_unit(IN_MM, frame, packed=packed, locked=locked)
    assert packed is (b"/UserUnit" not in content)

    left, top, width, height = millimetres(drawn(content).pages[0])

    assert (left, top) == pytest.approx((32.5, 57), abs=1.0)  # the line is a millimetre thick
    assert (width, height) == pytest.approx((151, 201), abs=0.8)


def test_a_plan_of_ten_metres_is_refused_as_such() -> None:
    """Its numbers are small and the page is not."""
    content = with_unit(10, corpus.raw_pdf(b"0 0 m 9 9 l S", box="0 0 2835 842"))

    with pytest.raises(Unfaxable, match="page 1 that is 10 m long"):
        drawn(content)


@pytest.mark.parametrize("unit", [0, -2, 1])
def test_a_unit_that_is_none_is_a_point(unit: float) -> None:
    """And the page is drawn as every reader draws it."""
    assert user_units(with_unit(unit, corpus.raw_pdf(b"0 0 m 9 9 l S"))) == {}


def test_what_only_looks_like_a_unit_changes_nothing() -> None:
    """A file that cannot be read a second time keeps its size."""
    assert user_units(b"%PDF-1.7 /UserUnit 3 /ObjStm stream\nxxxx") == {}
    assert user_units(corpus.text_pdf()) == {}
