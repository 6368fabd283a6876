"""The render worker, `python -m gateway.offramp.worker`: warm, and trusted since it reads nothing.

It loads what rendering needs once, then waits on its standard input for mails. Each mail is read
in a forked child, and each part of it in a forked child of that one, so that neither a mail nor a
document is ever parsed in the worker, and what one of them breaks is gone with its process. What
they say goes to the standard output (see `protocol`).

A forked child costs milliseconds where starting Python with the same libraries costs a second.
"""

from __future__ import annotations

import importlib
import os
import signal
import string
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NoReturn

from PIL import Image

from gateway.message import Body, Message, Part, read
from gateway.message.part import BODY_NAME, Role
from gateway.offramp.cover import NAME as COVER_NAME
from gateway.offramp.cover import BadTemplate, Cover, cover_part, note_of
from gateway.offramp.document import OCTETS, failed, known_already, needs_processes, render_part
from gateway.offramp.fence import fence_in, fence_writing
from gateway.offramp.isolate import End, Outcome, Say, run_isolated, write_all
from gateway.offramp.limits import (
    adopt_orphans,
    die_with_parent,
    end_orphans,
    limit,
)
from gateway.offramp.memory import keep_apart, settle
from gateway.offramp.protocol import (
    CodedPage,
    Order,
    PartDone,
    ProtocolError,
    pack,
    pack_page,
    pack_part,
    page_from,
    part_from,
    unpack,
)

PRELOADED = (
    "gateway.offramp.pages",
    "gateway.offramp.convert.image",
    "gateway.offramp.convert.heic",
    "gateway.offramp.convert.tiff",
    "gateway.offramp.convert.html",
    "gateway.offramp.convert.text",
    "gateway.offramp.convert.office",
    "numpy.ma",  # which numpy loads for a percentile
)
LETTERS = f"{string.ascii_letters}{string.digits}{string.punctuation} Zażółć gęślą jaźń"
WARMING = (
    ("text/plain", f"{LETTERS} αβγ жшщ"),
    ("text/plain", f"{LETTERS}\na    b    c\na    b    c"),  # columns
    ("text/html", "<table border=1><td>Zażółć αβγ жшщ"),
)
COVER_TRIES = 3
READING = 60.0  # s in which a mail must be parsed


def main() -> None:
    """Serve until the standard input ends."""
    die_with_parent()
    adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the gateway's to handle
    out = os.dup(1)
    os.dup2(2, 1)  # nothing that a library prints may reach the pipe
    keep_apart()
    for module in PRELOADED:
        importlib.import_module(module)
    warm_up()
    settle()
    fence = fence_in(Path(tempfile.gettempdir()))
    if not fence.network:
        sys.exit("this kernel has neither seccomp nor network name spaces to keep documents in")
    write_all(out, pack("ready", {"barriers": list(fence.up), "files": fence.files}))
    while (message := unpack(sys.stdin.buffer.read)) is not None:
        kind, values, raw = message
        if kind == "mail":
            _serve(Order(**values), raw, out)


def warm_up() -> None:
    """Do all of it once, here, with a text of our own, for all the children.

    Fonts are read, style sheets parsed, readers of pictures loaded and libraries set up, which each
    child would do anew.
    """
    Image.init()
    for kind, text in WARMING:
        part = Part(BODY_NAME, kind, text.encode(), Role.BODY, "utf-8")
        render_part(part, Order(), 1, lambda _: None)


def _serve(order: Order, raw: bytes, out: int) -> None:
    """Render one mail in a child, and end if that does not: what it said may be cut short."""
    child = os.fork()
    if child == 0:
        _be_child(order, raw, out)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    end_orphans()
    if status != 0:
        sys.exit(f"the mail's process ended with {status}")


def _be_child(order: Order, raw: bytes, out: int) -> NoReturn:
    status = 1
    try:
        die_with_parent()
        limit(memory=order.memory, seconds=READING, processes=True)
        render_mail(order, raw, lambda octets: write_all(out, octets))
        status = 0
    finally:
        os._exit(status)


def render_mail(order: Order, raw: bytes, say: Say) -> None:
    """Render the parts of a mail one after the other, saying what becomes of each."""
    message = read(raw, body=Body(order.body), signature=order.signature)
    if order.cover:
        _render_covered(message, Cover(**order.cover), order, say)
    else:
        _render_parts(message.parts, order, order.max_pages, say)
    say(pack("end", {}))


def _render_covered(message: Message, cover: Cover, order: Order, say: Say) -> None:
    """Render the parts first, since the cover tells how many pages they are, and say them last."""
    note, parts = (cover.note, message.parts) if cover.note else note_of(message.parts)
    said: list[bytes] = []
    pages = _render_parts(parts, order, order.max_pages - 1, said.append)
    if pages or note:
        said = [*_cover(message, cover, note, pages, order), *said]
    for message_part in said:
        say(message_part)


def _cover(message: Message, cover: Cover, note: str, pages: int, order: Order) -> list[bytes]:
    """Draw the cover; again if it takes more pages than it told."""
    said: list[bytes] = []
    own = 1
    for _ in range(COVER_TRIES):
        said = []
        try:
            part = cover_part(cover, message.headers, note, pages + own)
        except BadTemplate as error:
            return [pack_part(PartDone(COVER_NAME, "text/html", reason=error.reason))]
        made = _render_parts([part], order, order.max_pages, said.append)
        if made in (0, own):
            break
        own = made
    return said


def _render_parts(parts: Iterable[Part], order: Order, most: int, say: Say) -> int:
    """Render parts onto at most so many pages; give how many they are."""
    pages = 0
    for part in parts:
        done = known_already(part)
        if done is None:
            with scratch_directory():
                done = _render(part, order, most - pages, say)
            pages += done.pages
        say(pack_part(done))
    return pages


@contextmanager
def scratch_directory() -> Iterator[None]:
    """Have what is written while a part is rendered removed afterwards, also if it is killed."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="faxgate-", ignore_cleanup_errors=True) as directory:
        tempfile.tempdir = directory
        try:
            yield
        finally:
            tempfile.tempdir = before


def _render(part: Part, order: Order, pages_left: int, say: Say) -> PartDone:
    """Render a part in a child of its own; its pages are passed on only if all of them came."""
    outcome = run_isolated(
        lambda tell: _fenced(part, order, pages_left, tell),
        memory=order.memory,
        seconds=order.seconds,
        octets=OCTETS,
        processes=needs_processes(part),
    )
    pages, done = said_by(outcome) if outcome.end is End.DONE else ([], None)
    if done is None:
        return failed(part, outcome, order)
    if not done.reason:
        for page in pages:
            say(pack_page(page))
    return done


def _fenced(part: Part, order: Order, pages_left: int, say: Say) -> None:
    """What one document leaves behind is gone with its directory."""
    fence_writing(Path(tempfile.gettempdir()))
    render_part(part, order, pages_left, say)


def said_by(outcome: Outcome) -> tuple[list[CodedPage], PartDone | None]:
    """Check what a part's child said: its pages, and what became of it, last."""
    pages: list[CodedPage] = []
    stream = BytesIO(outcome.said)
    try:
        while (message := unpack(stream.read)) is not None:
            kind, values, octets = message
            if kind == "part":
                done = part_from(values)
                return pages, done if done.pages == len(pages) or done.reason else None
            pages.append(page_from(values, octets))
    except ProtocolError:
        return [], None
    return [], None


if __name__ == "__main__":
    main()
