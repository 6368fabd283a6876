"""The mails of the corpus, by the name of their case: ordinary ones, then hostile ones."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.gateway.offramp import corpus, offices
from tests.gateway.offramp.corpus import mail, saved

HEIC = Path(__file__).parents[1] / "data" / "heic" / "upright.heic"
SCRIPTS = {
    "polish": "Zażółć gęślą jaźń. Pójdźże, kiń tę chmurność w głąb flaszy.",
    "greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.",
    "cyrillic": "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "cjk": "日本語の文章です。 你好,世界。 안녕하세요.",
    "arabic": "نص حكيم له سر قاطع وذو شأن عظيم 123.",
    "hebrew": "דג סקרן שט בים מאוכזב ולפתע מצא חברה 123.",
}


def html(markup: str) -> bytes:
    """A mail of HTML alone."""
    return b"Content-Type: text/html; charset=utf-8\r\n\r\n" + markup.encode()


def ordinary() -> dict[str, bytes]:
    """What people send."""
    wide: list[list[object]] = [[f"Column {n}" for n in range(30)]]
    wide += [[n * m for n in range(30)] for m in range(40)]
    exif = Image.Exif()
    exif[0x0112] = 6  # the right side of the scene is at the top of the picture
    documents = {
        "photo": ("photo.jpg", saved(corpus.photo(), "JPEG")),
        "photo-exif": ("photo.jpg", saved(corpus.photo(), "JPEG", exif=exif)),
        "heic": ("photo.heic", HEIC.read_bytes()),
        "scan": ("scan.png", saved(corpus.grey_scan(), "PNG", dpi=(300, 300))),
        "pdf": ("text.pdf", corpus.text_pdf(2)),
        "form": ("form.pdf", corpus.form_pdf("Zazolc")),
        "workbook-wide": ("wide.xlsx", offices.workbook(wide)),
        "letter": ("letter.docx", offices.letter(*SCRIPTS.values())),
        "slides": ("slides.pptx", offices.slides("One", "Two")),
        "saved-mail": ("offer.eml", b"Subject: Offer\n" + mail("We offer.")),
    }
    return {
        **{name: mail(text) for name, text in SCRIPTS.items()},
        **{name: mail("See attached.", document) for name, document in documents.items()},
        "html-table": html("<table border=1><tr><th>Item<th>Price<tr><td>Chair<td>120,00</table>"),
    }


def hostile() -> dict[str, bytes]:
    """What breaks converters."""
    documents = {
        "png-bomb": ("bomb.png", corpus.png_bomb()),
        "pdf-picture-bomb": ("bomb.pdf", corpus.picture_bomb_pdf()),
        "pdf-hanging": ("slow.pdf", corpus.hanging_pdf()),
        "pdf-locked": ("locked.pdf", corpus.encrypted_pdf("secret")),
        "pdf-cut": ("cut.pdf", corpus.text_pdf(3)[:3000]),
        "zip-bomb": ("bomb.docx", offices.zip_bomb()),
        "entity-bomb": ("bomb.odt", offices.entity_bomb()),
        "program": ("setup.exe", b"MZ" + bytes(2000)),
    }
    return {
        **{name: mail("", document) for name, document in documents.items()},
        "html-nested": html("<table><tr><td>" * 3000),
        "html-endless": html("<p style='break-before: page'>x" * 20_000),
        "html-remote": html("<p>Hello<img src=http://192.0.2.1/pixel.png>"),
        "rubbish": bytes(range(256)) * 40,
    }
