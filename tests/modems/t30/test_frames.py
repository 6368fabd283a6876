"""Frames: build, read, and the 20-character fields."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modems.t30.fcf import FCF
from modems.t30.frames import Message, build, characters, parse, text
from modems.t30.line import Frame

_plain = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)


def test_only_the_last_frame_is_final() -> None:
    """In a burst the control field is 03, in its last frame 13; X is the FCF's first bit."""
    frames = build([Message(FCF.TSI), Message(FCF.DCS, b"\x00\x01")], x=True)

    assert [f.octets for f in frames] == [b"\xff\x03\x43", b"\xff\x13\x83\x00\x01"]


@given(st.lists(st.builds(Message, st.sampled_from(FCF), st.binary(max_size=50))), st.booleans())
def test_what_is_built_is_read(messages: list[Message], x: bool) -> None:
    """Reading is the inverse of building."""
    assert [parse(frame) for frame in build(messages, x=x)] == messages


@given(st.binary(max_size=8), st.booleans())
def test_anything_may_be_read(octets: bytes, ok: bool) -> None:
    """No octets make `parse` raise, and a failed FCS is never a message."""
    message = parse(Frame(octets, ok))

    assert message is None or ok


def test_foreign_frames_are_none() -> None:
    """Another address, another control field, an unknown FCF or a stump is no T.30 frame."""
    for octets in (b"\x03\x13\x8c", b"\xff\x00\x8c", b"\xff\x13\x00", b"\xff\x13"):
        assert parse(Frame(octets)) is None


def test_a_number_goes_out_backwards() -> None:
    """The frame holds 20 characters, last one first, as recorded from a real call."""
    assert characters("020 7063 8601") == b"1068 3607 020       "


@given(_plain)
def test_characters_come_back(number: str) -> None:
    """What the field can carry comes back, with runs of spaces as one."""
    assert text(characters(number)) == " ".join(number.split())


def test_long_and_foreign_characters() -> None:
    """A long number keeps its end; what is not ASCII becomes a space, and never an error."""
    assert text(characters("+48 22 123 45 67 890 12 3")) == "22 123 45 67 890 12 3"[-20:].strip()
    assert text(characters("fax żółw")) == "fax w"
    assert text(b"\xff\x00" + b"21") == "12"
