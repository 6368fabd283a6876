"""The design of a mail is no page; what it shows is never lost."""

from __future__ import annotations

from email.message import EmailMessage
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from gateway.message import Body, Role, read
from gateway.message.decoration import picture_size, shows_more

RNG = np.random.default_rng(5)


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """A picture of noise, which compresses badly."""
    out = BytesIO()
    pels = RNG.integers(0, 255, (height, width, 3), np.uint8)
    Image.fromarray(pels).convert("P" if kind == "GIF" else "RGB").save(out, kind)
    return out.getvalue()


def mixed(*pictures: tuple[bytes, str, str], html: str = "") -> bytes:
    """A mail with pictures as (octets, Content-ID, disposition), in multipart/mixed."""
    message = EmailMessage()
    message.set_content("Hello")
    if html:
        message.set_content(html, subtype="html")
    message.make_mixed()
    for number, (content, cid, disposition) in enumerate(pictures, 1):
        message.add_attachment(
            content,
            maintype="image",
            subtype="png",
            filename=f"{number}.png",
            disposition=disposition,
            cid=f"<{cid}>" if cid else None,
        )
    return message.as_bytes()


def roles(raw: bytes) -> list[Role]:
    """The role of each part behind the text."""
    return [part.role for part in read(raw).parts[1:]]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG"])
def test_sizes_are_read_from_the_head(kind: str) -> None:
    """A picture's size is known without decoding it."""
    assert picture_size(picture(31, 17, kind)) == (31, 17)
    assert picture_size(picture(31, 17, kind)[:9]) is None


def test_tracking_pixels_and_logos_are_no_pages() -> None:
    """A pixel never, a small picture only if it stands in the text."""
    logo = picture(120, 40)

    assert roles(mixed((picture(1, 1), "", "attachment"))) == [Role.SKIPPED]
    assert roles(mixed((logo, "a@b", "inline"))) == [Role.SKIPPED]
    assert roles(mixed((logo, "a@b", "attachment"))) == [Role.ATTACHMENT]
    assert roles(mixed((logo, "", "inline"))) == [Role.ATTACHMENT]
    assert roles(mixed((picture(600, 400), "a@b", "inline"))) == [Role.ATTACHMENT]


def test_a_picture_beside_the_html_that_shows_it_is_shown_there() -> None:
    """A Content-ID is found whatever multipart it hangs in."""
    content = picture(600, 400)
    message = read(mixed((content, "shot@x", "inline"), html="<p>See <img src='cid:shot@x'>"))

    assert [part.content_type for part in message.parts] == ["text/html"]
    assert message.parts[0].pictures == {"shot@x": content}


@pytest.mark.parametrize(
    ("html", "plain", "pictures", "more"),
    [
        ("<p>Dear <b>Sir</b></p>", "Dear Sir", {}, False),
        ("<table><tr><td>layout</table>", "layout", {}, False),
        ("<table border=1><tr><td>1<td>2</table>", "1 2", {}, True),
        ("<table><tr><th>Name<th>Price</table>", "Name Price", {}, True),
        ("<td style='border:solid windowtext 1.0pt'>x", "x", {}, True),
        ("<table border=0 style='border:none'><tr><td>x</table>", "x", {}, False),
        ("<p>" + "word " * 200, "Your program cannot show HTML.", {}, True),
        ("<p>" + "word " * 200, "word " * 200, {}, False),
        ("<img src=cid:a>", "[cid:a]", {"a": picture(300, 200)}, True),
        ("<img src=cid:a>", "[cid:a]", {"a": picture(60, 20)}, False),
    ],
)
def test_html_is_better_where_it_shows_more(
    html: str, plain: str, pictures: dict[str, bytes], more: bool
) -> None:
    """Ruled tables, pasted pictures and texts that only make excuses decide for the HTML."""
    assert shows_more(html.encode(), plain.encode(), pictures) == more


def test_the_alternative_that_shows_more_is_taken() -> None:
    """A mail with a ruled table is faxed as HTML, one without as text."""
    for html, taken in (("<table border=1><td>1</table>", "text/html"), ("<p>1", "text/plain")):
        message = EmailMessage()
        message.set_content("1")
        message.add_alternative(html, subtype="html")
        assert [part.content_type for part in read(message.as_bytes()).parts] == [taken]


def test_a_forwarded_html_mail_has_its_heading_on_its_page() -> None:
    """The heading of a mail in the mail stands above its HTML, escaped."""
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Jan <jan@example.org>", "1 < 2"
    inner.set_content("<html><body class=a><p>Hello", subtype="html")
    outer = EmailMessage()
    outer.set_content("See below")
    outer.add_attachment(inner)

    _, part = read(outer.as_bytes()).parts
    text = part.content.decode()
    assert text.index("<body class=a>") < text.index("Subject: 1 &lt; 2") < text.index("Hello")
    assert "Jan &lt;jan@example.org&gt;" in text


def test_the_text_can_be_left_out() -> None:
    """Without the body, documents and forwarded mails remain."""
    inner = EmailMessage()
    inner.set_content("inner text")
    outer = EmailMessage()
    outer.set_content("outer text")
    outer.add_attachment(inner)

    parts = read(outer.as_bytes(), body=Body.NEVER).parts
    texts = [part.content for part in parts if part.role is Role.BODY]
    assert len(texts) == 1
    assert b"inner text" in texts[0]
    assert b"outer text" not in texts[0]
