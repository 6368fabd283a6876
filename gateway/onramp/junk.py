"""The list of junk callers: a text file with a number, a beginning of one or a TSI on each line.

    +48221234567            a number, by caller ID
    +4870*                  all that begin so
    withheld                all who do not tell their number
    tsi: CHEAP LOANS*       what the sending machine calls itself; capitals do not matter

`#` begins a comment. The file is `faxgate junk`'s and an editor's alike: what is added keeps what
was there, and a line that nobody can read is skipped and told, never fatal.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from gateway.config.number_pattern import WITHHELD, check_number_pattern
from gateway.onramp.numbers import REMEMBERED, digits, forms

LARGEST: Final = 4_000_000  # octets of the file that are read
_TSI: Final = "tsi:"


@dataclass(frozen=True)
class Junk:
    """Callers whose faxes nobody wants. `unread` are lines that make no sense, for the log.

    Made for lists of many thousands: a call is held against all of them in less than 10 ms.
    """

    numbers: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()  # TSI patterns
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Look everything up once, in whatever thread reads the list."""
        _ = self._exactly, self._beginnings, [name_like(pattern) for pattern in self.machines]

    def has(self, caller: str, tsi: str | None, country: str = "") -> bool | None:
        """Whether a caller is on the list; None while that hangs on a TSI not yet heard."""
        if any(self._has_number(digits(form)) for form in forms(caller, country)):
            return True
        if tsi is None:
            return None if self.machines else False
        return any(named_like(pattern, tsi) for pattern in self.machines)

    def _has_number(self, own: str) -> bool:
        if not own:
            return WITHHELD in self.numbers
        return own in self._exactly or any(own[:n] in self._beginnings for n in range(len(own) + 1))

    @cached_property
    def _exactly(self) -> frozenset[str]:
        return frozenset(digits(each) for each in self.numbers if not each.endswith("*"))

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(digits(each) for each in self.numbers if each.endswith("*"))


def named_like(pattern: str, tsi: str) -> bool:
    """Whether a machine's name fits a pattern in which * is anything, and ? any character."""
    return name_like(pattern).fullmatch(" ".join(tsi.upper().split())) is not None


@lru_cache(REMEMBERED)
def name_like(pattern: str) -> re.Pattern[str]:
    """The names that fit a pattern. To make it takes 0.1 ms, so that is done beforehand."""
    parts = re.split(r"([*?])", " ".join(pattern.upper().split()))
    meant = {"*": ".*", "?": "."}
    return re.compile("".join(meant.get(part) or re.escape(part) for part in parts), re.DOTALL)


def read(path: Path) -> Junk:
    """The list in a file; an empty one where there is none. Raises OSError."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST).decode("utf-8", "replace")
    except FileNotFoundError:
        return Junk()
    numbers, machines, unread = [], [], []
    for line in filter(None, map(_content, text.splitlines())):
        if line.lower().startswith(_TSI):
            machines.append(line[len(_TSI) :].strip())
        elif _is_number(line):
            numbers.append(line)
        else:
            unread.append(line)
    return Junk(tuple(numbers), tuple(filter(None, machines)), tuple(unread))


def add(path: Path, entry: str) -> bool:
    """Add a line; False when it is there. Raises ValueError for what makes no sense, OSError."""
    entry = checked(entry)
    lines = _lines(path)
    if any(_content(line) == entry for line in lines):
        return False
    _write(path, [*lines, entry])
    return True


def remove(path: Path, entry: str) -> bool:
    """Take a line out; False when it is not there. Raises OSError."""
    lines = _lines(path)
    kept = [line for line in lines if _content(line) != entry.strip()]
    if len(kept) == len(lines):
        return False
    _write(path, kept)
    return True


def checked(entry: str) -> str:
    """An entry as it stands in the file. Raises ValueError."""
    entry = _content(entry)
    if entry.lower().startswith(_TSI):
        name = entry[len(_TSI) :].strip()
        if name.strip("*? "):
            return f"{_TSI} {name}"
        raise ValueError("this would call every machine junk; write a name behind tsi:")
    return check_number_pattern(entry)


def _content(line: str) -> str:
    return line.partition("#")[0].strip()


def _is_number(line: str) -> bool:
    try:
        check_number_pattern(line)
    except ValueError:
        return False
    return True


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ["# Junk callers: a number, +4870*, or tsi: and a name, one a line."]


def _write(path: Path, lines: Iterator[str] | Sequence[str]) -> None:
    """There whole or not at all."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
