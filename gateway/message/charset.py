"""Text from octets whose label may be missing or wrong, without letting mojibake out.

The order of belief: a byte order mark, UTF-8 that is strictly well formed, the declared charset,
and last a guess among the charsets that mail is really written in. A declared name is read as
the superset that its senders use (WHATWG Encoding, section 4.2). What no charset explains is
not decoded at all: the caller tells the sender, instead of faxing rubbish.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from gateway.message.guess import guess_charset

# What senders call X and write in Y (WHATWG Encoding 4.2, plus the names seen in old mailers).
SUPERSETS = {
    "": "",
    "ascii": "",
    "us-ascii": "",
    "ansi_x3.4-1968": "",
    "unknown-8bit": "",
    "x-unknown": "",
    "x-user-defined": "",
    "default": "",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "unicode": "utf-16",
    "x-cp1250": "cp1250",
    "x-mac-ce": "mac-latin2",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
}

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Charsets that may hold well-formed UTF-8 by their own right, so that the label wins over it.
_MULTIBYTE = {"gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "utf-16", "utf-32", "utf-7"}
# Python's codecs from text to text, which mail has no use for and which cannot replace errors.
_NO_CHARSETS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}
_C1 = re.compile(r"[\x80-\x9f]")
_ISO_TO_WINDOWS = {"iso8859-2": "cp1250", "iso8859-5": "cp1251", "iso8859-7": "cp1253"}
TOLERATED = 0.02  # of the characters may be damaged where the label is otherwise right


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the charset that gave it, and whether the label was believed.

    `text` is None when no charset explains the octets.
    """

    text: str | None
    charset: str
    guessed: bool = False


def decode_text(data: bytes, declared: str = "") -> Decoded:
    """Decode text whose charset may be named rightly, wrongly or not at all."""
    for mark, charset in MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(charset, "replace") if charset == "utf-8" else ""
            return Decoded(text or data.decode(charset, "replace"), charset)
    name = known_charset(declared)
    return _decode_as_labelled(data, name) or _decode_by_guess(data, name)


def known_charset(declared: str) -> str:
    """Give Python's name of the charset meant by a label, or "" when it says nothing."""
    label = declared.strip(" \t\"'").lower()
    label = SUPERSETS.get(label.replace("_", "-"), SUPERSETS.get(label, label))
    try:
        info = codecs.lookup(label) if label else None
    except (LookupError, ValueError, UnicodeError):
        return ""
    if info is None or not info._is_text_encoding or info.name in _NO_CHARSETS:
        return ""
    return info.name


def _decode_as_labelled(data: bytes, name: str) -> Decoded | None:
    utf8 = _strictly(data, "utf-8")
    if not data.isascii() and utf8 is not None and name not in _MULTIBYTE:
        return Decoded(utf8, "utf-8", guessed=name not in ("utf-8", ""))
    if not name:
        return None
    text = _strictly(data, name)
    if text is None:
        return None
    if name in _ISO_TO_WINDOWS and _C1.search(text):  # letters where ISO 8859 has controls
        name = _ISO_TO_WINDOWS[name]
        text = data.decode(name, "replace")
    return Decoded(text, name)


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except (UnicodeError, ValueError):
        return None


def _decode_by_guess(data: bytes, name: str) -> Decoded:
    guess = guess_charset(data)
    if guess:
        return Decoded(data.decode(guess, "replace"), guess, guessed=guess != "ascii")
    for charset in filter(None, (name, "utf-8")):  # a few damaged characters in a true label
        text = data.decode(charset, "replace")
        if text.count("\ufffd") <= TOLERATED * len(text):
            return Decoded(text, charset)
    return Decoded(None, "")
