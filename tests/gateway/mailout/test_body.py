"""Bodies as plain text and as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from gateway.mailout.body import Body, Section, Table, html, plain

BODY = Body(
    ["First what happened.", "Then what to do."],
    [
        Section("Pages", table=Table(("Page", "Arrived"), [("1", "yes"), ("10", "no, refused")])),
        Section("Details", lines=["one", "two"]),
    ],
)


class Texts(HTMLParser):
    """Collects the text of an HTML page and the tags around it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if data.strip():
            self.texts.append(data)


def texts(body: Body) -> Texts:
    """The page as a browser would take it apart."""
    parser = Texts()
    parser.feed(html(body))
    parser.close()
    return parser


def test_plain_text_is_paragraphs_then_sections() -> None:
    """Paragraphs come first, tables are aligned, nothing trails."""
    assert plain(BODY) == (
        "First what happened.\n\nThen what to do.\n\n"
        "Pages\n  Page  Arrived\n  1     yes\n  10    no, refused\n\n"
        "Details\n  one\n  two\n"
    )


def test_html_has_the_same_texts_in_the_same_order() -> None:
    """The HTML says what the text says, with the table as a table."""
    page = texts(BODY)

    assert page.texts == [
        *("First what happened.", "Then what to do."),
        *("Pages", "Page", "Arrived", "1", "yes", "10", "no, refused"),
        *("Details", "one", "two"),
    ]
    assert page.tags.count("tr") == 3


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_html_escapes_every_text(text: str) -> None:
    """No text becomes a tag."""
    hostile = Body([text], [Section(text, [text], Table((text,), [(text,)]))])

    assert texts(hostile).tags == texts(Body(["a"], [Section("a", ["a"], Table("a", ["a"]))])).tags
