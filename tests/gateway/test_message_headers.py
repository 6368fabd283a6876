"""Header fields come out decoded, bounded and harmless."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.message import read_headers
from gateway.message.headers import VALUE_LIMIT


def subject(value: bytes) -> str:
    """The subject of a mail that has it so in its header."""
    return read_headers(b"Subject: " + value + b"\r\n\r\n").subject


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?B?WmHFvMOzxYLEhw==?=", "Zażółć"),
        (b"=?utf-8?b?WmHFvMOzxYLEhw?=", "Zażółć"),  # padding lost
        (b"=?iso-8859-2?Q?Za=BF=F3=B3=E6_g=EA=B6l=B1?=", "Zażółć gęślą"),
        (b"=?utf-8?Q?Za=C5=BC?= =?utf-8?Q?=C3=B3=C5=82=C4=87?=", "Zażółć"),
        (b"=?utf-8?Q?Za=C5?=\r\n =?utf-8?Q?=BC?=", "Zaż"),  # one character in two words
        (b"Re: =?utf-8?Q?=C5=BC?= and more", "Re: ż and more"),
        ("Zażółć".encode(), "Zażółć"),
        ("Dzień dobry, proszę".encode("iso8859-2"), "Dzień dobry, proszę"),
        ("=?utf-8?Q?=C5=BC?= zażółć".encode(), "ż zażółć"),
        (b"=?nonsense?Q?plain?=", "plain"),
        (b"=?utf-8?B?!!!!?=", ""),
        (b"=?utf-8*pl?Q?=C5=BC?=", "ż"),  # RFC 2231 section 5: a language
        (b"folded\r\n\tsubject", "folded subject"),
    ],
)
def test_words_are_decoded_however_they_were_sent(raw: bytes, text: str) -> None:
    """RFC 2047 words, raw 8-bit and everything that mailers get wrong in them is read."""
    assert subject(raw) == text


def test_controls_never_leave() -> None:
    """No line break or bidi control hidden in an encoded word gets out of a header."""
    assert subject(b"=?utf-8?Q?a=0D=0ABcc:_x=E2=80=AEb?=") == "a Bcc: x b"


def test_a_value_is_bounded() -> None:
    """A subject as long as a book is cut."""
    assert len(subject(b"x" * 100_000)) == VALUE_LIMIT


def test_the_thread_of_a_mail_is_read() -> None:
    """Message-ID, In-Reply-To and References are given as they must be quoted."""
    headers = read_headers(
        b"Message-ID: <c@x>\nIn-Reply-To: <b@x> (comment)\nReferences: <a@x>\n <b@x>\n\n"
    )

    assert headers.message_id == "<c@x>"
    assert headers.in_reply_to == "<b@x>"
    assert headers.references == ("<a@x>", "<b@x>")


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (b"Mon, 23 Nov 2026 07:00:00 +0100", datetime(2026, 11, 23, 6, tzinfo=UTC)),
        (b"Mon, 23 Nov 2026 06:00:00 -0000", datetime(2026, 11, 23, 6, tzinfo=UTC)),
        (b"yesterday", None),
        (b"Mon, 99 Nov 2026 07:00:00 +9999", None),
        (b"", None),
    ],
)
def test_dates_are_utc_or_nothing(value: bytes, date: datetime | None) -> None:
    """A date is aware and in UTC; one that is none is None."""
    assert read_headers(b"Date: " + value + b"\n\n").date == date


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        (b"Auto-Submitted: auto-replied; x=y", True),
        (b"Auto-Submitted: no", False),
        (b"Precedence: bulk", True),
        (b"X-Autoreply: yes", True),
        (b"Content-Type: multipart/report; report-type=delivery-status", True),
        (b"Subject: Auto-Submitted", False),
    ],
)
def test_automatic_mails_are_told_apart(header: bytes, automatic: bool) -> None:
    """What a machine sent on its own is known, so that nobody answers it."""
    assert read_headers(header + b"\n\n").automatic is automatic


@settings(deadline=None)
@given(st.binary(max_size=500))
def test_no_header_raises(raw: bytes) -> None:
    """Any octets have headers, if only empty ones, and none of them has a line break."""
    headers = read_headers(b"Subject: " + raw)

    assert "\n" not in headers.subject + headers.sender + headers.message_id
