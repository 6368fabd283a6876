"""Plain text is made up as CSS would do it, and what needs more than one font is left to that."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.offramp.convert import Bits, Source, glyphs, onefont, pango
from gateway.offramp.convert.text import convert, markup, plain_pages
from gateway.offramp.convert.typeset import typeset
from gateway.offramp.sheet import PAPERS, Box, Placement
from tests.gateway.offramp.sink import Seen

A4 = PAPERS["A4"]
TEXTS = {
    "a letter": "Dear Sir,\n\nthank you. AVATAR, To: the office, affine flow — L'été, gęślą jaźń.\n"
    + "A longer line, which has to be wrapped because it is wider than the paper is. " * 5
    + "\n\n   Kind regards,\n\tJan",
    "columns": "Item      Price   x\nPen       1.00    y\nInk      12.00    z\n" * 30,
    "right to left": "שלום עולם, hello 123\nمرحبا بالعالم\nabc שלום def\n" + "שלום עולם " * 30,
    "paragraphs over pages": ("Lorem ipsum/dolor sit-amet, 1.234,56 elit. " * 18 + "\n\n") * 14,
    "marks and hyphens": "e\u0301 a\u0308 x\u0323\u0301 " + "Donau\u00addampf\u00adschiff " * 20,
    "a word that fits nowhere": "x" * 300,
    "form feeds": "one\f\fthree\n\f\n\nfour",
    "symbols": "☺ → ½ € “q” ‘q’ – ✓",
}


def by_css(text: str) -> list[Bits]:
    """The pages as a program for web pages makes them."""
    seen = Seen()
    typeset(markup(text), seen)
    return seen.pages


def by_us(text: str) -> list[Bits]:
    """The pages as they are made here."""
    seen = Seen()
    pages = plain_pages(text, A4)
    assert pages is not None
    for page in pages:
        seen.add(page)
    return seen.pages


def wider(ink: Bits) -> Bits:
    """What is black within a pel."""
    padded = np.pad(ink, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    around: Bits = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    return around


@pytest.mark.parametrize("name", TEXTS)
def test_it_looks_as_css_makes_it_look(name: str) -> None:
    """Every line is broken alike and every letter stands at the same place, within some pels."""
    ours, css = by_us(TEXTS[name]), by_css(TEXTS[name])

    assert len(ours) == len(css)
    for one, other in zip(ours, css, strict=True):
        assert (one & ~wider(other)).sum() <= 0.01 * one.sum()
        assert (other & ~wider(one)).sum() <= 0.01 * one.sum()
        assert abs(int(one.sum()) - int(other.sum())) <= 0.002 * other.sum() + 5


@pytest.mark.parametrize("text", ["你好", "สวัสดี", "नमस्ते", "hello 你 there"])
def test_what_one_font_lacks_is_left_to_css(text: str) -> None:
    """A text with letters of other fonts has no plain pages, and is drawn all the same."""
    seen = Seen()
    convert(Source("x", "text/plain", text.encode(), "utf-8"), seen)

    assert plain_pages(text, A4) is None
    assert (seen.pages[0] == by_css(text)[0]).all()


@pytest.fixture
def anew() -> Iterator[None]:
    """Nothing is remembered of the libraries of this machine, before and after."""
    caches = (pango._libraries, glyphs._library, onefont._library, onefont.one_font)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.usefixtures("anew")
@pytest.mark.parametrize(
    "missing", ["libpango-1.0.so.0", "libfreetype.so.6", "libfontconfig.so.1", ""]
)
def test_without_a_library_css_does_it(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a library is not there, or lacks a function, the text is drawn another way."""
    found = ctypes.CDLL

    def library(name: str) -> object:
        if name == missing:
            raise OSError(name)
        return found(name)

    assert plain_pages("Hello", A4) is not None
    for cache in (pango._libraries, glyphs._library, onefont._library, onefont.one_font):
        cache.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", library)
    if not missing:
        monkeypatch.setitem(pango.FUNCTIONS, "libgobject-2.0.so.0", {"g_object_none": (None,)})
    assert plain_pages("Hello", A4) is None


def test_a_page_is_drawn_at_the_size_that_it_is_given() -> None:
    """Letters follow a page that is made smaller, and what lies over its edge is cut."""
    (page,) = plain_pages("Hello\n" * 10, A4) or []
    whole = page.draw(Placement(Box(20, 0, 1708, 2287), 2287, turned=False)) == 0
    half = page.draw(Placement(Box(0, 0, 844, 1144), 1144, turned=False)) == 0
    moved = page.draw(Placement(Box(-150, -150, 1538, 2137), 2287, turned=False)) == 0

    assert half.sum() == pytest.approx(whole.sum() / 4, rel=0.1)
    assert 0 < moved.sum() < whole.sum()
    assert (moved[:1000, :1000] == whole[150:1150, 170:1170]).all()


def test_a_paragraph_keeps_two_lines_together() -> None:
    """No single line of a paragraph stands at the foot or at the head of a page."""
    for before in range(40, 56):
        text = "x\n" * before + "word " * 60
        pages = plain_pages(text, A4) or []
        counts = [len(page.lines) for page in pages]
        assert sum(counts) == before + 4
        assert counts[-1] not in (1, before + 3)
        assert counts[0] not in (before + 1, before + 3)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_set_or_left_to_css(text: str) -> None:
    """Whatever signs a text has, it is made up or not, and no error."""
    text = re.sub("[\r\v\x85\u2028\u2029]", "\n", text)
    pages = plain_pages(text, A4)

    assert pages is None or len(pages) >= 1 + text.count("\f")
