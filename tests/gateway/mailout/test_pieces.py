"""Mails in pieces are the same mails."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mailout.pieces import for_data, whole_lines, with_crlf, with_lf

TEXT = st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\r\n.\r\n", b"x" * 9])).map(
    b"".join
)


@given(TEXT, st.integers(1, 12))
def test_pieces_are_whole_lines_and_nothing_is_lost(text: bytes, size: int) -> None:
    """Every cut is after a line feed, every piece but the last is large enough."""
    pieces = list(whole_lines(text, size))

    assert b"".join(pieces) == text
    assert all(piece.endswith(b"\n") and len(piece) >= size for piece in pieces[:-1])


@given(TEXT, st.integers(1, 12))
def test_data_is_what_the_receiver_undoes(text: bytes, size: int) -> None:
    """A receiver that takes the dots away has the same lines, and only one end (RFC 5321 4.5.2)."""
    sent = b"".join(for_data(text, size))
    lines = re.split(rb"\r\n|\r|\n", text)
    expected = lines[:-1] if lines[-1] == b"" else lines

    assert sent.endswith(b".\r\n")
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert b"\r" not in sent.replace(b"\r\n", b"")
    received = sent.split(b"\r\n")[:-2]
    assert [line.removeprefix(b".") for line in received] == expected
    assert b"." not in received


@pytest.mark.parametrize("count", [1, 9_000])
def test_line_ends_are_changed_in_every_piece(count: int) -> None:
    """Line ends are the only thing that changes, in one piece and in many."""
    unix = b"some line of text\n" * count

    assert b"".join(with_crlf(unix)) == unix.replace(b"\n", b"\r\n")
    assert b"".join(with_lf(unix.replace(b"\n", b"\r\n"))) == unix
