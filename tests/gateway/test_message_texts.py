"""The text of a mail stands on pages as people read it: no armour, its files beside it."""

from __future__ import annotations

import binascii

import pytest

from gateway.message import Role, read
from gateway.message.part import ENCRYPTED, Part

PDF = bytes(range(256)) + b"%PDF-1.4"


def parts(text: str, kind: str = "text/plain") -> tuple[Part, ...]:
    """Of a mail with nothing but this text."""
    return read(f"Content-Type: {kind}; charset=utf-8\n\n{text}\n".encode()).parts


def uuencoded(content: bytes, name: str = "a.pdf", *, bare: bool = False) -> str:
    """As `uuencode` writes it; `bare` as mail programs leave it, without spaces at line ends."""
    rows = [binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45)]
    rows = [row.rstrip() + "\n" if bare else row for row in rows]
    return f"begin 644 {name}\n{''.join(rows)}`\nend\n"


@pytest.mark.parametrize("bare", [False, True])
def test_a_file_in_the_text_is_an_attachment(bare: bool) -> None:
    """What `uuencode` wrote into a mail comes out as the file that it was, between its texts."""
    before, file, after = parts(f"See below.\n\n{uuencoded(PDF, bare=bare)}\nRegards\n")

    assert (before.content, after.content) == (b"See below.", b"Regards\n\n")
    assert (file.name, file.role, file.content) == ("a.pdf", Role.ATTACHMENT, PDF)


@pytest.mark.parametrize("text", ["begin 644 a\nnothing\nend", "begin 644 a\nend", "begin 644"])
def test_a_text_that_only_begins_is_text(text: str) -> None:
    """Words that look like the beginning of a file are left where they are."""
    (part,) = parts(text)

    assert part.content.decode().strip() == text


def test_a_signed_text_stands_without_its_armour() -> None:
    """A text with a PGP signature is the text, its dashes as they were written."""
    (part,) = parts(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nDear all,\n- -- \nJan\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQEz\n=abcd\n-----END PGP SIGNATURE-----\n\nfooter"
    )

    assert part.content == b"Dear all,\n-- \nJan\n\nfooter\n"


def test_an_encrypted_text_says_so() -> None:
    """Cipher text is no page: the sender learns that the gateway cannot read it."""
    (part,) = parts("-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----")

    assert (part.role, part.reason) == (Role.BODY, ENCRYPTED)


def test_what_nobody_can_read_is_left_out() -> None:
    """Control characters, colours of terminals and Outlook's names of pictures are not printed."""
    (part,) = parts("a\x01b\x07 \x1b[1;31mred\x1b[0m [cid:image001.png@01DB.0C6B] c\td")

    assert part.content == b"ab red  c\td\n"


def test_an_enriched_text_has_no_commands() -> None:
    """Bold letters and colours are lost, lines are as they were meant, signs are signs."""
    (part,) = parts(
        "<bold>Zażółć</bold> gęślą\njaźń.\n\n<nofill>Row 1\nRow 2</nofill>\n"
        "<color><param>red</param>1 << 2</color> <<tag>",
        "text/enriched",
    )

    assert part.content_type == "text/plain"
    text = "Zażółć gęślą jaźń.\nRow 1\nRow 2 1 < 2 <tag>"
    assert part.content.decode().strip() == text


def test_a_rich_text_breaks_its_lines_where_it_says() -> None:
    """In the older form a line ends at <nl>, and a sign is written as a command."""
    (part,) = parts(
        "<Bold>Now</Bold> is\nthe<nl>time. 1 <lt> 2<comment>x</comment>", "text/richtext"
    )

    assert part.content.decode().strip() == "Now is the\ntime. 1 < 2"


@pytest.mark.parametrize(
    "text",
    [
        "Hello\n\n=ybegin line=128 size=11 name=a.pdf\nr\x8f\x96\n=yend size=11",
        "(This file must be converted with BinHex 4.0)\n\n:#'4bFQ&XE@9b-5i0B:",
    ],
)
def test_a_file_packed_as_nobody_reads_it_is_no_page(text: str) -> None:
    """The sender is asked for the file itself; no page of rubbish goes out."""
    (part,) = parts(text)

    assert "please attach the file itself" in part.reason
