"""Which converter draws a document, decided by what it is rather than by what it is called.

Mail programs label PDFs application/octet-stream and name everything .dat, so the first octets
decide; then the declared type; then the end of the name. What has no converter has a name that
people know and, where there is one, a way out.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import cast

from gateway.offramp.convert.base import Converter, Source, Unfaxable
from gateway.said import said

SNIFFED = 4096  # octets looked at


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: how it is known, and who draws it ("" for nobody)."""

    name: str  # as people call it
    converter: str  # module of this package
    magic: str = ""  # regular expression over the first octets
    types: str = ""  # declared content types, separated by spaces
    endings: str = ""  # of the file name, separated by spaces


OFFICE = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."

# Order matters: the first row whose magic fits wins.
KINDS = (
    Kind(
        "PDF",
        "pdf",
        r"(?s)(?!PK\x03\x04).{0,1024}%PDF-",
        "application/pdf application/x-pdf",
        "pdf",
    ),
    Kind("TIFF", "tiff", r"II\*\0|MM\0\*|II\+\0|MM\0\+", "image/tiff image/tif", "tif tiff"),
    Kind("PNG", "image", r"\x89PNG\r\n", "image/png", "png"),
    Kind("JPEG", "image", r"\xff\xd8\xff", "image/jpeg image/jpg image/pjpeg", "jpg jpeg jpe"),
    Kind("GIF", "image", r"GIF8[79]a", "image/gif", "gif"),
    Kind("WebP", "image", r"(?s)RIFF....WEBP", "image/webp", "webp"),
    Kind("AVIF", "image", r"(?s)....ftypavi[fs]", "image/avif", "avif"),
    Kind(
        "HEIC",
        "heic",
        r"(?s)....ftyp(?:hei|hev|mif1|msf1)",
        "image/heic image/heif",
        "heic heif",
    ),
    Kind("JPEG 2000", "image", r"(?s)....jP  |\xff\x4f\xff\x51", "image/jp2", "jp2 j2k"),
    Kind("PCX", "image", r"\x0a[\0-\x05]\x01[\x01\x02\x04\x08]", "image/x-pcx", "pcx"),
    Kind("PNM", "image", r"P[1-6]\s", "image/x-portable-anymap", "pnm pbm pgm ppm"),
    Kind("BMP", "image", r"(?s)BM.{4}\0\0\0\0", "image/bmp image/x-ms-bmp", "bmp dib"),
    Kind(
        said("Outlook's winmail.dat"), "", r"\x78\x9f\x3e\x22", "application/ms-tnef", "winmail.dat"
    ),
    Kind("rich text", "office", r"\{\\rtf", "text/rtf application/rtf", "rtf"),
    Kind(
        said("PostScript"),
        "",
        r"%!PS|\xc5\xd0\xd3\xc6",
        "application/postscript application/eps",
        "ps eps",
    ),
    Kind(said("Windows program"), "", r"MZ", "application/x-msdownload", "exe dll scr com"),
    Kind(said("program"), "", r"\x7fELF", "application/x-executable"),
    Kind(said("MP3 sound"), "", r"ID3|\xff[\xfb\xf3\xf2]", "audio/mpeg audio/mp3", "mp3"),
    Kind(
        said("sound"), "", r"(?s)OggS|fLaC|RIFF....WAVE", "audio/wav audio/ogg", "wav ogg flac m4a"
    ),
    Kind(
        said("video"),
        "",
        r"(?s)....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI",
        "video/mp4",
        "mp4 mov avi mkv",
    ),
    Kind(
        "Word document",
        "office",
        r"(?s)PK.*word/",
        OFFICE + "wordprocessingml.document",
        "docx docm dotx",
    ),
    Kind(
        "Excel workbook",
        "office",
        r"(?s)PK.*xl/",
        OFFICE + "spreadsheetml.sheet",
        "xlsx xlsm xltx",
    ),
    Kind(
        "presentation",
        "office",
        r"(?s)PK.*ppt/",
        OFFICE + "presentationml.presentation",
        "pptx pptm ppsx",
    ),
    Kind("OpenDocument text", "office", rf"(?s)PK.*{ODF}text", ODF + "text", "odt ott"),
    Kind("OpenDocument sheet", "office", rf"(?s)PK.*{ODF}spreadsheet", ODF + "spreadsheet", "ods"),
    Kind(
        "OpenDocument slides", "office", rf"(?s)PK.*{ODF}presentation", ODF + "presentation", "odp"
    ),
    Kind("OpenDocument drawing", "office", rf"(?s)PK.*{ODF}graphics", ODF + "graphics", "odg"),
    Kind(
        "old Office document",
        "office",
        r"\xd0\xcf\x11\xe0",
        "application/msword application/vnd.ms-excel application/vnd.ms-powerpoint",
        "doc xls ppt",
    ),
    Kind(said("ZIP archive"), "", r"PK\x03\x04|PK\x05\x06", "application/zip", "zip"),
    Kind(said("RAR archive"), "", r"Rar!", "application/vnd.rar", "rar"),
    Kind(said("7-Zip archive"), "", r"7z\xbc\xaf", "application/x-7z-compressed", "7z"),
    Kind(
        said("compressed file"), "", r"\x1f\x8b|BZh|\xfd7zXZ", "application/gzip", "gz bz2 xz tgz"
    ),
    Kind(said("SVG drawing"), "", r"(?s)\s*(?:<\?xml.*?)?<svg", "image/svg+xml", "svg svgz"),
    Kind("web page", "html", r"(?is)\s*<(?:!doctype html|html)\b", "text/html", "html htm xhtml"),
    Kind(
        "text",
        "text",
        "",
        "text/plain text/csv text/x-log text/markdown application/json application/xml",
        "txt text log csv md json xml yaml yml ini",
    ),
)

# Kinds that a program on the sender's side turns into PDF with one click.
PRINTABLE = {"PostScript", "SVG drawing"}
PACKED = {"ZIP archive", "RAR archive", "7-Zip archive", "compressed file"}
WRITTEN = {"rich text", "PostScript", "SVG drawing", "web page"}  # files that are text themselves
_TEXT_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def kind_of(source: Source) -> Kind | None:
    """Tell what a document is; None if nothing gives it away."""
    octets = source.content[:SNIFFED]
    if octets.startswith(b"PK"):  # the names in a ZIP archive stand at its end
        octets += source.content[-SNIFFED:]
    head = octets.decode("latin-1")
    declared = source.content_type.lower()
    ending = source.name.lower().rsplit(".", 1)[-1]
    is_text = _reads_as_text(source, declared, ending)
    for kind in KINDS:
        if kind.magic and _begins_as(kind, head, is_text=is_text):
            return kind
    for kind in KINDS:
        if declared in kind.types.split() and _may_be(kind, source.content):
            return kind
    for kind in KINDS:
        if ending in kind.endings.split() and _may_be(kind, source.content):
            return kind
    return KINDS[-1] if is_text else None


def _reads_as_text(source: Source, declared: str, ending: str) -> bool:
    """Whether it is called a text and has nothing in it that texts have not."""
    called = declared.startswith("text/") or ending in KINDS[-1].endings.split()
    return called and not _TEXT_CONTROLS.search(source.content[:SNIFFED])


def _begins_as(kind: Kind, head: str, *, is_text: bool) -> bool:
    """Whether the first octets name the kind; "MZ", "P1 outage" may also begin a letter."""
    if is_text and kind.name == "PDF":
        return head.startswith("%PDF-")
    if is_text and kind.name not in WRITTEN:
        return False
    return re.match(kind.magic, head) is not None


def _may_be(kind: Kind, content: bytes) -> bool:
    """A label is believed for text that looks like text, and where the octets name nothing else.

    A label of a kind with magic is believed too: then its own converter says what is damaged.
    """
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    return (
        kind.converter not in ("text", "html")
        or wide
        or not _TEXT_CONTROLS.search(content[:SNIFFED])
    )


def converter_for(source: Source) -> Converter:
    """Find who draws this document; raises `Unfaxable` when nobody does."""
    if not source.content:
        raise Unfaxable(said("is empty"))
    kind = kind_of(source)
    if kind is None:
        raise Unfaxable(
            said("({kind}) is of a kind that cannot be faxed", kind=source.content_type)
        )
    if not kind.converter:
        if kind.name in PRINTABLE:
            raise Unfaxable(
                said("({kind}) cannot be faxed yet; please send it as PDF", kind=kind.name)
            )
        if kind.name in PACKED:
            raise Unfaxable(
                said(
                    "({kind}) cannot be faxed; please attach the documents in it themselves",
                    kind=kind.name,
                )
            )
        raise Unfaxable(said("({kind}) cannot be faxed", kind=kind.name))
    module = importlib.import_module(f"gateway.offramp.convert.{kind.converter}")
    return cast(Converter, module.convert)
