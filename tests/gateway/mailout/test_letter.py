"""Headers of our mails, and their octets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mailout.letter import SUBJECT, Head, header_text, letter, octets

AT = datetime(2026, 11, 23, 5, 12, tzinfo=UTC)
WARSAW = timezone(timedelta(hours=1))
NAMES = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"]


def a_letter(
    to: str = "office@example.org", subject: str = "Fax", name: str = "Fax gateway"
) -> EmailMessage:
    """A letter with a short body."""
    head = Head("fax@fax.localhost", name, to, subject, AT, "<a@b>", "auto-generated", WARSAW)
    message = letter(head)
    message.set_content("Größe\n")
    return message


def read(message: EmailMessage) -> EmailMessage:
    """The letter as its reader's program sees it."""
    received = message_from_bytes(octets(message), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def test_every_header_that_a_mail_needs_is_there() -> None:
    """From, To, Subject, Date with offset, Message-ID, Auto-Submitted, MIME-Version."""
    message = read(a_letter())

    assert message.keys()[: len(NAMES)] == NAMES
    assert message["From"] == "Fax gateway <fax@fax.localhost>"
    assert message["Date"] == "Mon, 23 Nov 2026 06:12:00 +0100"
    assert message["Auto-Submitted"] == "auto-generated"


def test_text_beyond_ascii_travels_in_seven_bits() -> None:
    """A server without 8BITMIME takes our mails, and their text arrives whole."""
    message = a_letter(subject="Zażółć")

    assert octets(message).isascii()
    assert read(message)["Subject"] == "Zażółć"
    assert read(message).get_content() == "Größe\r\n"


def test_an_address_beyond_ascii_is_written_in_utf8() -> None:
    """A recipient that only SMTPUTF8 can name stands as it is in To (RFC 6532)."""
    message = a_letter(to="żółć@example.org")

    assert "To: żółć@example.org\r\n".encode() in octets(message)


@pytest.mark.parametrize("to", ["not an address", "", "=?utf-8?q?=0D=0ABcc:_x?=@example.org"])
def test_an_address_that_is_none_is_left_out(to: str) -> None:
    """What cannot be written in To is left out; the envelope decides anyway."""
    assert "To" not in read(a_letter(to=to))


@settings(deadline=None)
@given(
    st.text(max_size=300) | st.just("=?utf-8?q?=0D=0AX:_y?="),
    st.text(max_size=300) | st.just('" <evil@example.net>, "'),
    st.text(max_size=60).map(lambda local: f"{local}@example.org"),
)
def test_no_text_adds_a_header(subject: str, name: str, to: str) -> None:
    """Whatever stands in subject, name and address, the headers stay ours and From stays one."""
    message = read(a_letter(to, subject, name))

    assert set(message.keys()) <= {*NAMES, "Content-Type", "Content-Transfer-Encoding"}
    assert [a.addr_spec for a in message["From"].addresses] == ["fax@fax.localhost"]


@given(st.text(max_size=2000))
def test_a_header_value_is_one_bounded_line(text: str) -> None:
    """No line break, nothing hidden, no encoded word, no more than the limit and its breaks."""
    value = header_text(text, SUBJECT)

    assert value == " ".join(value.split())
    assert "=?" not in value
    assert value.isprintable()
    assert len(value) <= SUBJECT * 2


def test_boundaries_come_from_the_identity() -> None:
    """The same letter has the same octets; another Message-ID has other boundaries."""

    def with_attachment(identity: str) -> bytes:
        message = a_letter()
        message.replace_header("Message-ID", identity)
        message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
        return octets(message)

    assert with_attachment("<a@b>") == with_attachment("<a@b>")
    assert with_attachment("<a@b>") != with_attachment("<c@d>").replace(b"<c@d>", b"<a@b>")


@pytest.mark.parametrize("sizes", [[0], [1], [57], [100_000], [3, 200_000, 5]])
def test_octets_are_those_of_the_email_package(sizes: list[int]) -> None:
    """The short way past large attachments gives what `as_bytes` does, and leaves them whole."""
    message = a_letter()
    for size in sizes:
        content = bytes(range(256)) * (size // 256) + bytes(size % 256)
        message.add_attachment(
            content, maintype="application", subtype="pdf", filename=f"{size}.pdf"
        )

    assert octets(message) == message.as_bytes()
    attachments = read(message).iter_attachments()
    assert [len(attachment.get_content()) for attachment in attachments] == sizes
