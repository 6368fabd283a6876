"""YAML text to a tree that remembers where everything stood.

Every scalar stays the text that was written: 0048123 keeps its zeros, `no` and 12:30 are no
surprise. What YAML would quietly allow is an error here: a key given twice, anchors and aliases,
unknown tags, nesting without end. The one tag of ours, `!file PATH`, stands for the content of a
file, so that no secret need stand in the configuration. A value left empty (or `null`) counts as
not given, so that a section whose settings are all commented out keeps its defaults.

The tree is built from libyaml's events and not by its composer, which recurses in C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol, cast

import yaml

LARGEST_FILE: Final = 4_000_000  # octets
DEEPEST: Final = 20  # levels; the model has 5
LARGEST_SECRET: Final = 65_536  # octets
FILE_TAG: Final = "!file"
NO_COLON: Final = "the line has no `: ` behind its key"

# Everything but c-printable of YAML 1.1 5.1; the byte order mark may only come first.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml where PyYAML was built with it


class Mark(NamedTuple):
    """A place in the file, both counted from 1."""

    line: int
    column: int


START: Final = Mark(1, 1)


Fault = tuple[Mark, str]  # what is wrong, and where


class SourceError(Exception):
    """The text cannot become a tree."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(text for _, text in faults))
        self.faults = faults


@dataclass(slots=True)
class Node:
    """One value: text, a list or a mapping; `keys` says where each key stands."""

    mark: Mark
    value: str | list[Node] | dict[str, Node]
    keys: dict[str, Mark] = field(default_factory=dict)

    def plain(self) -> object:
        """The value without its places."""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return {key: item.plain() for key, item in self.value.items()}


def parse(octets: bytes) -> tuple[Node, list[Fault]]:
    """The tree of a whole file, and what is wrong with it although it is a tree.

    Raises SourceError where the text ends to make sense, with the faults seen until there.
    """
    if len(octets) > LARGEST_FILE:
        raise SourceError((START, f"the file is larger than {LARGEST_FILE} octets"))
    builder = _Builder(_events(_decode(octets)))
    try:
        return builder.document(), builder.faults
    except SourceError as error:
        raise SourceError(*builder.faults, *error.faults) from None


def _decode(octets: bytes) -> str:
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = octets[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8", "replace")) + 1
        mark = Mark(before.count(b"\n") + 1, column)
        text = f"octet 0x{octets[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise SourceError((mark, text)) from None
    stray = _UNPRINTABLE.search(text)
    if stray is not None:
        at = stray.start()
        mark = Mark(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        raise SourceError((mark, f"the character U+{ord(stray[0]):04X} may not stand in YAML"))
    return text


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise SourceError(_syntax_fault(text, error)) from None


def _syntax_fault(text: str, error: yaml.MarkedYAMLError) -> Fault:
    mark = _mark(error.problem_mark or error.context_mark)
    line = text.splitlines()[mark.line - 1 :][:1]
    if line and "\t" in line[0][: len(line[0]) - len(line[0].lstrip())]:
        return mark, "the line is indented with a tab; YAML wants spaces"
    what = error.problem or "this is no YAML"
    if "nesting depth" in what:  # PyYAML since 6.0.4, far deeper than we would go ourselves
        return mark, f"nested deeper than {DEEPEST} levels"
    astray = what.startswith("mapping values")
    if (astray or "document start" in what) and (bare := _line_without_colon(text, mark)):
        return bare, NO_COLON
    if astray:
        what += "; put a text that contains ': ' in quotes, or check the indentation"
    if what == "could not find expected ':'":
        return _mark(error.context_mark), NO_COLON
    if "cannot start any token" in what:
        what += "; put the text in quotes"
    if "expected key" in what:
        what += "; check the indentation"
    if error.context and error.context_mark:
        start = _mark(error.context_mark)
        what += f" ({error.context} that began at {start.line}:{start.column})"
    return mark, what


def _line_without_colon(text: str, mark: Mark) -> Mark | None:
    """The line before `mark`, where YAML takes it for the beginning of the next one's key."""
    for number, line in reversed(list(enumerate(text.splitlines()[: mark.line - 1], 1))):
        plain = line.strip()
        if plain and not plain.startswith("#"):
            is_key = ":" in plain or plain.startswith("- ")
            return None if is_key else Mark(number, len(line) - len(line.lstrip()) + 1)
    return None


class _YamlMark(Protocol):
    line: int
    column: int


def _mark(mark: _YamlMark | None) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else START


class _Builder:
    """Turns the events of one document into nodes; goes on after a fault, to find them all."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self.faults: list[Fault] = []

    def document(self) -> Node:
        """The only document of the stream; an empty mapping if there is none."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                self._fault(event, "a second document begins; one file is one configuration")
                break
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, depth=0)
        if root is None or _is_absent(root, None):
            return Node(START, {})
        return root

    def _node(self, event: yaml.NodeEvent, depth: int) -> Node:
        mark = _mark(event.start_mark)
        if depth > DEEPEST:
            raise SourceError((mark, f"nested deeper than {DEEPEST} levels"))
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, f"the alias *{event.anchor} is not taken; write the value out")
            return Node(mark, "")
        if event.anchor:
            self._fault(event, f"the anchor &{event.anchor} is not taken; write values out")
        if isinstance(event, yaml.ScalarEvent):
            return Node(mark, self._scalar(event))
        if isinstance(event, yaml.CollectionStartEvent) and event.tag is not None:
            self._fault(event, f"the tag {event.tag} is not known here; only {FILE_TAG} is")
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(mark, self._items(depth))
        return self._mapping(mark, depth)

    def _scalar(self, event: yaml.ScalarEvent) -> str:
        if event.tag == FILE_TAG:
            return self._file(event)
        if event.tag is not None and event.tag != "!":
            self._fault(event, f"the tag {event.tag} is not known here; only {FILE_TAG} is")
        return str(event.value)

    def _file(self, event: yaml.ScalarEvent) -> str:
        """The content of a file, without the line end that editors leave there."""
        try:
            with Path(event.value).open("rb") as file:
                octets = file.read(LARGEST_SECRET + 1)
            if len(octets) > LARGEST_SECRET:
                raise ValueError(f"it is larger than {LARGEST_SECRET} octets")
            return octets.decode("utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self._fault(event, f"{event.value}: cannot be read: {reason}")
            return ""

    def _items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(cast(yaml.NodeEvent, event), depth + 1))
        return items

    def _mapping(self, mark: Mark, depth: int) -> Node:
        node = Node(mark, values := {})
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, depth)
            value_event = cast(yaml.NodeEvent, next(self._events))
            value = self._node(value_event, depth + 1)
            if key in node.keys:
                first = node.keys[key]
                self._fault(event, f"`{key}` is given twice, first at {first.line}:{first.column}")
                continue
            node.keys[key] = _mark(event.start_mark)
            if not _is_absent(value, value_event):
                values[key] = value
        return node

    def _key(self, event: yaml.Event, depth: int) -> str:
        node = self._node(cast(yaml.NodeEvent, event), depth + 1)
        if isinstance(node.value, str):
            return node.value
        self._fault(event, "a key must be a word")
        return ""

    def _fault(self, event: yaml.Event, text: str) -> None:
        self.faults.append((_mark(event.start_mark), text))


def _is_absent(node: Node, event: yaml.Event | None) -> bool:
    """Whether nothing, `~` or `null` was written, without quotes."""
    plain = event is None or (isinstance(event, yaml.ScalarEvent) and not event.style)
    tagged = getattr(event, "tag", None) is not None
    return plain and not tagged and node.value in ("", "~", "null", "Null", "NULL")
