"""The header of a stranger's mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.report.original import LONGEST_HEADER, REFERENCES, read_original


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"Subject: Invoice 17", "Invoice 17"),
        (b"Subject: =?utf-8?q?Za=C5=BC=C3=B3=C5=82=C4=87?=", "Zażółć"),
        (b"Subject: =?iso-8859-2?b?o/NkvA==?= PL", "Łódź PL"),
        ("Subject: Zażółć".encode(), "Zażółć"),
        (b"Subject: a\r\n folded\r\n\tline", "a folded line"),
        (b"Subject: a\x00b\x07c", "a b c"),
        (b"Subject: =?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"X: no subject", ""),
        (b"", ""),
    ],
)
def test_subjects(header: bytes, subject: str) -> None:
    """A subject is decoded as far as it can be, and never raises."""
    assert read_original(header + b"\r\n\r\nbody").subject == subject


def test_threading_follows_the_original() -> None:
    """References are the thread's and then the mail itself; In-Reply-To stands in for them."""
    mail = b"Message-ID: <c@x>\r\nReferences: <a@x>\r\n <b@x>\r\n\r\n"
    reply = b"Message-ID: <c@x>\r\nIn-Reply-To: <b@x> (their mail)\r\n\r\n"

    assert read_original(mail).references == ("<a@x>", "<b@x>", "<c@x>")
    assert read_original(reply).references == ("<b@x>", "<c@x>")


@pytest.mark.parametrize(
    "identity", [b"", b"Message-ID: none", b"Message-ID: <=?utf-8?q?=0D=0A?=@x>"]
)
def test_without_an_identity_there_is_no_thread(identity: bytes) -> None:
    """A mail that cannot be referred to is not threaded."""
    original = read_original(b"References: <a@x>\r\n" + identity + b"\r\n\r\n")

    assert original.message_id == ""
    assert original.references == ()


def test_long_threads_are_cut_at_their_beginning() -> None:
    """Only the last identifiers are kept."""
    thread = b" ".join(b"<%d@x>" % number for number in range(500))
    references = read_original(
        b"Message-ID: <m@x>\r\nReferences: " + thread + b"\r\n\r\n"
    ).references

    assert len(references) == REFERENCES
    assert references[-2:] == ("<499@x>", "<m@x>")


@given(st.binary(max_size=600) | st.binary(max_size=300).map(lambda b: b"Subject: " + b))
def test_no_octets_raise(raw: bytes) -> None:
    """Any octets are a mail; what is read from them is one bounded line each, without controls."""
    original = read_original(raw)

    assert original.subject.isprintable()
    assert len(original.subject) <= 200
    assert all(c.isprintable() or c in "\t\n" for c in original.header if c.isascii())


def test_an_endless_header_is_cut() -> None:
    """A header without an end costs no more than LONGEST_HEADER."""
    assert len(read_original(b"X: " + b"y" * 1_000_000).header) == LONGEST_HEADER
