"""A cover page says to whom, from whom, how many pages and what about, whatever people write."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from io import BytesIO

import pytest

from gateway.config.documents import Documents
from gateway.message import Headers, Part, Role, read
from gateway.offramp.cover import BadTemplate, Cover, cover_part, default_template, note_of
from gateway.offramp.protocol import Order, unpack
from gateway.offramp.render import Renderer
from gateway.offramp.worker import render_mail
from gateway.options import Options
from tests.gateway.offramp import corpus

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

HEADERS = Headers(
    subject="[fine, cover] Umowa <b>&amp;",
    sender="Jan Żak",
    date=datetime(2026, 11, 24, tzinfo=UTC),
)


def cover(**values: str) -> Cover:
    """A cover with our template, or another."""
    return Cover(**{"template": default_template(), **values})


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
            parts.append((values["name"], values["pages"], values["reason"]))
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


def test_a_cover_for_several_names_nobody() -> None:
    """Without a recipient there is no line for one."""
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
        names += [message[1]["name"]] if message[0] == "part" else []

    assert len(names) == 2
    assert names[0] == "The cover page"


def test_there_is_no_cover_of_nothing() -> None:
    """Where no page came of the mail, its cover does not go out alone."""
    raw = corpus.mail("", ("a.pdf", corpus.encrypted_pdf("secret")))

    assert [name for name, _, _ in parts_of(raw)] == ["a.pdf"]


async def test_the_sender_decides_before_the_administrator() -> None:
    """[no cover] and [cover] overrule the setting; one recipient is named, several are not."""
    always, never = Renderer(Documents(cover=True)), Renderer(Documents())
    try:
        made = always._cover(Options(), [("Biuro", "+48221234567")])
        assert made is not None
        assert (made.to_name, made.to_number) == ("Biuro", "+48221234567")
        assert always._cover(Options(cover=False), []) is None
        assert never._cover(Options(), []) is None
        noted = never._cover(Options(cover=True, note="Please call"), [])
        assert noted is not None
        assert noted.note == "Please call"
        several = never._cover(Options(cover=True), [("a", "1"), ("b", "2")])
        assert several is not None
        assert not several.to_number
    finally:
        await always.close()
        await never.close()
