"""Outlook's winmail.dat, unpacked: the attachments in it, and its text where the mail has no other.

Exchange packs a whole mail into one attachment ([MS-OXTNEF]) that only Outlook can read. tnefparse
reads it too. The text may be there as HTML, as plain text or as compressed RTF ([MS-OXRTFCP]);
whoever reads the mail takes the best of them only if the mail says nothing else.

There are octets on which the library never ends, so it has so many seconds of processor time. That
takes a signal, hence the main thread of a process; a mail is read in a process of its own.
"""

from __future__ import annotations

import contextlib
import logging
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.message.names import without_path
from gateway.message.texts import in_lines

MAGIC = b"\x78\x9f\x3e\x22"
TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
ATTACHMENTS = 100  # that are looked at
DEPTH = 4  # of mails packed into each other
SECONDS = 5.0  # of processor time


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was in it: (name, octets) of each attachment; the text and its content type, or ""."""

    attachments: tuple[tuple[str, bytes], ...]
    text: bytes = b""
    text_type: str = ""


def unpacked(content: bytes) -> Unpacked | None:
    """Unpack; None if it is damaged."""
    import tnefparse  # only for mails that have one

    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)
    try:
        with _processor_time(SECONDS):
            packet = tnefparse.TNEF(content, do_checksum=False)
            attachments = tuple(_attachments(packet, DEPTH))[:ATTACHMENTS]
            text, kind = _text(packet)
    except Exception:
        return None
    return Unpacked(attachments, text, kind)


@contextlib.contextmanager
def _processor_time(seconds: float) -> Iterator[None]:
    """Raise TimeoutError out of whatever takes longer."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)  # again, if the library swallows it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _attachments(packet: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    for attachment in packet.attachments:
        inner = getattr(attachment, "embed", None)
        if inner is not None and depth:
            yield from _attachments(inner, depth - 1)
        elif attachment.data:
            name = attachment.long_filename() or attachment.name or ""
            yield without_path(str(name).rstrip("\0")) or "attachment", bytes(attachment.data)


def _text(packet: Any) -> tuple[bytes, str]:
    """Choose the text that shows most: HTML, then RTF, then plain."""
    if packet.htmlbody:
        return _octets(packet.htmlbody), "text/html"
    rtf = None
    with contextlib.suppress(Exception):
        rtf = packet.rtfbody
    if rtf and not packet.body:
        return _octets(rtf), "application/rtf"
    plain = in_lines(_octets(packet.body).decode("utf-8", "replace")) if packet.body else ""
    return plain.encode(), "text/plain" if plain else ""  # its end is marked by a NUL


def _octets(text: Any) -> bytes:
    return text.encode("utf-8", "replace") if isinstance(text, str) else bytes(text)
