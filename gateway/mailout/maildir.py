"""Mail out into files: one Maildir per address under one directory.

A mail is written to `tmp`, synced, renamed into `new`, and both directories are synced: when
`deliver` returns, it survives a power cut. The file name is made from the Message-ID, so that the
same mail delivered again replaces itself, or is recognised where its reader has filed it under
`cur`. Addresses are strangers' text: whatever is not plainly safe in a file name is written as
percent and hexadecimal digits, one to one.

The Maildir format is D. J. Bernstein's; every mail program reads it. Nothing here blocks the loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from contextlib import suppress
from email.parser import BytesHeaderParser
from pathlib import Path

from gateway.mailout.pieces import with_lf
from gateway.mailout.transport import TemporaryFailure

SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789@+-_=.")
LONGEST_NAME = 200  # octets; file systems end at 255
FOLDERS = ("tmp", "new", "cur")
HEADERS = 65_536  # octets at the start of a mail in which its Message-ID is looked for


class Maildir:
    """Delivers into `directory`/<address>/new."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Write the mail durably. A full or read-only disk is a TemporaryFailure."""
        try:
            await asyncio.to_thread(self._deliver, envelope_from, to, message)
        except OSError as error:
            raise TemporaryFailure(f"{self._directory}: {error.strerror or error}") from error

    def _deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        deliver_into(self._directory / directory_name(to), envelope_from, to, message)


def deliver_into(mailbox: Path, envelope_from: str, to: str, message: bytes) -> None:
    """Write a mail into one Maildir, once, durably. Raises OSError; waits for the disk."""
    _make_maildir(mailbox)
    name = file_name(message)
    if _filed(mailbox, name):
        return
    head = f"Return-Path: <{_one_line(envelope_from)}>\r\nDelivered-To: {_one_line(to)}\r\n"
    _write_durably(mailbox, name, head.encode() + message)


def directory_name(address: str) -> str:
    """A file name for an address, equal for addresses that differ only in case.

    Two addresses that differ otherwise never share one. Never empty, never hidden, no separators.
    """
    octets = address.lower().encode("utf-8", "surrogateescape")
    name = "".join(chr(o) if o in SAFE else f"%{o:02X}" for o in octets)
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > LONGEST_NAME:
        digest = hashlib.sha256(octets).hexdigest()[:32]
        name = f"{name[: LONGEST_NAME - len(digest) - 1]}%{digest}"
    return name or "%"


def file_name(message: bytes) -> str:
    """The name of a mail: its Message-ID's digest, or its content's where it has none."""
    headers = BytesHeaderParser().parsebytes(message[:HEADERS])
    identity = str(headers.get("Message-ID", "")).strip().encode("utf-8", "surrogateescape")
    return f"{hashlib.sha256(identity or message).hexdigest()[:40]}.faxgate"


def _make_maildir(mailbox: Path) -> None:
    """Make what is missing of the Maildir, each new directory synced into its parent."""
    missing = [path for path in (mailbox, *mailbox.parents) if not path.exists()]
    for path in (*reversed(missing), *(mailbox / folder for folder in FOLDERS)):
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
            sync_directory(path.parent)


def _filed(mailbox: Path, name: str) -> bool:
    """Whether the mail's reader has already moved it to `cur`, where flags follow the name."""
    with os.scandir(mailbox / "cur") as entries:
        return any(entry.name.partition(":")[0] == name for entry in entries)


def _write_durably(mailbox: Path, name: str, message: bytes) -> None:
    temporary = mailbox / "tmp" / f"{name}.{os.getpid()}.{secrets.token_hex(8)}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, for its mode
            file.writelines(with_lf(message))
            file.flush()
            os.fsync(descriptor)
        temporary.replace(mailbox / "new" / name)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(mailbox / "new")


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable. Raises OSError; waits for the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _one_line(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
