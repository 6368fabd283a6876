"""A PDF is drawn as a printer would, or refused with the reason; never with holes."""

from __future__ import annotations

import time
from io import BytesIO

import numpy as np
import pikepdf
import pypdf
import pytest
from PIL import Image

from gateway.offramp.convert import Unfaxable
from tests.gateway.offramp import corpus
from tests.gateway.offramp.sink import drawn, millimetres
from tests.peer import need_program


def raw_box(left: float, bottom: float, width: float, height: float) -> bytes:
    """An A4 page with a frame, in mm."""
    numbers = " ".join(f"{value * 72 / 25.4:.2f}" for value in (left, bottom, width, height))
    return corpus.raw_pdf(f"{numbers} re S".encode(), box="0 0 595.28 841.89")


def hole_in(content: bytes) -> bytes:
    """The same PDF whose page has lost its content and a wrong cross-reference offset."""
    start = content.rfind(b"startxref")
    damaged = content.replace(b"/Contents", b"/Nothings")
    return damaged[:start] + b"startxref\n99\n%%EOF"


def pageless() -> bytes:
    """A PDF of no pages."""
    out = BytesIO()
    pypdf.PdfWriter().write(out)
    return out.getvalue()


def test_every_page_is_drawn() -> None:
    """Ten pages in, ten pages out, each of A4 at fine resolution with ink on it."""
    seen = drawn(corpus.text_pdf(10))

    assert len(seen.pages) == 10
    assert {(page.width, page.height) for page in seen.coded} == {(1728, 2287)}
    assert all(0.001 < ink.mean() < 0.1 for ink in seen.pages)


def test_a_circle_stays_round() -> None:
    """Pels are not square, the drawing is: a circle of 100 mm is 100 mm both ways."""
    shape = '<circle cx="5" cy="5" r="4.9"/>'
    circle = f'<svg width="100mm" height="100mm" viewBox="0 0 10 10">{shape}</svg>'
    _, _, width, height = millimetres(drawn(corpus.typeset_pdf(circle)).pages[0])

    assert width == pytest.approx(98, abs=0.4)
    assert height == pytest.approx(98, abs=0.4)


def test_ink_lies_where_it_lay() -> None:
    """What is 20 mm from the paper's edges is there on the fax, 2.5 mm further on the scan line."""
    box = raw_box(20, 20, 170, 257)
    left, top, width, height = millimetres(drawn(box).pages[0])

    assert left == pytest.approx(22.5, abs=0.3)
    assert top == pytest.approx(20, abs=0.3)
    assert width == pytest.approx(170.3, abs=0.3)
    assert height == pytest.approx(257.3, abs=0.3)


def test_ink_at_the_edge_is_brought_inside() -> None:
    """A frame at the very edge of the paper is made smaller, whole and unstretched."""
    left, top, width, height = millimetres(drawn(raw_box(2, 2, 206, 293)).pages[0])

    assert left >= 9
    assert top >= 7.5
    assert left + width <= 206.2
    assert top + height <= 289.5
    assert width / height == pytest.approx(206 / 293, rel=0.01)


def test_landscape_is_turned() -> None:
    """A landscape page fills the paper the other way round."""
    page = drawn(corpus.typeset_pdf("<hr>", "size: 297mm 210mm; margin: 20mm")).pages[0]
    _, _, width, height = millimetres(page)

    assert height == pytest.approx(257, abs=1)
    assert width < 5


@pytest.mark.parametrize(("size", "rows"), [("A5", 1617), ("A6 landscape", 808), ("Letter", 2142)])
def test_other_papers_keep_their_size(size: str, rows: int) -> None:
    """A page of another size is laid on at its own size, not stretched and not cut."""
    (page,) = drawn(corpus.typeset_pdf("<p>Hello", f"size: {size}; margin: 15mm")).coded

    assert page.height == rows


def test_a_large_drawing_is_made_smaller() -> None:
    """A plan of A1 fits on the page."""
    frame = '<div style="border: 3mm solid; height: 700mm"></div>'
    seen = drawn(corpus.typeset_pdf(frame, "size: 594mm 841mm; margin: 30mm"))
    _, _, width, height = millimetres(seen.pages[0])

    assert width / height == pytest.approx(534 / 706, rel=0.02)


def test_forms_show_their_values() -> None:
    """What was typed into a form is on the fax."""
    assert drawn(corpus.form_pdf("Zazolc")).pages[0].any()


def test_an_open_encrypted_pdf_is_drawn() -> None:
    """A PDF that only forbids changes opens without a password."""
    assert drawn(corpus.encrypted_pdf("")).pages[0].any()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: corpus.encrypted_pdf("secret"), "protected with a password"),
        (lambda: corpus.text_pdf(3)[:-60], "end of the file is missing"),
        (lambda: corpus.text_pdf(3)[:3000], "end of the file is missing"),
        (lambda: b"%PDF-1.7 and rubbish %%EOF", "cannot be opened"),
        (lambda: corpus.raw_pdf(b"", box="0 0 200000 200000"), "71 m long"),
        (lambda: corpus.raw_pdf(b"", box="0 0 1 500"), "without area"),
        (corpus.picture_bomb_pdf, "picture on page 1 cannot be read"),
        (lambda: hole_in(corpus.raw_pdf(b"0 0 m 9 9 l S")), "page 1 is empty where it should not"),
        (pageless, "no pages|cannot be opened"),
    ],
)
def test_what_cannot_be_drawn_whole_is_refused(content: object, words: str) -> None:
    """Locked, cut, damaged and absurd files have a reason that a person understands."""
    assert callable(content)
    with pytest.raises(Unfaxable, match=words):
        drawn(content())


def test_a_blank_page_is_a_page() -> None:
    """A page that is meant to be empty is sent empty."""
    (page,) = drawn(corpus.raw_pdf(b"")).pages

    assert not page.any()


def test_more_pages_than_allowed_are_refused_before_drawing() -> None:
    """A document over the limit is refused as a whole."""
    with pytest.raises(Unfaxable, match="has 4 pages, and 3 more"):
        drawn(corpus.text_pdf(4), limit=3)


@pytest.mark.peer
def test_poppler_sees_the_same_page(tmp_path: object) -> None:
    """Our page and poppler's differ in no more than the edges of letters."""
    import subprocess
    from pathlib import Path

    from PIL import Image

    program = need_program("pdftoppm", "poppler-utils")
    assert isinstance(tmp_path, Path)
    (tmp_path / "a.pdf").write_bytes(corpus.text_pdf())
    command = [program, "-gray", "-scale-to-x", "1688", "-scale-to-y", "2287"]
    subprocess.run([*command, tmp_path / "a.pdf", tmp_path / "a"], check=True)
    with Image.open(next(tmp_path.glob("a-*.pgm"))) as image:
        theirs = np.asarray(image) < 128
    ours = drawn(corpus.text_pdf()).pages[0][:, 20:1708]
    rows, pels = min(ours.shape[0], theirs.shape[0]), min(ours.shape[1], theirs.shape[1])

    def grown(
        ink: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        wide = ink.copy()
        wide[1:] |= ink[:-1]
        wide[:-1] |= ink[1:]
        wide[:, 1:] |= wide[:, :-1].copy()
        wide[:, :-1] |= wide[:, 1:].copy()
        return wide

    ours, theirs = ours[:rows, :pels], theirs[:rows, :pels]
    assert (ours & ~grown(theirs)).sum() < 0.03 * ours.sum()
    assert (theirs & ~grown(ours)).sum() < 0.03 * theirs.sum()


def test_a_receipt_of_a_metre_is_one_long_page() -> None:
    """A till roll keeps its length and its letters' size, to its last line."""
    roll = raw_pdf_of_roll()
    (page,) = drawn(roll).pages

    _, top, width, height = millimetres(page)
    assert (width, height) == pytest.approx((60, 980), abs=1)
    assert top == pytest.approx(10, abs=1)


def raw_pdf_of_roll() -> bytes:
    """A PDF of 80 by 1000 mm with a frame 10 mm from its edges."""
    mm = 72 / 25.4
    frame = f"1 w {10 * mm} {10 * mm} {60 * mm} {980 * mm} re S".encode()
    return corpus.raw_pdf(frame, box=f"0 0 {80 * mm} {1000 * mm}")


def with_keys(keys: bytes, content: bytes = b"100 100 50 20 re f") -> bytes:
    """A page of A4 with a bar, and more keys in its dictionary."""
    return corpus.raw_pdf(content, box="0 0 595.28 841.89]" + keys.decode() + "/Nothing[0")


def test_only_the_crop_box_is_shown() -> None:
    """A bar outside of it is not drawn, and the page is as large as the box."""
    bars = b"100 100 50 20 re f 100 300 50 20 re f"
    seen = drawn(with_keys(b"/CropBox[0 200 297.64 620.945]", bars))
    _, top, _, height = millimetres(seen.pages[0])

    assert seen.coded[0].height == 1143  # A6
    assert top == pytest.approx((620.945 - 320) * 25.4 / 72, abs=0.5)
    assert height == pytest.approx(20 * 25.4 / 72, abs=0.5)


@pytest.mark.parametrize(("angle", "turned"), [(0, False), (90, True), (180, True), (270, False)])
def test_a_rotated_page_is_seen_as_its_reader_sees_it(angle: int, *, turned: bool) -> None:
    """/Rotate turns clockwise, and so does a page that is then landscape onto the paper."""
    bar = b"100 100 200 20 re f"  # at the bottom left of the page as it is stored
    page = drawn(with_keys(b"/Rotate %d" % angle, bar)).pages[0]
    left, top, width, height = millimetres(page)

    assert width > height
    assert top == pytest.approx((100 if turned else 842 - 120) * 25.4 / 72, abs=0.5)
    assert (left > 100) == turned


def test_a_book_is_refused_before_a_page_is_drawn() -> None:
    """Ten thousand pages of one content are counted, not rendered."""
    kids = b" ".join(b"3 0 R" for _ in range(10_000))
    one = corpus.raw_pdf(b"0 0 m 9 9 l S")
    start = one.rfind(b"startxref")
    book = one[:start].replace(b"[3 0 R]/Count 1", b"[" + kids + b"]/Count 10000")
    began = time.process_time()
    with pytest.raises(Unfaxable, match="has 10000 pages"):
        drawn(book + b"startxref\n0\n%%EOF")
    assert time.process_time() - began < 5


def with_picture(data: bytes) -> bytes:
    """A page of text with a JPEG of these octets below it."""
    document = pikepdf.open(
        BytesIO(with_keys(b"", b"100 700 200 20 re f q 400 0 0 300 72 200 cm /I Do Q"))
    )
    picture = pikepdf.Stream(document, data)
    picture.update(
        {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 8, "/Height": 8}
        | {"/BitsPerComponent": 8, "/ColorSpace": pikepdf.Name.DeviceGray}
        | {"/Filter": pikepdf.Name.DCTDecode}
    )
    document.pages[0].Resources = pikepdf.Dictionary(XObject={"/I": picture})
    return saved(document)


def saved(document: pikepdf.Pdf) -> bytes:
    """As a file."""
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_page_without_one_of_its_pictures_is_refused() -> None:
    """Text beside a hole is not the document; a picture that is white is no hole."""
    white = corpus.saved(Image.new("L", (8, 8), 255), "JPEG")

    assert drawn(with_picture(white)).pages[0].any()
    with pytest.raises(Unfaxable, match="picture on page 1 cannot be read"):
        drawn(with_picture(white[:20] + b"rubbish"))


def test_a_portfolio_is_refused_and_an_attached_file_is_not() -> None:
    """The page in front of hidden documents is not what its sender meant to send."""
    document = pikepdf.open(BytesIO(with_keys(b"")))
    document.attachments["a.txt"] = pikepdf.AttachedFileSpec(document, b"hidden")
    carrying = saved(document)
    document.Root.Collection = pikepdf.Dictionary(Type=pikepdf.Name.Collection)

    assert drawn(carrying).pages[0].any()
    with pytest.raises(Unfaxable, match="portfolio"):
        drawn(saved(document))


def test_a_roll_of_metres_is_several_pages() -> None:
    """A drawing 4 m long is cut into long pages at its true size, not made too small to read."""
    seen = drawn(corpus.raw_pdf(b"10 10 283 11320 re S", "0 0 595 11339"))  # 100 by 3994 mm

    assert [page.shape[0] for page in seen.pages] == [seen.pages[0].shape[0]] * 3
    assert all(millimetres(page)[2] == pytest.approx(100, abs=1.5) for page in seen.pages)
    assert sum(millimetres(page)[3] for page in seen.pages) == pytest.approx(3994 + 2 * 20, abs=60)
