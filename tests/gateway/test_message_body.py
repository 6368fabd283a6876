"""The text of a mail is a page when that is wanted, and a signature alone never is."""

from __future__ import annotations

import pytest

from gateway.message import Body, Message, Role, read
from gateway.message.body import SIGNATURE_LINES, split_signature
from gateway.message.part import LEFT_OUT, skipped_on_purpose
from tests.gateway.offramp import corpus

SIGNED = "See attached.\n\n-- \nAnna Nowak\n+48 22 123 45 67\n"
SCAN = ("scan.pdf", b"%PDF-1.4 example")
CARD = "Content-Type: text/vcard; name=a.vcf\r\n\r\nBEGIN:VCARD"


def shown(message: Message) -> list[str]:
    """The name of each part that is a page, or its text."""
    return [
        part.content.decode().strip() if part.role is Role.BODY else part.name
        for part in message.parts
        if part.role is not Role.SKIPPED
    ]


def told(message: Message) -> list[str]:
    """What is said of the parts that are no pages."""
    return [part.reason for part in message.parts if part.role is Role.SKIPPED]


@pytest.mark.parametrize(
    ("body", "with_scan", "without"),
    [
        (Body.ALWAYS, ["Text", "scan.pdf"], ["Text"]),
        (Body.ALONE, ["scan.pdf"], ["Text"]),
        (Body.NEVER, ["scan.pdf"], []),
    ],
)
def test_the_policy_decides(body: Body, with_scan: list[str], without: list[str]) -> None:
    """With and without something attached; a text that is left out is told, on purpose."""
    both, alone = (read(corpus.mail("Text", *files), body=body) for files in ([SCAN], []))

    assert (shown(both), shown(alone)) == (with_scan, without)
    for message, pages in ((both, with_scan), (alone, without)):
        assert told(message) == ([] if "Text" in pages else [LEFT_OUT])
    assert skipped_on_purpose("text/plain", LEFT_OUT)


def test_a_contact_card_is_nothing_attached() -> None:
    """What is never a page does not push the text out."""
    raw = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nText\r\n'
        f"--b\r\n{CARD}\r\n--b--\r\n"
    )

    assert shown(read(raw.encode(), body=Body.ALONE)) == ["Text"]


def test_a_forwarded_mail_is_attached() -> None:
    """Its text is a document; the words above it are the mail's own."""
    raw = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nFYI\r\n'
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Offer\r\n\r\nWe offer.\r\n--b--\r\n"
    )
    (text,) = shown(read(raw.encode(), body=Body.ALONE))

    assert "We offer." in text
    assert "FYI" not in text


def test_a_signature_is_cut_where_that_is_wanted() -> None:
    """From the line "-- " to the end of the plain text; otherwise it stays."""
    raw = corpus.mail(SIGNED, SCAN)

    assert shown(read(raw, signature=False)) == ["See attached.", "scan.pdf"]
    assert "Anna Nowak" in shown(read(raw))[0]


@pytest.mark.parametrize("signature", [True, False])
def test_a_signature_alone_is_no_page(*, signature: bool) -> None:
    """A mail program puts it under an empty text; nobody meant to fax it."""
    raw = corpus.mail("\n\n-- \nAnna Nowak\n", SCAN)

    assert shown(read(raw, signature=signature)) == ["scan.pdf"]


@pytest.mark.parametrize(
    "text",
    [
        "no signature",
        "a -- b\n--\tc\n--- \n",
        "Answer\n-- \nAnna\n> quoted\n",
        "Text\n-- \n" + "more\n" * SIGNATURE_LINES,
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    """Dashes in a line, text with quotes below, and long text are no signature."""
    assert split_signature(text) == (text, "")


def test_the_last_one_is_the_signature() -> None:
    """A line of that kind above it is text."""
    assert split_signature("a\n-- \nb\n-- \nc\n") == ("a\n-- \nb\n", "-- \nc")
