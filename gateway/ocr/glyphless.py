"""A font without glyphs, for text that is found, marked and copied but not seen.

One TrueType font of our own making whose characters are all half as wide as the font is high and
have no outlines, and beside it the map from its characters to Unicode. Characters are numbered
from 1 in the order in which a document uses them.

ISO 32000-1 9.7 (composite fonts), 9.10.3 (ToUnicode); the TrueType tables that 9.9 asks for.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

EM = 1000  # units
WIDTH = 500  # of every character
ASCENT, DESCENT = 780, -220  # of a line of letters whose size is EM
MAGIC = 0xB1B0AFBA  # of TrueType's checksums
TABLES_IN_BLOCK = 100  # ISO 32000-1 9.7.5.4: entries of one bfchar block


def font(pdf: Pdf, characters: Mapping[str, int]) -> pikepdf.Object:
    """The font as an object of `pdf`, for these characters and their numbers."""
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.Glyphless,
        Flags=5,  # fixed pitch, symbolic
        FontBBox=Array([0, DESCENT, WIDTH, ASCENT]),
        ItalicAngle=0,
        Ascent=ASCENT,
        Descent=DESCENT,
        CapHeight=ASCENT,
        StemV=80,
        FontFile2=pdf.make_stream(truetype(), Length1=len(truetype())),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.Glyphless,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=WIDTH,
        CIDToGIDMap=pdf.make_stream(b"\0\1" * (len(characters) + 1)),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name.Glyphless,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(to_unicode(characters)),
        )
    )


def to_unicode(characters: Mapping[str, int]) -> bytes:
    """The CMap from numbers to Unicode."""
    entries = [
        f"<{number:04X}> <{character.encode('utf-16-be').hex().upper()}>"
        for character, number in characters.items()
    ]
    blocks = [entries[at : at + TABLES_IN_BLOCK] for at in range(0, len(entries), TABLES_IN_BLOCK)]
    maps = "\n".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar" for b in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{maps}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


@functools.cache
def truetype() -> bytes:
    """The font file: two glyphs, .notdef and a blank one, both without an outline."""
    tables = {
        b"glyf": bytes(4),
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            *(0x10000, 0x10000, 0, 0x5F0F3CF5, 3, EM, 0, 0),
            *(0, DESCENT, WIDTH, ASCENT, 0, 8, 2, 0, 0),
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x10000, ASCENT, DESCENT, 0, WIDTH, *[0] * 3, 1, *[0] * 7, 2
        ),
        b"hmtx": struct.pack(">HhHh", WIDTH, 0, WIDTH, 0),
        b"loca": bytes(6),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, 0, 0, 0, 0, 1, *[0] * 8),
        b"post": struct.pack(">IIhhI4I", 0x30000, 0, -100, 50, 1, 0, 0, 0, 0),
    }
    return _file(tables)


def _file(tables: Mapping[bytes, bytes]) -> bytes:
    """A font file of these tables; the offset of `head`'s checksum is 8."""
    head = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, len(tables) * 16 - 64)
    at = len(head) + 16 * len(tables)
    directory, body = b"", b""
    for tag, table in sorted(tables.items()):
        padded = table + bytes(-len(table) % 4)
        directory += struct.pack(">4sIII", tag, _sum(padded), at + len(body), len(table))
        if tag == b"head":
            adjusted = len(head) + 16 * len(tables) + len(body) + 8
        body += padded
    font = bytearray(head + directory + body)
    struct.pack_into(">I", font, adjusted, (MAGIC - _sum(bytes(font))) % 2**32)
    return bytes(font)


def _sum(octets: bytes) -> int:
    return int(sum(struct.unpack(f">{len(octets) // 4}I", octets))) % 2**32
