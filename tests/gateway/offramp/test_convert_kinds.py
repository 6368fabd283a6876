"""A document is what its octets say, and who cannot be faxed is told why."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.offramp.convert import Source, Unfaxable, converter_for
from gateway.offramp.convert.kinds import KINDS, kind_of


def source(content: bytes, name: str = "x", kind: str = "application/octet-stream") -> Source:
    """A document as it was attached."""
    return Source(name, kind, content)


@pytest.mark.parametrize(
    ("content", "name", "declared", "kind"),
    [
        (b"%PDF-1.7\n", "scan.dat", "application/octet-stream", "PDF"),
        (b"\r\n\x00junk%PDF-1.7\n", "x", "image/png", "PDF"),
        (b"II*\0....", "x", "application/pdf", "TIFF"),
        (b"MM\0*....", "x", "", "TIFF"),
        (b"\x89PNG\r\n\x1a\n", "x", "image/jpeg", "PNG"),
        (b"\xff\xd8\xff\xe0", "x", "", "JPEG"),
        (b"GIF89a", "x", "", "GIF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "x", "", "WebP"),
        (b"BM\x10\0\0\0\0\0\0\0", "x", "", "BMP"),
        (b"PK\x03\x04...word/document.xml", "x", "", "Word document"),
        (b"PK\x03\x04" + bytes(9000) + b"xl/workbook.xml", "x", "", "Excel workbook"),
        (b"PK\x03\x04...", "report.docx", "", "ZIP archive"),
        (b"<!DOCTYPE html><p>", "x", "text/plain", "web page"),
        (b"name;price\n", "prices.csv", "application/octet-stream", "text"),
        (b"a report", "x", "text/x-unheard-of", "text"),
        ("zażółć".encode("utf-16"), "letter.txt", "application/octet-stream", "text"),
        (b"PK\x03\x04 a.pdf %PDF-1.7 stored", "x.zip", "application/zip", "ZIP archive"),
        (b"MZ confirms the order", "x", "text/plain", "text"),
        (b"P1 outage: please call", "x", "text/plain", "text"),
        (b"P1 outage;1\n", "list.csv", "application/octet-stream", "text"),
        (b"GIF89a is how it begins", "x", "text/html", "web page"),
        (b"It begins with %PDF-1.4", "x", "text/plain", "text"),
        (b"%PDF-1.4\n", "x", "text/plain", "PDF"),
        (b"MZ\x90\0\3", "x", "text/plain", "Windows program"),
        (b'{"a": 1}', "x", "application/json", "text"),
        (b"<?xml version='1.0'?><a/>", "x.xml", "application/octet-stream", "text"),
        (b"damaged", "x.pdf", "application/octet-stream", "PDF"),
        (b"damaged", "x", "image/tiff", "TIFF"),
    ],
)
def test_content_then_type_then_name_decide(
    content: bytes, name: str, declared: str, kind: str
) -> None:
    """The first octets win over the declared type, and that over the name."""
    found = kind_of(source(content, name, declared))

    assert found is not None
    assert found.name == kind


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.pdf", "is empty"),
        (b"%!PS-Adobe-3.0", "a.ps", r"\(PostScript\).*send it as PDF"),
        (b"PK\x03\x04...", "a.zip", r"\(ZIP archive\).*attach the documents"),
        (b"MZ\x90\0", "a.exe", r"\(Windows program\)"),
        (b"ID3\x03", "a.mp3", "sound"),
        (b"\0\x01\x02\x03" * 20, "a.bin", "kind that cannot be faxed"),
        (b"\0\x01binary", "a.txt", "kind that cannot be faxed"),
    ],
)
def test_what_nobody_can_draw_has_a_reason(content: bytes, name: str, words: str) -> None:
    """Every kind without a converter is named, with a way out where there is one."""
    with pytest.raises(Unfaxable, match=words):
        converter_for(source(content, name))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_table_is_sound(kind: object) -> None:
    """Every row's magic compiles, and every converter exists."""
    assert isinstance(kind, type(KINDS[0]))
    re.compile(kind.magic)
    if kind.converter:
        assert callable(converter_for(source(b"x", f"x.{kind.endings.split()[0]}")))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_anything_is_of_a_kind_or_not(content: bytes, name: str, declared: str) -> None:
    """No octets, name or type break the recognition."""
    kind = kind_of(source(content, name, declared))

    assert kind is None or kind in KINDS
