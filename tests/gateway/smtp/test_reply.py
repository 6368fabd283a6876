"""gateway.smtp.reply: what we answer."""

from __future__ import annotations

import pytest

from gateway.smtp import reply
from gateway.smtp.reply import DEFAULT_STATUS, Reply, too_large, with_status

REPLIES = [value for value in vars(reply).values() if isinstance(value, Reply)] + [too_large(5)]


@pytest.mark.parametrize("answer", REPLIES, ids=str)
def test_the_class_of_the_enhanced_code_is_that_of_the_reply(answer: Reply) -> None:
    """2.x.y goes with 2xx, 4.x.y with 4xx, 5.x.y with 5xx (RFC 3463 2); the text is one line."""
    assert answer.status[0] == str(answer.code)[0]
    assert answer.text.isascii()
    assert answer.text.isprintable()
    assert len(f"{answer}\r\n") <= 512
    assert answer.refuses == (answer.code >= 400)


def test_the_default_codes_are_of_their_replys_class() -> None:
    """The same for the codes that aiosmtpd's answers are given."""
    assert all(code[0] == status[0] for code, status in DEFAULT_STATUS.items())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("250 OK", "250 2.0.0 OK"),
        ("500 Command line too long", "500 5.5.2 Command line too long"),
        ("502 5.5.1 Too many", "502 5.5.1 Too many"),
        ("220 fax.example.com ESMTP", "220 fax.example.com ESMTP"),
        ("354 go on", "354 go on"),
        ("334 VXNlcm5hbWU6", "334 VXNlcm5hbWU6"),
        ("250-SIZE 5", "250-SIZE 5"),
        ("x", "x"),
    ],
)
def test_an_answer_without_an_enhanced_code_gets_one(line: str, expected: str) -> None:
    """Unless it may have none: greetings, 3xx, the lines of EHLO (RFC 2034 4)."""
    assert with_status(line) == expected
