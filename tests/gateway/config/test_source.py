"""gateway.config.source: YAML without its surprises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.source import LARGEST_FILE, LARGEST_SECRET, Mark, SourceError, parse


def faults(text: str | bytes) -> list[str]:
    """What is wrong with a text, as line:column: sentence."""
    try:
        found = parse(text.encode() if isinstance(text, str) else text)[1]
    except SourceError as error:
        found = list(error.faults)
    return [f"{mark.line}:{mark.column}: {what}" for mark, what in found]


def test_every_scalar_stays_the_text_that_was_written() -> None:
    """YAML's own ideas of numbers, truth and time are not asked for."""
    root, found = parse(b"a: 0048123\nb: no\nc: 12:30:00\nd: 1e3\ne: 'x'\nf: +48221000001\n")

    assert found == []
    assert root.plain() == {
        "a": "0048123",
        "b": "no",
        "c": "12:30:00",
        "d": "1e3",
        "e": "x",
        "f": "+48221000001",
    }


def test_every_value_and_key_knows_its_place() -> None:
    """Lines and columns count from 1, also in lists and flow style."""
    root, _ = parse(b"a:\n  - x\n  - {k: v}\n")

    assert isinstance(root.value, dict)
    items = root.value["a"].value
    assert isinstance(items, list)
    assert root.keys["a"] == Mark(1, 1)
    assert items[0].mark == Mark(2, 5)
    assert items[1].keys["k"] == Mark(3, 6)


def test_a_value_left_empty_is_not_given() -> None:
    """A section whose settings are all commented out keeps its defaults; quotes mean it."""
    root, _ = parse(b'smtp:\n#  port: 1\na: ~\nb: null\nc: ""\nd: "null"\n')

    assert root.plain() == {"c": "", "d": "null"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n", "\ufeff"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    """What must be given is then said to be missing."""
    assert parse(text.encode())[0].plain() == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1: `a` is given twice, first at 1:1"),
        ("a: &x 1\n", "1:4: the anchor &x is not taken; write values out"),
        ("a: *x\n", "1:4: the alias *x is not taken; write the value out"),
        ("a: !!int 5\n", "1:4: the tag tag:yaml.org,2002:int is not known here; only !file is"),
        ("a: !x {b: c}\n", "1:4: the tag !x is not known here; only !file is"),
        ("[a]: b\n", "1:1: a key must be a word"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins; one file is one configuration"),
        ("a:\n\tb: 1\n", "2:1: the line is indented with a tab; YAML wants spaces"),
        ("a: b: c\n", "1:5: mapping values are not allowed in this context; put a text"),
        ("a: 1\nb c\n\n# d\ne: 2\n", "2:1: the line has no `: ` behind its key"),
        ("# a\nb c\n\n# d\ne: 2\n", "2:1: the line has no `: ` behind its key"),
        ("a: 1\n  b: 2\n", "2:4: mapping values are not allowed in this context; put a text"),
        ("a:\n   b: 1\n  c: 2\n", "3:3: did not find expected key; check the indentation ("),
        ("a: @x\n", "1:4: found character that cannot start any token; put the text in quotes"),
        ("a: [1\n", "2:1: did not find expected ',' or ']' (while parsing a flow sequence that"),
        ("a: x\x07y\n", "1:5: the character U+0007 may not stand in YAML"),
        ("# ó\nó: x\x00\n", "2:5: the character U+0000 may not stand in YAML"),
        (b"# ok\nname: M\xfcller\n", "2:8: octet 0xfc is not UTF-8; save the file as UTF-8"),
        ("a: !file /nowhere/at/all\n", "1:4: /nowhere/at/all: cannot be read: No such file"),
        ("[" * 100, "1:22: nested deeper than 20 levels"),
    ],
)
def test_what_yaml_would_let_pass_or_say_in_riddles_is_said_plainly(
    text: str | bytes, fault: str
) -> None:
    """Each fault has its place and a sentence."""
    (found,) = faults(text)
    assert found.startswith(fault)


def test_however_deep_a_file_is_nested_it_is_told_so() -> None:
    """The place is ours or, in a PyYAML that has a limit of its own, where that one stopped."""
    (found,) = faults("[" * 100_000)
    assert re.fullmatch(r"1:(22|1001): nested deeper than 20 levels", found)


def test_several_faults_are_found_at_once() -> None:
    """A duplicate key does not hide the alias below it, nor the syntax error that ends it all."""
    found = faults("a: 1\na: 2\nb: *x\nc: [\n")

    assert [fault.split(": ")[0] for fault in found] == ["2:1", "3:4", "5:1"]


def test_a_file_of_its_own_stands_for_a_value(tmp_path: Path) -> None:
    """`!file` reads it without the line feed that editors leave at the end."""
    secret = tmp_path / "secret"
    secret.write_text("żółw: 1 \n")

    root, found = parse(f"password: !file {secret}\n".encode())

    assert (root.plain(), found) == ({"password": "żółw: 1 "}, [])


@pytest.mark.parametrize("octets", [b"\xff", b"x" * (LARGEST_SECRET + 1)])
def test_a_file_that_is_no_secret_is_refused(octets: bytes, tmp_path: Path) -> None:
    """Not UTF-8, or without end: /dev/zero is no password."""
    (tmp_path / "secret").write_bytes(octets)

    (fault,) = faults(f"password: !file {tmp_path / 'secret'}\n")
    assert "cannot be read" in fault


def test_a_file_without_end_is_not_parsed() -> None:
    """The configuration is bounded before YAML sees it."""
    (fault,) = faults(b"#" * (LARGEST_FILE + 1))
    assert "larger than" in fault


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_octets_give_a_tree_or_a_source_error(octets: bytes) -> None:
    """No file, however broken, gives any other exception."""
    assert all(re.match(r"[1-9]\d*:[1-9]\d*: .", fault) for fault in faults(octets))
