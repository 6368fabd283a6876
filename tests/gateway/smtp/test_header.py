"""gateway.smtp.header: what SMTP reads in a header and writes on top of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.header import LONGEST_HEADER, MOST_HOPS, Hop, objection, received_line
from gateway.smtp.reply import AUTOMATIC_REPLY, LOOP, Reply

AT = datetime(2026, 11, 23, 7, 12, tzinfo=timezone(timedelta(hours=1)))


def hop(
    helo: str = "me",
    client: str = "192.0.2.1",
    *,
    esmtp: bool = True,
    tls: bool = False,
    authenticated: bool = False,
) -> Hop:
    """A mail that came in at a fixed time."""
    return Hop(helo, client, "mx.example.com", esmtp, tls, authenticated, AT)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (hop(), "from me ([192.0.2.1]) by mx.example.com with ESMTP"),
        (hop(client="2001:db8::1"), "from me ([IPv6:2001:db8::1]) by mx.example.com with ESMTP"),
        (
            hop("[192.0.2.1]", tls=True),
            "from [192.0.2.1] ([192.0.2.1]) by mx.example.com with ESMTPS",
        ),
        (hop(tls=True, authenticated=True), "from me ([192.0.2.1]) by mx.example.com with ESMTPSA"),
        (hop(authenticated=True), "from me ([192.0.2.1]) by mx.example.com with ESMTPA"),
        (hop(esmtp=False), "from me ([192.0.2.1]) by mx.example.com with SMTP"),
        (hop("", ""), "from unknown ([unknown]) by mx.example.com with ESMTP"),
        (hop("a(b)\r\nc żółw"), "from a?b???c????w ([192.0.2.1]) by mx.example.com with ESMTP"),
    ],
)
def test_the_trace_line_says_how_the_mail_came(made: Hop, expected: str) -> None:
    """From, by, with (RFC 3848) and the date with its offset, on one folded line."""
    received = message_from_bytes(received_line(made) + b"\r\n")["Received"]

    assert " ".join(received.split()) == f"{expected}; Mon, 23 Nov 2026 07:12:00 +0100"


@given(st.text(max_size=400))
def test_no_hello_can_break_the_header(helo: str) -> None:
    """Whatever a client calls itself, the line is one field in ASCII."""
    made = received_line(Hop(helo, "192.0.2.1", "mx", True, False, False, AT.astimezone(UTC)))

    lines = made.decode("ascii").split("\r\n")
    assert lines[0].startswith("Received: from ")
    assert all(line.startswith("\t") for line in lines[1:-1])
    assert all(len(line) <= 998 for line in lines)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"Subject: x\r\n\r\nbody", None),
        (b"", None),
        (b"Auto-Submitted: auto-replied\r\n\r\n", AUTOMATIC_REPLY),
        (b"X: y\nauto-submitted:\n auto-replied (vacation)\n\n", AUTOMATIC_REPLY),
        (b"Auto-Submitted: auto-generated\r\n\r\n", None),
        (b"Auto-Submitted: no\r\n\r\n", None),
        (b"Subject: x\r\n\r\nAuto-Submitted: auto-replied\r\n", None),
        (b"Received: a\r\n" * MOST_HOPS + b"\r\n", None),
        (b"RECEIVED : a\r\n" * (MOST_HOPS + 1) + b"\r\n", LOOP),
        (b"X: y\r\n\r\n" + b"Received: a\r\n" * (MOST_HOPS + 1), None),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_loops_are_seen_in_the_header_only(
    message: bytes, expected: Reply | None, size: int
) -> None:
    """Hops and automatic replies count; the same words in the body do not."""
    pieces = [message[at : at + size] for at in range(0, len(message), size)]

    assert objection(pieces) == expected


def test_a_header_without_end_is_looked_through_so_far_and_no_further() -> None:
    """The look costs the same for any mail."""
    far = b"X: y\r\n" * (LONGEST_HEADER // 6 + 1) + b"Auto-Submitted: auto-replied\r\n"

    assert objection([far[:100_000], far[100_000:]]) is None
