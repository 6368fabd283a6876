"""gateway.smtp.body: the octets between 354 and the lone dot."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.body import LONGEST_BLANK_HEAD, PIECE, Body, Budget, receive
from gateway.smtp.reply import NO_ROOM, NOT_A_MAIL, SMUGGLED, Reply, too_large

LIMIT = 1_000_000


async def received(
    stream: bytes, *, limit: int = LIMIT, budget: Budget | None = None, split: int = 0
) -> tuple[Body, bytes]:
    """The message at the head of a stream, and what is left in the reader behind it."""
    reader = asyncio.StreamReader(limit=PIECE)
    body = Body(limit, budget or Budget(10 * LIMIT))
    task = asyncio.create_task(receive(reader, body, lambda: None))
    step = split or len(stream)
    for start in range(0, len(stream), step):
        reader.feed_data(stream[start : start + step])
        await asyncio.sleep(0)
    assert await task
    reader.feed_eof()
    return body, await reader.read()


def stuffed(message: bytes) -> bytes:
    """A message as a client sends it (RFC 5321 4.5.2)."""
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"a\r\n..\r\n...b\r\n.\r\n", b"a\r\n.\r\n..b\r\n"),
        (b"\r\n\r\n\r\n.\r\n", b"\r\n\r\n\r\n"),
        (b"a\nb\rc\r\n.\r\n", b"a\nb\rc\r\n"),
        (b"\r\r\n.\r\n", b"\r\r\n"),
        (b"a.\r\nb.\r\n.\r\n", b"a.\r\nb.\r\n"),
        (b"x" * 5000 + b"\r\n.\r\n", b"x" * 5000 + b"\r\n"),
    ],
)
@pytest.mark.parametrize("split", [0, 1, 2, 3])
async def test_a_message_ends_at_its_lone_dot(stream: bytes, message: bytes, split: int) -> None:
    """Dots are unstuffed, line ends are kept as they came, and the next command stays."""
    body, rest = await received(stream + b"QUIT\r\n", split=split)

    assert (b"".join(body.pieces), body.fault, rest) == (message, None, b"QUIT\r\n")
    assert body.size == len(message)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x.", b"x" * 70]), max_size=30),
    st.integers(1, 50),
)
async def test_a_message_survives_any_split(lines: list[bytes], split: int) -> None:
    """Whatever pieces the network makes of it, it arrives as it was written."""
    message = b"".join(line + b"\r\n" for line in lines)
    body, rest = await received(stuffed(message) + b".\r\nNOOP\r\n", split=split)

    assert (b"".join(body.pieces), rest) == (message, b"NOOP\r\n")


@pytest.mark.parametrize("size", [PIECE - 5, PIECE, PIECE + 1, 2 * PIECE + 3, 5 * PIECE])
async def test_a_large_message_comes_in_pieces(size: int) -> None:
    """The reader's limit cuts it anywhere, also through a stuffed dot."""
    message = (b".x\r\n" * (size // 4))[: size - 2] + b"\r\n"
    body, rest = await received(stuffed(message) + b".\r\n", limit=10 * PIECE, split=65_536)

    assert (b"".join(body.pieces), rest) == (message, b"")


@pytest.mark.parametrize(
    "false_end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n.\r"]
)
@pytest.mark.parametrize("split", [0, 1, 4])
async def test_a_false_end_is_no_end_and_no_message(false_end: bytes, split: int) -> None:
    """The octets that end a mail elsewhere do not end it here, and the mail is refused whole."""
    stream = b"Subject: x\r\n\r\na" + false_end + b"MAIL FROM:<x@y.z>\r\n.\r\nRSET\r\n"
    body, rest = await received(stream, split=split)

    assert (body.fault, body.pieces, rest) == (SMUGGLED, [], b"RSET\r\n")


async def test_a_message_over_the_limit_is_read_to_its_end() -> None:
    """The refusal comes where the client listens for it; nothing is kept."""
    body, rest = await received(b"x" * 20 + b"\r\n.\r\nQUIT\r\n", limit=21)

    assert (body.fault, body.pieces, rest) == (too_large(21), [], b"QUIT\r\n")


async def test_a_message_of_just_the_limit_is_taken() -> None:
    """SIZE counts the message, not the dots and not the end mark (RFC 1870 5)."""
    body, _ = await received(b"..xx\r\n.\r\n", limit=5)

    assert (body.fault, body.size) == (None, 5)


async def test_a_message_without_end_is_given_up() -> None:
    """Twice the limit and a piece more, and the connection is not worth keeping."""
    reader = asyncio.StreamReader(limit=PIECE)
    body = Body(10, Budget(LIMIT))
    reader.feed_data(b"x" * (3 * PIECE))

    assert await receive(reader, body, lambda: None) is False
    assert body.fault == too_large(10)


async def test_blank_lines_without_end_are_given_up() -> None:
    """They would have to be read octet by octet."""
    reader = asyncio.StreamReader(limit=PIECE)
    body = Body(LIMIT, Budget(LIMIT))
    reader.feed_data(b"\r\n" * LONGEST_BLANK_HEAD)

    assert await receive(reader, body, lambda: None) is False
    assert body.fault == NOT_A_MAIL


async def test_mails_share_a_bounded_memory() -> None:
    """What does not fit is put off, and what is done with gives its room back."""
    budget = Budget(40)
    first, _ = await received(b"x" * 30 + b"\r\n.\r\n", budget=budget)
    second, _ = await received(b"x" * 30 + b"\r\n.\r\n", budget=budget)
    first.release()
    third, _ = await received(b"x" * 30 + b"\r\n.\r\n", budget=budget)

    faults: list[Reply | None] = [first.fault, second.fault, third.fault]
    assert faults == [None, NO_ROOM, None]


async def test_what_may_yet_be_the_end_is_held_back() -> None:
    """A line end and a dot behind it wait for the octets that decide."""
    body = Body(LIMIT, Budget(LIMIT))
    kept = []
    for octets in (b"\r\n", b"a", b"\r", b"\n", b".", b".b"):
        body.feed(octets)
        kept.append(b"".join(body.pieces))

    assert kept == [b"", b"a", b"a", b"a", b"a", b"a\r\n.b"]


async def test_every_piece_is_a_sign_of_life() -> None:
    """A client on a slow line is not silent while it sends."""
    reader = asyncio.StreamReader(limit=PIECE)
    signs: list[int] = []
    reader.feed_data(b"x" * (2 * PIECE) + b"\r\n")
    task = asyncio.create_task(receive(reader, Body(LIMIT, Budget(LIMIT)), lambda: signs.append(1)))
    await asyncio.sleep(0)
    reader.feed_data(b".\r\n")

    assert await task
    assert signs == [1]
