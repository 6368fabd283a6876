"""Taking long base64 out of a mail changes nothing but the time."""

from __future__ import annotations

import base64
import random

import pytest

from gateway.message import read
from gateway.message.bulk import lift

CONTENT = random.Random(1).randbytes(40_000)
LINES = base64.encodebytes(CONTENT)


def mail(encoding: bytes, lines: bytes = LINES) -> bytes:
    """A mail with one document."""
    head = b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: " + encoding
    return head + b"\n\n" + lines


@pytest.mark.parametrize("lines", [LINES, LINES.replace(b"\n", b"\r\n"), b"\n" + LINES + b"\n\n"])
def test_a_document_is_itself(lines: bytes) -> None:
    """A long attachment is decoded octet by octet as it was."""
    assert lift(mail(b"base64", lines)).runs
    assert read(mail(b"base64", lines)).parts[0].content == CONTENT


def test_a_document_cut_short_is_what_is_there() -> None:
    """Base64 that ends inside a group gives the octets before it."""
    content = read(mail(b"base64", LINES[:-31] + b"A")).parts[0].content

    assert len(content) > 39_000
    assert CONTENT.startswith(content[:39_000])


def test_what_only_looks_like_base64_is_left_as_it_is() -> None:
    """Long lines of letters in a part of another encoding come back unchanged."""
    assert read(mail(b"7bit")).parts[0].content == LINES


def test_several_documents_keep_their_own() -> None:
    """Two long attachments in one mail are not mixed up."""
    other = CONTENT[::-1]
    part = b"--b\nContent-Type: image/png; name=%s\nContent-Transfer-Encoding: base64\n\n%s"
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(
        [part % (b"a", LINES), part % (b"b", base64.encodebytes(other)), b"--b--\n"]
    )

    assert [p.content for p in read(raw).parts] == [CONTENT, other]


def test_a_mail_cannot_ask_for_runs_that_are_not_its_own() -> None:
    """A mark that the mail itself contains is never used."""
    raw = mail(b"base64", b"lifted-0-0.\nlifted-1-0.\n" + LINES)

    assert lift(raw).mark == b"lifted-2-"
    assert b"lifted-0-0." not in read(raw).parts[0].content
