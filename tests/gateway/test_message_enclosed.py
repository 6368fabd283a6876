"""A mail that hangs on a mail is opened, however its sender's program wrapped it up."""

from __future__ import annotations

from base64 import encodebytes

import pytest

from gateway.message import Message, Role, read
from gateway.message.parts import DEPTH_LIMIT
from tests.gateway.offramp import corpus

INNER = b"From: Jan <jan@x.example>\r\nSubject: Offer\r\n\r\nWe offer.\r\n"


def carrying(header: str, content: bytes) -> bytes:
    """A mail with one part of this header and content."""
    start = 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' + header + "\r\n\r\n"
    return start.encode() + content + b"\r\n--b--\r\n"


def texts(message: Message) -> str:
    """All texts of mails in it."""
    return "".join(part.content.decode() for part in message.parts if part.role is Role.BODY)


@pytest.mark.parametrize("pages", [1, 400])
def test_base64_around_a_mail_is_undone(pages: int) -> None:
    """RFC 2046 5.2.1 forbids it; also long runs, which are taken out before parsing, come back."""
    inner = INNER.replace(b"We offer.", b"We offer. " * 100 * pages)
    header = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64"
    text = texts(read(carrying(header, encodebytes(inner))))

    assert "From: Jan <jan@x.example>\nSubject: Offer" in text
    assert text.count("We offer.") == 100 * pages


@pytest.mark.parametrize("declared", ["application/octet-stream", "text/plain"])
def test_a_saved_mail_is_opened(declared: str) -> None:
    """A file that ends in .eml and begins like a mail is one, with its documents."""
    inner = corpus.mail("We offer.", ("scan.pdf", b"%PDF-1.4"))
    header = f'Content-Type: {declared}; name="Offer.EML"\r\nContent-Transfer-Encoding: base64'
    message = read(carrying(header, encodebytes(b"Subject: Offer\n" + inner)))

    assert "Subject: Offer" in texts(message)
    assert [part.name for part in message.parts] == ["The message text", "scan.pdf"]
    assert all(part.forwarded for part in message.parts)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"X: only a field\n\nx", b"\xff\xfe\0"])
def test_what_is_only_called_a_mail_is_not_opened(content: bytes) -> None:
    """It stays an attachment under its name."""
    header = (
        "Content-Type: application/octet-stream; name=a.eml\r\nContent-Transfer-Encoding: base64"
    )

    assert [part.name for part in read(carrying(header, encodebytes(content))).parts] == ["a.eml"]


def test_mails_in_mails_end_somewhere() -> None:
    """Deeper than the limit nothing is opened, and that is said."""
    raw = INNER
    header = (
        "Content-Type: application/octet-stream; name=a.eml\r\nContent-Transfer-Encoding: base64"
    )
    for _ in range(DEPTH_LIMIT + 2):
        raw = b"Subject: x\r\n" + carrying(header, encodebytes(raw))

    assert "too many other mails" in read(raw).parts[-1].reason
