"""The process that reads pages, `python -m gateway.ocr.worker`: kept in like a render worker.

One message on its standard input is one page, of `Order` and its MMR; for each it forks a child
with limits of memory and time, in which the page is decoded and tesseract runs, with no way to any
network and to no file but libraries and languages. What the child says is passed on as `text` (the
turn; the packed lines) or `unread` (a sentence). It gives way to everything else on the machine: no
call and no document waits for a page to be read.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from gateway.ocr.program import find_program, folders
from gateway.ocr.tesseract import NotRead, read_page
from gateway.ocr.text import TURNS, PageText, packed, unpacked
from gateway.offramp.fence import Fence, fence_in
from gateway.offramp.isolate import End, Outcome, Say, run_isolated, write_all
from gateway.offramp.limits import adopt_orphans, die_with_parent, end_orphans
from gateway.offramp.protocol import ProtocolError, pack, unpack
from t4codec import CodedPage, Coding, Compression, Resolution

NICE: Final = 10  # nice(2): line time and documents first
OCTETS: Final = 4_000_000  # the most that one page may say

REASONS = {
    End.TOO_LONG: "the page took too long to read",
    End.TOO_LARGE: "the page needed too much memory to be read",
    End.SAID_TOO_MUCH: "the page had too much text",
    End.CRASHED: "the reading of the page crashed",
}


@dataclass(frozen=True, slots=True)
class Order:
    """A page to read: its size in pels and rows, its dots per inch, and within what limits."""

    width: int
    height: int
    x_dpi: int
    y_dpi: int
    languages: list[str]
    seconds: float
    memory: int  # octets
    turn_it: bool = True  # where it cannot be read as it came


def main() -> None:
    """Serve until the standard input ends."""
    die_with_parent()
    adopt_orphans()
    os.nice(NICE)
    out = os.dup(1)
    os.dup2(2, 1)  # nothing that a library prints may reach the pipe
    if not keep_in().network:
        sys.exit("this kernel has neither seccomp nor network name spaces to keep pages in")
    while (message := unpack(sys.stdin.buffer.read)) is not None:
        kind, values, mmr = message
        if kind == "read":
            write_all(out, answer(Order(**values), mmr))


def keep_in() -> Fence:
    """The fence that documents are drawn behind; besides, tesseract and its languages are read."""
    program = find_program()
    return fence_in(Path(tempfile.gettempdir()), *folders(), *([Path(program)] if program else []))


def ask(order: Order, mmr: bytes) -> bytes:
    """Put a page to read into octets."""
    return pack("read", asdict(order), mmr)


def answer(order: Order, mmr: bytes) -> bytes:
    """Read one page in a child; `text` or `unread`, in octets."""
    outcome = run_isolated(
        lambda say: _read(order, mmr, say),
        memory=order.memory,
        seconds=order.seconds,
        octets=OCTETS,
        processes=True,
    )
    end_orphans()
    return _said(outcome)


def text_of(kind: str, values: dict[str, Any], octets: bytes) -> PageText:
    """Check what a worker says was read. Raises `ProtocolError`."""
    try:
        if kind == "unread":
            return PageText(problem=str(values["reason"])[:500])
        turned = int(values["turned"])
        if turned not in TURNS:
            raise ValueError("no page is turned so")
        return PageText(unpacked(octets), turned)
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"a page was not read: {error}") from error


def _read(order: Order, mmr: bytes, say: Say) -> None:
    coding = Coding(Compression.MMR, width=order.width)
    page = CodedPage(mmr, coding, order.height, Resolution(order.x_dpi, order.y_dpi))
    try:
        text = read_page(page, order.languages, turn_it=order.turn_it, seconds=order.seconds)
    except NotRead as failure:
        say(_unread(f"tesseract could not read the page: {failure}"))
    else:
        say(pack("text", {"turned": text.turned}, packed(text.lines)))


def _said(outcome: Outcome) -> bytes:
    """Pass on what the child said if it is one whole message."""
    if outcome.end is not End.DONE:
        return _unread(REASONS[outcome.end])
    try:
        message = unpack(BytesIO(outcome.said).read)
    except ProtocolError:
        message = None
    if message is None:
        return _unread(REASONS[End.CRASHED])
    return pack(*message)


def _unread(reason: str) -> bytes:
    return pack("unread", {"reason": reason[:500]})


if __name__ == "__main__":
    main()
