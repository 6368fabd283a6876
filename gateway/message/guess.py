"""Which charset is this text in, when nobody says so.

Escape sequences and NUL octets tell the stateful and the wide ones. For the rest every candidate is
tried: the one whose letters are those that its languages use, in words rather than between
symbols, wins; a candidate that no language explains is not taken at all.

This is a judgement, not a standard: candidates and letters are data, and the tests hold them to
sentences in each language.
"""

from __future__ import annotations

import re
import unicodedata

SAMPLE = 16384  # octets that are looked at

# Charset and the non-ASCII letters that its languages use often (lower case; upper case follows).
CANDIDATES = (
    ("cp1250", "ąćęłńóśźżáčďéěíňřšťúůýžäöüßőűţşăâîđ"),
    ("iso8859-2", "ąćęłńóśźżáčďéěíňřšťúůýžäöüßőűţşăâîđ"),
    ("cp1252", "äöüßàâçéèêëîïôùûœæñáíóúøåãõì"),
    ("cp1251", "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў"),
    ("koi8-r", "абвгдежзийклмнопрстуфхцчшщъыьэюя"),
    ("cp1253", "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊ"),
    ("cp1254", "çğıöşüâî"),
    ("cp1257", "ąčęėįšųūžāēģīķļņõäöü"),
    ("cp1255", "אבגדהוזחטיכלמנסעפצקרשתםןךףץ"),
    ("cp1256", "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآءئؤ"),
    ("cp852", "ąćęłńóśźżáčďéěíňřšťúůýž"),
    ("cp437", "äöüßàâçéèêëîïôùû"),
)
EAST_ASIAN = ("gb18030", "cp932", "euc_jp", "big5", "cp949")
_KANA = re.compile("[\u3040-\u30ff]")
_HIGH = re.compile("[^\0-\x7f]")
_COMMON_HANGUL = frozenset(
    "이다는을를의에가고하은한로도사지기어니리인시서나요있습합보주문안녕세요드립내해게면것대부감"
)
_COMMON_HAN = frozenset(
    "的一是不了在人有我他这这個个们中来上大为為和国國地到以说說時时要就出会會可也你对對生能而子"
    "那得于于着下自之年过過发發后後作里用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒"
    "动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日月年請请謝谢您号號"
)


def guess_charset(data: bytes) -> str:
    """Name the charset that explains the text best, "" if none does."""
    if data.isascii():
        return "iso2022_jp_2" if re.search(rb"\x1b\$[@B]", data) else "ascii" * (0 not in data)
    sample = data[:SAMPLE]
    wide = _wide_charset(sample)
    if wide or 0 in sample:
        return wide
    scores = [(_score_letters(sample, name, letters), name) for name, letters in CANDIDATES]
    scores += [(_score_east_asian(sample, name), name) for name in EAST_ASIAN]
    best, name = max(scores, key=lambda pair: pair[0])
    return name if best > 0 else ""


def _wide_charset(sample: bytes) -> str:
    """UTF-16 without a mark: every other octet of Western text is NUL."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _score_letters(sample: bytes, name: str, letters: str) -> float:
    """Share of high characters that are the language's letters, less what betrays a misreading."""
    try:
        text = sample.decode(name)
    except UnicodeError:
        return -1.0
    known = set(letters) | set(letters.upper())
    latin = "ä" in known or "ç" in known or "ą" in known
    score, high = 0.0, 0
    for match in _HIGH.finditer(text):
        at = match.start()
        high += 1
        score += _judge(text[at], text[max(at - 2, 0) : at], known, latin=latin)
    return score / max(high, 1) - 0.2


_POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
_TYPOGRAPHY = frozenset("\xa0„“”‘’‚–—…•«»§°€©®№\xad")


def _judge(character: str, before: str, known: set[str], *, latin: bool) -> float:
    """Weigh one high character by the two that stand before it."""
    if character in _TYPOGRAPHY:
        return 0.0
    if character not in known:
        return -1.0 if unicodedata.category(character)[0] == "L" else -2.0
    if character.isupper() and before[-1:].islower():  # "zaŻółć": right letters, wrong table
        return -1.0
    if latin and len(before) == 2 and all(c > "\x7f" and c.isalpha() for c in before):
        return -1.0 if character not in _POLISH else 0.5  # only "żółć" has three in a row
    if not latin and before[-1:].isascii() and before[-1:].isalpha():  # "Dzieс": two scripts
        return -1.0
    return 1.0


def _score_east_asian(sample: bytes, name: str) -> float:
    """Share of characters that running text is full of: kana, hangul, the commonest Han."""
    while True:  # the sample may end inside a character
        try:
            text = sample.decode(name)
            break
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 4:
                return -1.0
            sample = sample[: error.start]
    high = [c for c in text if c > "\x7f"]
    kana, hangul = len(_KANA.findall(text)), sum(c in _COMMON_HANGUL for c in high)
    script = {"cp949": hangul, "cp932": kana, "euc_jp": kana}.get(name)
    common = sum(c in _COMMON_HAN for c in high) if script is None else script
    strange = sum("\ue000" <= c <= "\uf8ff" or "\uff61" <= c <= "\uff9f" for c in high)
    return (2.5 * common - 4 * strange) / max(len(high), 1) - 0.2
