"""libtiff, through Pillow and by itself, reads what we write and writes what we read."""

from __future__ import annotations

import ctypes
import io

import pytest
from hypothesis import given, settings
from PIL import Image, TiffImagePlugin

from t4codec import Coding, Compression, coded_bits, decode, encode
from tests.bench import libtiff
from tests.bench.pages import Page, all_pages
from tests.peer import need_library
from tests.t4codec.strategies import Rows, pages

PAGES = {page.name: page for page in all_pages()}
BENCHES = pytest.mark.parametrize("name", PAGES)
K = 2  # what libtiff takes where no resolution is said
GROUP3_OPTIONS = 292


def by_pillow(rows: bytes, width: int, height: int, compression: Compression) -> bytes:
    """The one strip that Pillow's libtiff makes of some rows."""
    image = Image.frombytes("1", (width, height), rows)
    options = TiffImagePlugin.ImageFileDirectory_v2()
    options[GROUP3_OPTIONS] = int(compression is Compression.MR)
    file = io.BytesIO()
    name = "group4" if compression is Compression.MMR else "group3"
    image.save(file, "TIFF", compression=name, tiffinfo=options, strip_size=1 << 30)
    with Image.open(file) as written:
        offsets, counts = written.tag_v2[273], written.tag_v2[279]  # type: ignore[attr-defined]
    assert len(offsets) == 1
    return file.getvalue()[offsets[0] : offsets[0] + counts[0]]


def coding_of_libtiff(compression: Compression, width: int) -> Coding:
    """How libtiff codes: no RTC in a strip of Group 3, EOFB in one of Group 4."""
    return Coding(compression, width=width, k=K, end_mark=compression is Compression.MMR)


@BENCHES
@pytest.mark.parametrize("compression", Compression)
def test_we_write_what_libtiff_writes(name: str, compression: Compression) -> None:
    """On the charts, halftones and a blank page our bits are libtiff's, and count as many."""
    page = PAGES[name]
    coding = coding_of_libtiff(compression, page.width)

    coded = encode(page.rows, coding)

    assert coded == by_pillow(page.rows, page.width, page.height, compression)
    assert (coded_bits(page.rows, coding) + 7) // 8 == len(coded)


@BENCHES
@pytest.mark.parametrize("compression", Compression)
def test_we_read_what_libtiff_writes(name: str, compression: Compression) -> None:
    """Pels of libtiff's strips are the pels that went in."""
    page = PAGES[name]
    strip = by_pillow(page.rows, page.width, page.height, compression)

    decoded = decode(strip, coding_of_libtiff(compression, page.width))

    assert decoded.rows == page.rows
    assert decoded.quality.bad_rows == 0


@pytest.mark.peer
@pytest.mark.parametrize("compression", [libtiff.GROUP3, libtiff.GROUP4])
def test_the_rival_of_the_bench_is_right(compression: int) -> None:
    """What `make bench` measures libtiff by is a full round trip."""
    need_library("tiff", "libtiff6")
    page: Page = PAGES["itu5"]
    file = libtiff.MemoryTiff()
    file.prepare(page.width, page.height, compression, two_dimensional=True)
    file.write_strip(page.rows)
    reader = libtiff.MemoryTiff(file.close())
    rows = ctypes.create_string_buffer(len(page.rows))

    assert reader.read_strip(rows) == len(page.rows)
    assert rows.raw == page.rows
    reader.close()


@given(pages().filter(lambda page: page.height > 0))
@settings(max_examples=100)
def test_any_page_is_written_and_read_alike(page: Rows) -> None:
    """On pages of every width class, libtiff and we agree bit by bit, both ways."""
    for compression in Compression:
        strip = by_pillow(page.packed, page.width, page.height, compression)
        coding = coding_of_libtiff(compression, page.width)

        assert encode(page.packed, coding) == strip
        assert decode(strip, coding).rows == page.packed
