"""Texts and HTML are typeset in every script, without the network, or refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gateway.offramp.convert import Source, Unfaxable, fonts
from gateway.offramp.convert.html import convert as convert_html
from gateway.offramp.convert.html import has_long_word
from gateway.offramp.convert.text import convert, markup
from gateway.offramp.convert.typeset import MailFetcher
from tests.gateway.offramp import corpus
from tests.gateway.offramp.sink import Seen, drawn, millimetres


def typeset(text: str, charset: str = "utf-8") -> Seen:
    """The pages of a text."""
    seen = Seen()
    convert(Source("The message text", "text/plain", text.encode(charset), charset), seen)
    return seen


def shown(markup: str, **pictures: bytes) -> Seen:
    """The pages of HTML."""
    seen = Seen()
    convert_html(Source("The message text", "text/html", markup.encode(), "utf-8", pictures), seen)
    return seen


@pytest.mark.parametrize(
    "text",
    [
        "Dzień dobry, zażółć gęślą jaźń",
        "Καλημέρα κόσμε",
        "Grüße, Straße, Öl",
        "Привет, мир",
        "مرحبا بالعالم",
        "שלום עולם",
    ],
)
def test_every_script_with_a_font_is_set(text: str) -> None:
    """A line in any script makes one page with ink on it."""
    seen = typeset(text)

    assert len(seen.pages) == 1
    assert seen.pages[0].sum() > 700


def test_the_same_text_in_another_charset_is_the_same_page() -> None:
    """What arrives in ISO 8859-2 looks as it does in UTF-8."""
    text = "Dzień dobry, zażółć gęślą jaźń"

    assert (typeset(text).pages[0] == typeset(text, "iso-8859-2").pages[0]).all()


def test_right_to_left_lines_stand_on_the_right() -> None:
    """A line of Hebrew begins at the right margin."""
    left, _, width, _ = millimetres(typeset("שלום עולם").pages[0])

    assert left + width > 190


def test_a_long_text_has_pages_and_a_form_feed_begins_one() -> None:
    """Lines fill page after page; a form feed starts the next."""
    assert len(typeset("line\n" * 150).pages) == 3
    assert len(typeset("one\ftwo").pages) == 2


def test_nothing_runs_off_the_page() -> None:
    """A word longer than the line is broken."""
    left, _, width, _ = millimetres(typeset("x" * 500).pages[0])

    assert left >= 9.2
    assert left + width <= 205.8


def test_tables_of_spaces_keep_their_columns() -> None:
    """Text laid out with spaces is set in letters of one width, prose is not."""
    assert 'class="columns"' in markup("Item     Price\nPen      1.00\nInk      12.00")
    assert 'class="prose"' in markup("Dear Sir,\n\nthank you. See you soon.\n")


def test_markup_in_a_text_is_text() -> None:
    """Angle brackets are shown, not obeyed, and controls vanish."""
    assert "&lt;b&gt;x" in markup("<b>\x01\x1fx")


def test_letters_without_a_font_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text in a script that no font has is refused, with the letters."""
    monkeypatch.setattr(fonts, "coverage", lambda: lambda code: code < 0x3000)

    with pytest.raises(Unfaxable, match="no font: 你好"):
        typeset("你好")


WORLD = {
    "Arabic": "مرحبا بكم",
    "Armenian": "Բարեւ Ձեզ",
    "Bengali": "ধন্যবাদ",
    "Chinese": "你好，繁體",
    "Ethiopic": "ሰላም",
    "Georgian": "გამარჯობა",
    "Gujarati": "આભાર",
    "Hebrew": "שלום",
    "Hindi": "नमस्ते क्षत्रिय",
    "Japanese": "こんにちは、カタカナ",
    "Kannada": "ಧನ್ಯವಾದ",
    "Korean": "안녕하세요 뷁",
    "Lao": "ສະບາຍດີ",
    "Malayalam": "നമസ്കാരം",
    "Odia": "ନମସ୍କାର",
    "Punjabi": "ਸਤ ਸ੍ਰੀ",
    "Sinhala": "ආයුබෝවන්",
    "Tamil": "வணக்கம்",
    "Telugu": "ధన్యవాదాలు",
    "Thai": "สวัสดีครับ",
    "Vietnamese": "Tiếng Việt ở",
}


def test_the_scripts_of_the_world_have_fonts() -> None:
    """With what the set-up installs, no letter of these comes out as a box."""
    missing = {name: fonts.missing_letters(text) for name, text in WORLD.items()}
    assert {name: letters for name, letters in missing.items() if letters} == {}

    rows = drawn("\n".join(WORLD.values()).encode(), "world.txt").pages[0].any(axis=1)
    assert np.count_nonzero(np.diff(rows.astype(int)) == 1) >= len(WORLD)  # each line is there


def test_symbols_without_a_font_are_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """An emoji that cannot be drawn is written in words."""
    monkeypatch.setattr(fonts, "coverage", lambda: lambda _: False)

    assert fonts.with_known_letters("ok \U0001f680") == "ok [rocket]"


def test_without_fontconfig_every_letter_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where fontconfig is missing nothing is refused for its letters."""
    monkeypatch.setattr(fonts, "_fontconfig", lambda: None)
    fonts.coverage.cache_clear()
    try:
        assert fonts.missing_characters("你") == []
    finally:
        fonts.coverage.cache_clear()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b" \n\t", "empty"),
        (bytes(range(128, 160)) * 30, "character set"),
        (b"x" * 3_000_001, "long"),
    ],
)
def test_texts_that_cannot_be_set_have_a_reason(content: bytes, words: str) -> None:
    """Nothing, rubbish and books are refused."""
    with pytest.raises(Unfaxable, match=words):
        convert(Source("x.txt", "text/plain", content), Seen())


def test_html_is_shown_as_a_page() -> None:
    """Markup becomes its appearance."""
    assert shown("<h1>Zażółć</h1><table border=1><tr><td>1<td>2</table>").pages[0].any()


@pytest.mark.parametrize("width", [600, 1200, 3000])
def test_html_wider_than_the_paper_is_not_cut(width: int) -> None:
    """A table of any width is on the page from its left edge to its right."""
    table = f'<table style="width: {width}px; border: 3px solid"><tr><td>a<td>b</table>'
    left, _, wide, _ = millimetres(shown(table).pages[0])
    paper = min(width * 25.4 / 96, 205)

    assert left >= 9
    assert left + wide <= 206
    assert wide > 0.85 * paper


def test_only_a_word_that_fits_nowhere_is_broken_anywhere() -> None:
    """It costs the layout of every letter of a table; addresses in tags are no words."""
    assert not has_long_word(f'<a href="https://example.org/{"x" * 200}">here</a><!--{"y" * 99}-->')
    assert has_long_word(f"<td>https://example.org/{'x' * 200}")

    table = f"<table border=1><tr><td>{'x' * 300}<td>{'word ' * 20}</table>"
    seen = shown(table)
    _, _, wide, height = millimetres(seen.pages[0])
    assert wide < 180  # at its own size, on several lines
    assert height > 10


def test_a_table_of_many_columns_lies_across_the_page() -> None:
    """Its words stay whole, in letters that can still be read, and its rows run down the page."""
    row = "".join(f"<td>column{number}" for number in range(20))
    seen = shown(f"<table border=1>{f'<tr>{row}' * 4}</table>")
    _, _, wide, high = millimetres(seen.pages[0])

    assert len(seen.pages) == 1
    assert wide < 40  # four lines and their rules: no word is broken
    assert high > 200


def test_a_picture_is_made_smaller_as_a_whole() -> None:
    """A screenshot with its size in the markup is not squeezed to the width of the paper."""
    picture = corpus.saved(Image.new("L", (1600, 400), 0), "PNG")
    for size in ("width=1600 height=400", 'style="width: 1600px; height: 400px"'):
        seen = shown(f'<img src="cid:a@x" {size}>', **{"a@x": picture})
        _, _, wide, high = millimetres(seen.pages[0])

        assert wide / high == pytest.approx(4, rel=0.03)


def test_what_is_hidden_beside_the_page_does_not_shrink_it() -> None:
    """A box that a mail puts ten thousand pixels away leaves the text at its size."""
    hidden = '<div style="position: absolute; left: 9999px">x</div>'

    assert (shown(f"<p>Hello{hidden}").pages[0] == shown("<p>Hello").pages[0]).all()


def test_html_shows_the_pictures_of_its_mail() -> None:
    """A picture by cid: is drawn, the same without it is not."""
    picture = corpus.saved(corpus.text_image(600, 1200), "PNG")
    with_picture = shown('<img src="cid:logo@x">', **{"logo@x": picture})

    assert with_picture.pages[0].sum() > 5 * shown('<p>.<img src="cid:none">').pages[0].sum()


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "https://example.org/x",
        "file:///etc/passwd",
        "cid:none",
        "ftp://x/y",
    ],
)
def test_nothing_outside_of_the_mail_is_fetched(address: str) -> None:
    """Every address but the mail's own parts and data: is refused."""
    with pytest.raises(ValueError, match=r"protocol|no such part"):
        MailFetcher({}).fetch(address)


def test_data_addresses_hold_what_they_hold() -> None:
    """data: needs no network."""
    assert MailFetcher({}).fetch("data:text/plain,abc").read() == b"abc"


@pytest.mark.parametrize(
    ("content", "words"),
    [(bytes(range(128, 160)) * 30, "character set"), (b"<p>" + b"x" * 5_000_001, "long")],
)
def test_html_that_cannot_be_set_has_a_reason(content: bytes, words: str) -> None:
    """Rubbish and books are refused."""
    with pytest.raises(Unfaxable, match=words):
        convert_html(Source("x.html", "text/html", content), Seen())


def test_an_attached_page_tells_its_charset() -> None:
    """An HTML file with a charset of its own is decoded by it."""
    content = "<meta charset=iso-8859-2><p>źdźbło".encode("iso-8859-2")
    seen = Seen()
    convert_html(Source("x.html", "text/html", content), seen)

    assert (seen.pages[0] == shown("<meta charset=utf-8><p>źdźbło").pages[0]).all()


def test_tables_have_the_borders_that_their_attributes_say() -> None:
    """Mail programs write border=1 rather than style sheets."""
    plain, ruled = (
        shown(f"<table border={n} width=500><tr><td>1<td>2</table>").pages[0] for n in (0, 1)
    )

    assert ruled.sum() > plain.sum() + 1000


@pytest.mark.parametrize(
    "content",
    [b"<div style='float:left;width:50%'>" * 400 + b"x", b"<table><tr><td>" * 3000 + b"x"],
)
def test_html_nested_without_end_is_refused(content: bytes) -> None:
    """What no program can lay out has a reason, and ends no process."""
    with pytest.raises(Unfaxable, match="nested too deep"):
        convert_html(Source("x.html", "text/html", content), Seen())


def test_white_text_on_a_picture_that_is_not_there_is_read() -> None:
    """Text is black on white, whatever colours the mail has for a background nobody fetched."""
    black = shown("<p>Hello</p>").pages[0]

    for colours in (
        "color: white; background: url(http://x/a.png)",
        "color: #eee; background: #111",
    ):
        assert (shown(f'<p style="{colours}">Hello</p>').pages[0] == black).all()


def test_what_is_drawn_with_empty_cells_is_shown() -> None:
    """A bar code of coloured cells keeps its colours: there is no text that they could hide."""
    cell = '<td style="width: 60px; height: 60px; background: black">'

    assert shown(f"<table><tr>{cell}</td></tr></table>").pages[0].sum() > 10_000


def test_a_line_that_must_not_wrap_does_not_shrink_the_mail() -> None:
    """Hundreds of letters in one line are wrapped rather than made too small to read."""
    line = f'<p style="white-space: nowrap">{"word " * 200}</p>'
    _, _, wide, _ = millimetres(shown(f"<p>HELLO</p>{line}").pages[0][:200])

    assert wide > 11  # in letters of 11 points


LONG = "word " * 100


@pytest.mark.parametrize(
    "style",
    [
        "height: 30px; overflow: hidden",
        "max-height: 30px; overflow: hidden",
        "height: 30px",
        "height: 2em; overflow-y: auto; border: 1px solid",
        "white-space: nowrap; overflow: hidden; text-overflow: ellipsis",
    ],
)
def test_a_box_grows_with_its_text(style: str) -> None:
    """All of a text is there however low its box is, and what follows lies below it."""
    boxed = shown(f'<div style="{style}">{LONG}</div><p>END</p>').pages[0]
    plain = shown(f'<div style="border: 1px solid white">{LONG}</div><p>END</p>').pages[0]

    assert millimetres(boxed)[3] == pytest.approx(millimetres(plain)[3], abs=3)
    assert boxed.sum() > 0.95 * plain.sum()


@pytest.mark.parametrize("style", ["max-height:0", "height: 0px", "height:1px; width:1px"])
def test_what_a_mail_hides_stays_hidden(style: str) -> None:
    """The first words that mail programs list are no part of the page."""
    hidden = f'<div style="{style}; overflow:hidden">{LONG}</div>'

    assert millimetres(shown(f"{hidden}<p>END</p>").pages[0])[3] < 8


def test_a_white_logo_in_html_is_seen() -> None:
    """A logo for a coloured band, which is dropped, is drawn in black."""
    image = Image.new("RGBA", (200, 60))
    image.paste((255, 255, 255, 255), (50, 10, 150, 50))
    page = shown('<td bgcolor="#003366"><img src="cid:logo"></td>', logo=corpus.saved(image, "PNG"))

    assert page.pages[0].sum() > 5000


@pytest.mark.parametrize("word", ["A", "zażółć gęślą "])
def test_a_line_without_end_is_set_in_time(word: str) -> None:
    """A text that somebody forgot to break, or a blob of letters, is as many pages as it needs."""
    seen = typeset(word * (40_000 // len(word)))

    assert 5 <= len(seen.pages) <= 20
    assert all(page.any() for page in seen.pages)


def test_a_long_word_in_a_program_text_does_not_shrink_the_mail() -> None:
    """A line of signs without a gap is wrapped, and the words around it keep their size."""
    _, _, wide, high = millimetres(shown(f"<p>HELLO</p><pre>{'x' * 300}</pre>").pages[0])

    assert wide < 190
    assert high > 15  # upright, in more than one line
