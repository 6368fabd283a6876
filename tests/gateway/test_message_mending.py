"""A multipart without a boundary that fits still gives its parts, or is read as the text it is."""

from __future__ import annotations

import pytest

from gateway.message import Role, read
from tests.gateway.test_message_parts import bodies, mail, multipart, named

PARTS = multipart(
    "mixed",
    "Content-Type: text/plain\r\n\r\nhello",
    "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF",
)


@pytest.mark.parametrize(
    "field", ["multipart/mixed", 'multipart/mixed; boundary="another"', "multipart/mixed; boundary"]
)
def test_the_boundary_is_found_again(field: str) -> None:
    """Missing or wrong in the header, it is taken from where the parts begin."""
    message = read(mail(f"Content-Type: {field}", *PARTS[1:]))

    assert [text.strip() for text in bodies(message)] == ["hello"]
    assert named(message)[1] == ("a.pdf", Role.ATTACHMENT)


def test_a_text_that_is_called_a_multipart_is_a_text() -> None:
    """A mail with no parts at all is read as mail programs show it."""
    message = read(mail("Content-Type: multipart/mixed", "", "Just words."))

    assert bodies(message) == ["Just words.\n"]


@pytest.mark.parametrize("end", ["--i--", ""])
def test_an_empty_multipart_is_nothing(end: str) -> None:
    """A multipart that ends where it begins is no page and no reason to send nothing."""
    inner = 'Content-Type: multipart/alternative; boundary="i"\r\n\r\nA mail in MIME.\r\n' + end
    message = read(mail(*multipart("mixed", "\r\ntext", inner)))

    assert [name for name, _ in named(message)] == ["The message text"]
