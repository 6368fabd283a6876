"""What a worker says is checked like any other input."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.offramp.protocol import (
    HEADER_LIMIT,
    CodedPage,
    PartDone,
    ProtocolError,
    head,
    pack,
    pack_page,
    pack_part,
    page_from,
    part_from,
    unpack,
)
from gateway.rendition import Rendition

MADE = Rendition("screen", 1, 120.0, {"MH": 15})
PAGE = CodedPage(1728, 2287, 1, b"\x01\x02", {"MH": 30, "MMR": 20}, MADE, b"\x03")
PART = PartDone("łódź.pdf", "application/pdf", 3, "", skipped=False)


def test_a_page_and_a_part_come_through() -> None:
    """What was packed is unpacked, in order, to the end of the stream."""
    stream = BytesIO(pack_page(PAGE) + pack_part(PART))
    first, second = unpack(stream.read), unpack(stream.read)

    assert first is not None
    assert second is not None
    assert page_from(first[1], first[2]) == PAGE
    assert part_from(second[1]) == PART
    assert unpack(stream.read) is None


@pytest.mark.parametrize(
    "said",
    [
        b"\0",
        b"\xff\xff\xff\xff",
        (HEADER_LIMIT + 1).to_bytes(4, "big"),
        b"\0\0\0\x02[]",
        b"\0\0\0\x02{}",
        b"\0\0\0\x05hello",
        head("page", {}, 10) + b"short",
        head("page", {}, -1),
        head("page", {}, 10**12),
        pack("page", {})[:-3],
    ],
)
def test_what_is_no_message_is_refused(said: bytes) -> None:
    """A stream that is cut or that lies about its lengths is a ProtocolError."""
    with pytest.raises(ProtocolError):
        unpack(BytesIO(said).read)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"width": 1728, "height": 0, "vr": 1, "bits": {}},
        {"width": 10**9, "height": 1, "vr": 1, "bits": {}},
        {"width": 1728, "height": 1, "vr": 1, "bits": []},
        {"width": "wide", "height": 1, "vr": 1, "bits": {}},
    ],
)
def test_a_page_must_be_described(values: dict[str, object]) -> None:
    """A page without sane sizes is no page."""
    with pytest.raises(ProtocolError):
        page_from(values, b"")


@pytest.mark.parametrize("values", [{}, {"name": "x"}, {"name": 1, "pages": "many"}])
def test_a_part_must_be_described(values: dict[str, object]) -> None:
    """A part without its fields is no part."""
    with pytest.raises(ProtocolError):
        part_from(values)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_are_a_message_or_an_error(said: bytes) -> None:
    """Rubbish gives messages, the end, or ProtocolError; nothing else."""
    stream = BytesIO(said)
    try:
        while unpack(stream.read) is not None:
            continue
    except ProtocolError:
        return
    assert stream.read() == b""
