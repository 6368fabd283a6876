"""What an office file is and whether it may be opened at all, before LibreOffice sees it.

Two packagings: ZIP archives (OOXML, ISO/IEC 29500-2; OpenDocument, ISO/IEC 26300-3) and compound
files ([MS-CFB]: the old binary kinds, and protected OOXML). A bomb is told by what its directory
says; what lies about its sizes meets the limits of the process.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from gateway.offramp.convert.base import Unfaxable
from gateway.said import said

UNPACKED = 400_000_000  # octets of all files of an archive
FILES = 10_000  # in an archive
PROTECTED = said("is protected with a password")
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECTOR = 512  # octets, of every compound file that programs write

# A file or stream by which a kind is known, and the ending that LibreOffice wants.
ARCHIVES = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
OPEN_DOCUMENTS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp", "graphics": "odg"}
STREAMS = (
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
_MIMETYPE = re.compile(
    rb"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation|graphics)"
)


def family_of(content: bytes) -> str:
    """Tell the usual ending of such a file; raises `Unfaxable` for what LibreOffice is not for."""
    if content.startswith(b"{\\rtf"):
        return "rtf"
    if content.startswith(COMPOUND):
        return _compound_kind(content)
    found = _MIMETYPE.search(content[:200])
    if found:
        return OPEN_DOCUMENTS[found[1].decode()]
    names = [item.filename for item in _archive(content)]
    for prefix, ending in ARCHIVES:
        if any(name.startswith(prefix) for name in names):
            return ending
    raise Unfaxable(said("is damaged: it has no document in it"))


def check(content: bytes) -> None:
    """Refuse what is protected, and what would unpack to more than a document can need."""
    if content.startswith(COMPOUND):
        if _is_protected(content):
            raise Unfaxable(PROTECTED)
        return
    if not content.startswith(b"PK"):
        return
    files = _archive(content)
    if len(files) > FILES or sum(item.file_size for item in files) > UNPACKED:
        raise Unfaxable(said("is too large: it unpacks to more than 400 MB"))
    if any(item.filename == "META-INF/manifest.xml" for item in files):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            try:
                manifest = archive.read("META-INF/manifest.xml")
            except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
                raise Unfaxable(said("is damaged and cannot be unpacked")) from error
        if b"encryption-data" in manifest:
            raise Unfaxable(PROTECTED)


def _archive(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise Unfaxable(said("is damaged and cannot be unpacked")) from error


def _compound_kind(content: bytes) -> str:
    if _has_stream(content, "EncryptedPackage"):
        raise Unfaxable(PROTECTED)
    if _has_stream(content, "__properties_version1.0"):
        raise Unfaxable(
            said("is a mail in Outlook's own format; please forward it, or send it as PDF")
        )
    for stream, ending in STREAMS:
        if _has_stream(content, stream):
            return ending
    raise Unfaxable(said("is an office file of a kind that cannot be faxed; please send it as PDF"))


def _has_stream(content: bytes, name: str) -> bool:
    """Whether a directory entry ([MS-CFB] 2.6.1) has this name; entries are 128 octets apart."""
    entry = (name + "\0").encode("utf-16-le")
    at = content.find(entry, SECTOR)
    while at > 0 and at % 128:
        at = content.find(entry, at + 1)
    return at > 0


def _is_protected(content: bytes) -> bool:
    """Look at fEncrypted of a FIB ([MS-DOC] 2.5.2), for FILEPASS after BOF ([MS-XLS] 2.4.117)."""
    for at in range(SECTOR, len(content) - SECTOR, SECTOR):
        if content[at : at + 2] == b"\xec\xa5" and content[at + 11] & 0x01:
            return True
        if content[at : at + 4] == b"\x09\x08\x10\0" and content[at + 20 : at + 22] == b"\x2f\0":
            return True
    return False
