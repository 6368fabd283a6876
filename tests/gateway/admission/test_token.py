"""gateway.admission.token: a confirmation is good for one sender, one fax and a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.token import is_good, local_part, read

KEY = b"k" * 32
UNTIL = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
EARLIER = UNTIL - timedelta(seconds=1)
LOCAL = local_part(KEY, 17, "anna", UNTIL)


def good(local: str, user: str = "anna", now: datetime = EARLIER, key: bytes = KEY) -> bool:
    """Whether a local part confirms something."""
    token = read(local)
    return token is not None and is_good(token, key, user, now)


def test_it_is_good_for_its_sender_until_its_time_is_over() -> None:
    """In letters of any case, as mail programs make them, and within RFC 5321's 64 octets."""
    assert good(LOCAL)
    assert good(LOCAL.upper())
    assert not good(LOCAL, now=UNTIL)
    assert len(local_part(KEY, 10**9, "anna", UNTIL)) <= 64


def test_it_is_good_for_nobody_else() -> None:
    """Nor under another key."""
    assert not good(LOCAL, user="eve")
    assert not good(LOCAL, key=b"x" * 32)


@given(st.integers(0, len(LOCAL) - 1), st.sampled_from("0123456789abcdef-+"))
def test_changing_any_character_makes_it_void(at: int, character: str) -> None:
    """Recipient, time and seal alike."""
    changed = LOCAL[:at] + character + LOCAL[at + 1 :]
    assert good(changed) == (changed.lower() == LOCAL)


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    """What is no token is none, without an exception."""
    assert read(text) is None or text.lower().startswith("confirm+")
