"""HTML mail to pages, without ever asking the network: only pictures of the mail itself are shown.

What the mail's style says is kept, but for the colours of text and what lies behind it: it is black
on white, as browsers print it, since white text on a picture that is not there would be lost. A box
that is too low for its text grows.
Pictures from elsewhere are left out, as mail programs do. A mail wider than the paper, as tables
often are, is made smaller as a whole, so that nothing is cut off.

RFC 2392 (cid:).
"""

from __future__ import annotations

import re

from gateway.message import decode_text
from gateway.offramp.convert.base import PageSink, Source, Unfaxable
from gateway.offramp.convert.fonts import FAMILIES, with_known_letters
from gateway.offramp.convert.typeset import typeset
from gateway.said import said

LONGEST = 5_000_000  # characters
STYLE = (
    f"""
@page {{ margin: 15mm 16mm }}
html {{ font: 11pt/1.3 {FAMILIES} }}
"""
    + """
body { margin: 0 } img { max-width: 100%; object-fit: contain } pre { white-space: pre-wrap }
img[width][height], img[style*=width][style*=height] { height: auto !important }
body, pre, td, th, p, div, span, a { overflow-wrap: break-word }
iframe, embed { display: none }
textarea { height: auto !important }
:not(:empty) { color: black !important; background: none !important }
"""
)
# Boxes lower than their text show all of it, but for those that are there to hide it.
HIDING = "".join(f':not([style*="height:{gap}{low}"])' for gap in ("", " ") for low in ("0", "1px"))
STYLE += f"""
:not(:empty){HIDING} {{
  overflow: visible !important; max-height: none !important; text-overflow: clip !important
}}
"""
# For tables that are far too wide: words are broken, so that the columns need next to no room.
SQUEEZED = """
* { overflow-wrap: anywhere !important; white-space: normal !important }
pre, pre * { white-space: pre-wrap !important }
"""
# A word that would make its column wider than the paper is broken. Looking for the place costs the
# layout of each letter of a table by itself, so it is done only where there is such a word.
BROKEN_ANYWHERE = "td, th, p, div, span, a { overflow-wrap: anywhere }"
LONG_WORD = 40  # characters
_TAG = re.compile(r"(?s)<!--.*?-->|<[^<>]*>")
_STYLED = re.compile(r"(?i)<(?!img\b|svg\b|hr\b|input\b)[a-z][^<>]*\bstyle\s*=[^<>]*>")
_HEIGHT = re.compile(r"(?i)(?<![\w-])height\s*:(?!\s*(?:0|1px))")
_NOWRAP = re.compile(r"(?i)white-space\s*:\s*nowrap")
_META = re.compile(r"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})")


def convert(source: Source, sink: PageSink) -> None:
    """Typeset and draw."""
    declared = _META.search(source.content[:4096].decode("latin-1"))
    charset = source.charset or (declared[1] if declared else "")
    text = decode_text(source.content, charset).text
    if text is None:
        raise Unfaxable(said("is written in a character set that could not be recognised"))
    if len(text) > LONGEST:
        raise Unfaxable(said("is too long a web page: more than 5 million characters"))
    style = STYLE + BROKEN_ANYWHERE if has_long_word(text) else STYLE
    text = _STYLED.sub(lambda tag: _grown(tag[0]), with_known_letters(text))
    typeset(text, sink, style=style, squeezed=SQUEEZED, pictures=source.pictures)


def _grown(tag: str) -> str:
    """A tag whose box is as high as its style says at least, and wraps what would end in dots."""
    tag = _HEIGHT.sub("min-height:", tag)
    return _NOWRAP.sub("white-space: normal", tag) if "ellipsis" in tag.lower() else tag


def has_long_word(html: str) -> bool:
    """Whether a word stands in the text, not in a tag, that a narrow column could not hold."""
    return any(len(word) >= LONG_WORD for word in _TAG.sub(" ", html).split())
