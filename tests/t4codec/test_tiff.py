"""TIFF-F files: ours are read by libtiff, and everybody's by us."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path
from struct import pack, unpack_from

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from t4codec import CodedPage, Coding, Compression, Quality, Resolution, decode, encode, page, tiff
from t4codec.tiff_directory import LONG, SHORT, Field, Writer, read_directories
from tests.bench.pages import CHARTS, charts
from tests.peer import need_program

CHART = charts()[0]
HEIGHT = 300
ROWS = CHART.rows[216 * 300 : 216 * (300 + HEIGHT)]
MMR = Coding(Compression.MMR, width=CHART.width)
FREE_OFFSETS = 0xFFFF  # a tag of nobody
FORMS = {
    "MH": Coding(Compression.MH, width=CHART.width),
    "MH aligned": Coding(Compression.MH, width=CHART.width, eol_aligned=True),
    "MR": Coding(Compression.MR, width=CHART.width, k=4, min_row_bits=96),
    "MR aligned": Coding(Compression.MR, width=CHART.width, eol_aligned=True),
    "MMR": MMR,
    "MMR LSB first": replace(MMR, lsb_first=True),
    "MH without EOL": Coding(Compression.MH, width=CHART.width, eol=False),
}


def a_page(coding: Coding = MMR, resolution: Resolution = page.R8_FINE) -> CodedPage:
    """A part of a chart."""
    return CodedPage(encode(ROWS, coding), coding, HEIGHT, resolution)


def rows_of(document: tiff.Document) -> list[bytes]:
    """The packed rows of every page."""
    return [decode(p.page.data, p.page.coding).rows for p in document.pages]


def image() -> Image.Image:
    """The same part of the chart for Pillow."""
    return Image.frombytes("1", (CHART.width, HEIGHT), ROWS, "raw", "1;I")


def saved(**options: object) -> bytes:
    """What Pillow saves it as."""
    file = io.BytesIO()
    image().save(file, "TIFF", **options)
    return file.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_libtiff_reads_what_we_write(form: str) -> None:
    """Every page of a file in any coding has its pels, its size and its number."""
    pages = [a_page(FORMS[form]), a_page(FORMS[form], page.R8_STANDARD)]

    with Image.open(io.BytesIO(tiff.write(pages))) as opened:
        assert opened.n_frames == 2  # type: ignore[attr-defined]
        for number, y_dpi in enumerate((196, 98)):
            opened.seek(number)
            assert opened.tobytes("raw", "1;I") == ROWS
            assert opened.info["dpi"] == (204, y_dpi)
            assert opened.tag_v2[tiff.PAGE_NUMBER] == (number, 2)  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", FORMS)
def test_we_read_what_we_write(form: str) -> None:
    """A file comes back with its pels and resolution, and nothing to complain about."""
    document = tiff.read(tiff.write([a_page(FORMS[form], page.INCH_300X300), a_page()]))

    assert document.problem == ""
    assert rows_of(document) == [ROWS, ROWS]
    assert [p.page.resolution for p in document.pages] == [page.INCH_300X300, page.R8_FINE]


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", None])
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("options", [0, 1, 4, 5])
@pytest.mark.parametrize("strip_rows", [7, 1000])
def test_we_read_what_pillow_writes(
    compression: str | None, photometric: int, options: int, strip_rows: int
) -> None:
    """Any coding, sense of black, T4Options and number of strips gives the same pels."""
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    directory[tiff.PHOTOMETRIC] = photometric
    if compression == "group3":
        directory[tiff.T4_OPTIONS] = options

    document = tiff.read(
        saved(compression=compression, tiffinfo=directory, strip_size=strip_rows * 216)
    )

    assert rows_of(document) == [ROWS]
    assert document.pages[0].quality == Quality(HEIGHT)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"dpi": (204, 98)}, page.R8_STANDARD),
        ({"x_resolution": 80.4, "y_resolution": 77.0, "resolution_unit": "cm"}, page.R8_FINE),
        ({"x_resolution": 160.8, "y_resolution": 154, "resolution_unit": "cm"}, (408, 391)),
        ({"x_resolution": 5, "y_resolution": 9, "resolution_unit": 1}, page.R8_FINE),
        ({}, page.R8_FINE),
        ({"dpi": (204, 1)}, page.R8_FINE),
    ],
)
def test_resolution_is_in_inches_at_last(
    options: dict[str, object], expected: tuple[int, int]
) -> None:
    """Inch and metric resolution come out in dots per inch; fine where a file does not say."""
    document = tiff.read(saved(compression="group4", **options))

    assert document.pages[0].page.resolution == expected


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*.tif")), ids=lambda p: p.stem)
def test_the_charts_are_read(path: Path) -> None:
    """The ITU charts as files, big or little endian, give Pillow's pels."""
    document = tiff.read(path.read_bytes())

    with Image.open(path) as opened:
        assert rows_of(document) == [opened.convert("1").tobytes("raw", "1;I")]


def test_the_quality_of_a_page_is_kept() -> None:
    """What the receiver counted is written in TIFF's three fields and read again."""
    quality = Quality(HEIGHT, bad_rows=12, longest_bad_run=5)
    file = tiff.write([tiff.TiffPage(a_page(), quality), a_page()])

    assert [p.quality for p in tiff.read(file).pages] == [quality, Quality(HEIGHT)]
    with Image.open(io.BytesIO(file)) as opened:
        tags = opened.tag_v2  # type: ignore[attr-defined]
        assert (tags[tiff.BAD_FAX_LINES], tags[tiff.CLEAN_FAX_DATA]) == (12, 1)
        assert tags[tiff.CONSECUTIVE_BAD_FAX_LINES] == 5


def test_profile_s_is_mh_least_significant_bit_first() -> None:
    """`minimal` makes the form that every Internet fax reader takes, little endian."""
    file = tiff.write([tiff.minimal(a_page())])

    assert file.startswith(b"II*\0")
    with Image.open(io.BytesIO(file)) as opened:
        tags = opened.tag_v2  # type: ignore[attr-defined]
        assert (tags[tiff.COMPRESSION], tags[tiff.FILL_ORDER]) == (3, 2)
        assert tags[tiff.T4_OPTIONS] == 0
        assert opened.tobytes("raw", "1;I") == ROWS


def test_missing_rows_are_bad_rows() -> None:
    """A strip with fewer rows than the page says is filled up, and that is counted."""
    short = replace(a_page(), height=HEIGHT + 40)
    (read,) = tiff.read(tiff.write([short])).pages

    assert read.page.height == HEIGHT + 40
    assert read.quality == Quality(HEIGHT + 40, bad_rows=40, longest_bad_run=40)


def patched(file: bytes, tag: int, value: int, kind: int = 3) -> bytes:
    """A one-page file of ours with another value in a field."""
    start = unpack_from("<I", file, 4)[0]
    count = unpack_from("<H", file, start)[0]
    for at in range(start + 2, start + 2 + 12 * count, 12):
        if unpack_from("<H", file, at)[0] == tag:
            return file[: at + 2] + pack("<HII", kind, 1, value) + file[at + 12 :]
    raise AssertionError(tag)


@pytest.mark.parametrize(
    ("tag", "value", "says"),
    [
        (tiff.COMPRESSION, 5, "Page 1 is compressed by method 5, which is no fax coding."),
        (tiff.IMAGE_WIDTH, 0, "Page 1 has impossible dimensions, 0 x 300."),
        (tiff.IMAGE_LENGTH, 1 << 30, "Page 1 has impossible dimensions, 1728 x 1073741824."),
        (tiff.BITS_PER_SAMPLE, 8, "Page 1 is not black and white."),
        (tiff.STRIP_OFFSETS, 8, ""),
        (tiff.NEW_SUBFILE_TYPE, 1, ""),
    ],
)
def test_what_cannot_be_read_is_said(tag: int, value: int, says: str) -> None:
    """A page that is none for a fax is left out, and a sentence says why."""
    document = tiff.read(patched(tiff.write([a_page()]), tag, value, kind=4))

    assert document.problem == says
    assert len(document.pages) == (tag == tiff.STRIP_OFFSETS)


def test_a_page_without_strips_is_refused() -> None:
    """A page that does not say where its pixels are cannot be read."""
    file = patched(tiff.write([a_page()]), tiff.STRIP_OFFSETS, 0, kind=99)

    assert tiff.read(file).problem == "Page 1 does not say where its pixels are."


def test_strip_byte_counts_may_be_missing() -> None:
    """Old writers say only where the strip begins; it ends where its codes do."""
    file = patched(tiff.write([a_page()]), tiff.STRIP_BYTE_COUNTS, 0, kind=99)

    assert rows_of(tiff.read(file)) == [ROWS]


def a_file(strips: list[bytes], rows_per_strip: int, compression: int) -> bytes:
    """A file of one page as others lay it out: many strips, or T.4 in a form of their own."""
    (first,) = read_directories(_laid_out(strips, rows_per_strip, compression, 0))
    return _laid_out(strips, rows_per_strip, compression, first[FREE_OFFSETS][0])


def _laid_out(strips: list[bytes], rows_per_strip: int, compression: int, start: int) -> bytes:
    """The file whose strips begin at `start`."""
    writer = Writer()
    at = [start + sum(map(len, strips[:i])) for i in range(len(strips))]
    writer.add(
        b"".join(strips),
        FREE_OFFSETS,
        [
            Field(tiff.IMAGE_WIDTH, LONG, (CHART.width,)),
            Field(tiff.IMAGE_LENGTH, LONG, (HEIGHT,)),
            Field(tiff.COMPRESSION, SHORT, (compression,)),
            Field(tiff.STRIP_OFFSETS, LONG, tuple(at)),
            Field(tiff.STRIP_BYTE_COUNTS, LONG, tuple(map(len, strips))),
            Field(tiff.ROWS_PER_STRIP, LONG, (rows_per_strip,)),
        ],
    )
    return writer.end()


def test_strips_beyond_the_page_are_left() -> None:
    """Rows that the page does not have are not taken from further strips."""
    halves = [
        encode(part, MMR) for part in (ROWS[: 216 * 150], ROWS[216 * 150 :], ROWS[: 216 * 150])
    ]

    assert rows_of(tiff.read(a_file(halves, 150, tiff.T6))) == [ROWS]


def test_t4_without_eols_is_read() -> None:
    """Some writers leave the EOLs of T.4 out of a strip."""
    strip = encode(ROWS, Coding(Compression.MH, width=CHART.width, eol=False, end_mark=False))

    (read,) = tiff.read(a_file([strip], HEIGHT, tiff.T4)).pages

    assert rows_of(tiff.Document((read,))) == [ROWS]
    assert read.quality.bad_rows == 0


@pytest.mark.parametrize("data", [b"", b"II", b"%PDF-1.4", b"II*\0", b"II*\0\xff\xff\xff\xff"])
def test_other_files_are_no_tiff(data: bytes) -> None:
    """What is no TIFF file, or the beginning of one, has no pages."""
    document = tiff.read(data)

    assert document.pages == ()


def test_a_chain_of_directories_that_bites_its_tail_ends() -> None:
    """Directories that link back are read once."""
    file = bytearray(tiff.write([a_page()]))
    file[-4:] = file[4:8]

    assert len(tiff.read(bytes(file)).pages) == 1


def test_a_file_holds_a_bounded_number_of_rows() -> None:
    """Pages beyond a million rows are refused, however few octets claim them."""
    white = CodedPage(encode(bytes(216), MMR), MMR, 40_000)
    document = tiff.read(tiff.write([white] * 27))

    assert len(document.pages) == 25
    assert document.problem == "Page 26 is more than one file may hold."


@given(st.data())
@settings(max_examples=200)
def test_rubbish_is_survived(data: st.DataObject) -> None:
    """A mutated file gives a document, never an exception."""
    file = bytearray(tiff.write([a_page(), a_page(FORMS["MR"])]))
    start = unpack_from("<I", file, 4)[0]
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(file) - 1) | st.integers(start, start + 190))
        file[place] = data.draw(st.integers(0, 255))

    document = tiff.read(bytes(file[: data.draw(st.integers(0, len(file)))]))

    assert len(document.pages) <= 2 or document.problem == ""


@pytest.mark.peer
@pytest.mark.parametrize("coding", ["g3:1d", "g3:2d", "g3:1d:fill", "g3:2d:fill", "g4"])
@pytest.mark.parametrize("order", ["-L", "-B"])
@pytest.mark.parametrize("fill", ["msb2lsb", "lsb2msb"])
def test_we_read_what_tiffcp_writes(tmp_path: Path, coding: str, order: str, fill: str) -> None:
    """The tool of libtiff, in each coding, byte order and fill order, is read right."""
    tiffcp = need_program("tiffcp", "libtiff-tools")
    source, target = tmp_path / "in.tif", tmp_path / "out.tif"
    source.write_bytes(tiff.write([a_page(), a_page()]))
    command = [tiffcp, order, "-f", fill, "-r", "50", "-c", coding, str(source), str(target)]
    subprocess.run(command, check=True, timeout=30)

    document = tiff.read(target.read_bytes())

    assert document.problem == ""
    assert rows_of(document) == [ROWS, ROWS]


@pytest.mark.peer
@pytest.mark.parametrize("device", ["tiffcrle", "tiffg3", "tiffg32d", "tiffg4"])
def test_we_read_what_ghostscript_writes(tmp_path: Path, device: str) -> None:
    """Ghostscript's four fax devices are read right, with their resolution."""
    gs = need_program("gs", "ghostscript")
    target = tmp_path / "out.tif"
    command = [gs, "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", f"-sDEVICE={device}", "-r204x98"]
    drawing = "/Helvetica 40 selectfont 99 500 moveto (Fax 123) show 0 0 300 9 rectfill showpage"
    subprocess.run([*command, f"-o{target}", "-c", drawing], check=True, timeout=60)

    document = tiff.read(target.read_bytes())

    assert document.problem == ""
    with Image.open(target) as opened:
        assert rows_of(document) == [opened.convert("1").tobytes("raw", "1;I")]
    assert document.pages[0].page.resolution == page.R8_STANDARD
    assert document.pages[0].quality.bad_rows == 0
