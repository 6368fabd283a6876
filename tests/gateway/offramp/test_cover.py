"""A cover page says to whom, from whom, how many pages and what about, whatever people write."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from gateway.message import Headers, Part, Role, read
from gateway.offramp.cover import BadTemplate, Cover, cover_part, default_template, note_of
from gateway.offramp.protocol import Order, unpack
from gateway.offramp.worker import render_mail
from gateway.said import decoded
from tests.gateway.offramp import corpus

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

HEADERS = Headers(
    subject="[fine, cover] Umowa <b>&amp;",
    sender="Jan Żak",
    date=datetime(2026, 11, 24, tzinfo=UTC),
)


def cover(**values: Any) -> Cover:
    """A cover with our template, or another."""
    return replace(Cover(default_template()), **values)


def text_of(part: Part) -> str:
    """Its HTML."""
    return part.content.decode()


def parts_of(raw: bytes, template: str = "") -> list[tuple[str, int, str]]:
    """Name, pages and reason of each part of a covered mail, and check the pages."""
    order = Order(
        memory=4_000_000_000, cover=asdict(cover(template=template or default_template()))
    )
    said: list[bytes] = []
    render_mail(order, raw, said.append)
    stream, parts, pages = BytesIO(b"".join(said)), [], 0
    while (message := unpack(stream.read)) is not None:
        kind, values, _ = message
        pages += kind == "page"
        if kind == "part":
            parts.append((decoded(values["name"]), values["pages"], values["reason"]))
    assert pages == sum(count for _, count, _ in parts)
    return parts


def test_it_says_what_the_mail_says() -> None:
    """Recipient, sender, date, pages, subject without its options, and the text, escaped."""
    filled = cover(to_name="Biuro", to_number="+48221234567")
    shown = text_of(cover_part(filled, HEADERS, "a < b", 3))

    for words in ("Biuro", "+48221234567", "Jan Żak", "24 November 2026", ">3<", "a &lt; b"):
        assert words in shown
    assert "Umowa &lt;b&gt;&amp;amp;" in shown
    assert "[fine" not in shown


def test_it_speaks_the_language_that_is_asked_for() -> None:
    """Labels and the date are Polish where the administrator wants that."""
    shown = text_of(cover_part(cover(language="pl"), HEADERS, "", 1))

    assert "24 listopada 2026" in shown
    assert all(f"<th>{label}</th>" in shown for label in ("Od", "Data", "Temat"))


def test_it_speaks_the_mails_language_where_none_is_configured() -> None:
    """What the header asks for comes before the gateway's own language, and after the written."""
    polish = replace(HEADERS, language="de, pl;q=0.8")
    for given, headers, label in (
        (cover(), polish, "Od"),
        (cover(), HEADERS, "From"),
        (cover(otherwise="pl"), HEADERS, "Od"),
        (cover(language="en"), polish, "From"),
    ):
        assert f"<th>{label}</th>" in text_of(cover_part(given, headers, "", 1))


def test_a_letter_without_a_font_does_not_stop_a_fax() -> None:
    """In names and the subject it is replaced, and the cover says so; others say nothing."""
    odd = replace(HEADERS, subject="Umowa \U00012000 7")  # a cuneiform sign
    shown = text_of(cover_part(cover(), odd, "", 1))

    assert "Umowa \ufffd 7" in shown
    assert "stands for a letter" in shown
    assert "stands for" not in text_of(cover_part(cover(), HEADERS, "", 1))
    raw = "Subject: \U00012000\n".encode() + corpus.mail("A note")
    assert read(raw).headers.subject == "\U00012000"
    assert parts_of(raw) == [("The cover page", 1, "")]


def test_a_cover_for_several_counts_them() -> None:
    """Several recipients are counted; without any there is no line for them."""
    several = Cover(default_template(), recipients=3)

    assert "<td>3 recipients</td>" in text_of(cover_part(several, HEADERS, "", 1))
    assert "<th>To</th>" not in text_of(cover_part(cover(), HEADERS, "", 1))


@pytest.mark.parametrize("template", ["{{ nothing_known }}", "{% if %}", "{{ ''.__class__ }}"])
def test_a_bad_template_is_told(template: str) -> None:
    """An unknown name, a broken mark and a way out of the template are refused."""
    with pytest.raises(BadTemplate, match="template"):
        cover_part(cover(template=template), HEADERS, "", 1)


def test_a_short_text_stands_on_it() -> None:
    """A short plain text is the note; a long one, HTML and a forwarded mail are pages."""
    short = Part("x", "text/plain", b" Hello ", Role.BODY)
    others = (
        Part("x", "text/plain", b"x" * 3000, Role.BODY),
        Part("x", "text/html", b"<p>x", Role.BODY),
        Part("x", "text/plain", b"x", Role.BODY, forwarded=True),
        Part("x.txt", "text/plain", b"x"),
    )

    assert note_of([short, others[3]]) == ("Hello", (others[3],))
    assert all(note_of([part]) == ("", (part,)) for part in others)
    assert note_of([]) == ("", ())


def test_the_cover_comes_first_and_is_counted() -> None:
    """The pages of a mail with a note and a document are the cover and the document's."""
    raw = corpus.mail("A short note", ("a.pdf", corpus.text_pdf(2)))

    assert parts_of(raw) == [("The cover page", 1, ""), ("a.pdf", 2, "")]
    assert read(raw).parts[0].content.startswith(b"A short note")


def test_a_cover_of_two_pages_counts_itself() -> None:
    """The number is right even if the template takes more than one page."""
    template = "{% if pages == 3 %}{{ pages }}{% else %}wrong{% endif %}" + (
        '<p style="break-before: page">2'
    )

    assert parts_of(corpus.mail("x" * 3000), template)[0] == ("The cover page", 2, "")


def test_a_note_of_the_subject_leaves_the_text_its_page() -> None:
    """`[cover: NOTE]` says what stands on the cover; the mail itself is not put there too."""
    order = Order(memory=4_000_000_000, cover=asdict(cover(note="Please call")))
    said: list[bytes] = []
    render_mail(order, corpus.mail("A short text"), said.append)
    stream, names = BytesIO(b"".join(said)), []
    while (message := unpack(stream.read)) is not None:
        names += [decoded(message[1]["name"])] if message[0] == "part" else []

    assert len(names) == 2
    assert names[0] == "The cover page"


def test_there_is_no_cover_of_nothing() -> None:
    """Where no page came of the mail, its cover does not go out alone."""
    raw = corpus.mail("", ("a.pdf", corpus.encrypted_pdf("secret")))

    assert [name for name, _, _ in parts_of(raw)] == ["a.pdf"]
