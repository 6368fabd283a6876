"""Documents for tests, made in code: whole ones, broken ones and hostile ones."""

from __future__ import annotations

import base64
import functools
import warnings
import zlib
from collections.abc import Sequence
from email.message import EmailMessage
from io import BytesIO

import numpy as np
import pypdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # where libharfbuzz-subset is missing
    import weasyprint

LOREM = "The quick brown fox jumps over the lazy dog. Zażółć gęślą jaźń. "
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"


def mail(body: str = "", *attachments: tuple[str, bytes], charset: str = "utf-8") -> bytes:
    """A mail with a body and documents, all of them labelled application/octet-stream."""
    message = EmailMessage()
    message["From"], message["Subject"] = "Jan Żak <jan@example.org>", "A fax"
    if body:
        message.set_content(body, charset=charset)
    for name, content in attachments:
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name
        )
    return message.as_bytes()


@functools.cache
def typeset_pdf(markup: str, page: str = "size: A4; margin: 2cm") -> bytes:
    """A PDF with real fonts."""
    style = f"<style>@page {{ {page} }} body {{ font: 11pt DejaVu Serif; margin: 0 }}</style>"
    return bytes(weasyprint.HTML(string=style + markup).write_pdf())


def text_pdf(pages: int = 1) -> bytes:
    """A PDF of so many pages of text."""
    page = f"<h1>Report</h1><p>{LOREM * 20}</p>"
    return typeset_pdf('<div style="break-after: page"></div>'.join([page] * pages))


def raw_pdf(content: bytes, box: str = "0 0 595 842", extra: Sequence[bytes] = ()) -> bytes:
    """A PDF of one page with this content stream; `extra` objects begin at 5, as /X5, /X6..."""
    packed = zlib.compress(content)
    names = b"".join(b"/X%d %d 0 R" % (n, n) for n in range(5, 5 + len(extra)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<</XObject<<%s>>>>>>"
        % (box.encode(), names),
        stream(packed, b"/Filter/FlateDecode"),
        *extra,
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def stream(content: bytes, entries: bytes) -> bytes:
    """A PDF stream object."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def encrypted_pdf(user: str, owner: str = "owner") -> bytes:
    """A PDF that asks for `user` to be opened."""
    writer = pypdf.PdfWriter(BytesIO(text_pdf()))
    writer.encrypt(user, owner)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def form_pdf(value: str) -> bytes:
    """A PDF whose only ink is the value of a form field."""
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(f)/F 4/Rect[100 700 400 730]/V(%s)"
        b"/DA(/Helv 18 Tf 0 g)/MK<<>>/P 3 0 R>>" % value.encode()
    )
    form = (
        b"<</Fields[5 0 R]/NeedAppearances true/DA(/Helv 18 Tf 0 g)"
        b"/DR<</Font<</Helv<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
    )
    content = raw_pdf(b" ", extra=(field, form))
    writer = pypdf.PdfWriter(BytesIO(content))
    objects = [writer.get_object(n) for n in (5, 6)]
    assert all(objects)
    page = writer.pages[0]
    page[pypdf.generic.NameObject("/Annots")] = pypdf.generic.ArrayObject(
        [pypdf.generic.IndirectObject(5, 0, writer)]
    )
    writer.root_object[pypdf.generic.NameObject("/AcroForm")] = pypdf.generic.IndirectObject(
        6, 0, writer
    )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def hanging_pdf() -> bytes:
    """A small PDF that takes minutes to draw."""
    return raw_pdf(b"q 0 0 m 500 500 l 10 800 l 300 0 l h f* Q\n" * 3_000_000)


def picture_bomb_pdf() -> bytes:
    """A PDF with a picture that says it has 3,600 million pixels, and has none."""
    entries = (
        b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8"
        b"/ColorSpace/DeviceRGB/Filter/FlateDecode"
    )
    return raw_pdf(
        b"q 500 0 0 500 0 0 cm /X5 Do Q", extra=[stream(zlib.compress(bytes(9)), entries)]
    )


@functools.cache
def text_image(
    width: int = 2480, height: int = 3508, paper: int = 255, ink: int = 0
) -> Image.Image:
    """A page of text at 300 dpi, with a frame and a hairline."""
    image = Image.new("L", (width, height), paper)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, 42)
    for line, y in enumerate(range(300, height - 300, 60), 1):
        draw.text((250, y), f"{line}. {LOREM}"[: width // 30], font=font, fill=ink)
    draw.rectangle((200, 200, width - 200, height - 200), outline=ink, width=3)
    draw.line((250, 260, width - 250, 260), fill=ink, width=1)
    return image


@functools.cache
def grey_scan() -> Image.Image:
    """The same page on grey paper, with a shadow, blur and noise, as a scanner gives it."""
    page = text_image(paper=205, ink=45).filter(ImageFilter.GaussianBlur(1.0))
    values = np.asarray(page).astype(np.float32)
    pels = values.shape[1]
    shade = 0.88 + 0.12 * np.cos(np.linspace(0, 1.5, pels))
    noise = np.random.default_rng(1).normal(0, 6, values.shape)
    return Image.fromarray(np.clip(values * shade + noise, 0, 255).astype(np.uint8))


@functools.cache
def photo(width: int = 1600, height: int = 1200) -> Image.Image:
    """A picture of continuous tones."""
    rows, pels = np.mgrid[0:height, 0:width]
    waves = 128 + 80 * np.sin(pels / 170) * np.cos(rows / 130) + 30 * np.sin((rows + pels) / 37)
    image = Image.fromarray(np.clip(waves, 0, 255).astype(np.uint8))
    ImageDraw.Draw(image).ellipse((300, 400, 700, 800), fill=40)
    return image


def saved(image: Image.Image, format: str, **options: object) -> bytes:  # noqa: A002 - Pillow's word
    """A picture as a file."""
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def photo_pdf() -> bytes:
    """A page of text around a photograph."""
    uri = base64.b64encode(saved(photo(), "PNG")).decode()
    picture = f'<img src="data:image/png;base64,{uri}" style="width: 170mm">'
    return typeset_pdf(f"<p>{LOREM * 5}</p>{picture}<p>{LOREM * 5}</p>")


def png_bomb() -> bytes:
    """A small PNG of 900 million pixels."""
    return saved(Image.new("1", (30_000, 30_000)), "PNG")
