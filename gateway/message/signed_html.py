"""The signature of an HTML mail, where the program that wrote it marks it.

Only what is marked is a signature here: Gmail, Outlook on the web and on telephones, Apple Mail,
Thunderbird, Yahoo and others name the element, and some write the line "-- " of RFC 3676 4.3.
Outlook for Windows marks nothing that the text itself may not stand in, so its signature stays.
Signatures in quoted text are what somebody else wrote, and stay.
"""

from __future__ import annotations

import re

MOST = 5  # signatures of one mail: a first one, and one below each of its own quotes
LONGEST_BELOW = 3000  # octets of HTML below a line "-- " that are a signature; more is text
MARKS = frozenset(  # what class or id is called, in lower case; # where only id is
    b"gmail_signature gmail_signature_prefix #signature ms-outlook-mobile-signature "
    b"applemailsignature moz-signature yahoo-signature ymail_android_signature "
    b"ymail_ios_signature protonmail_signature_block k9mail-signature composer_signature "
    b"-x-evo-signature-wrapper _rc_sig zmail_signature".split()
)

_TAG = re.compile(rb"<(/?)(div|span|pre|p|table|br)\b([^<>]{0,2000})>", re.IGNORECASE)
_NAMES = re.compile(rb"\b(class|id)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
IPHONE = b"linebreakatbeginningofsignature"  # names the line above; the next element is it
_LINE = re.compile(
    rb"(?:<br\b[^<>]{0,200}>|<(?:div|p|pre|span)\b[^<>]{0,500}>)\s*--(?: |&nbsp;|\xc2\xa0)\s*"
    rb"(?=<br\b|</(?:div|p|span)\b|\n)",
    re.IGNORECASE,
)
_QUOTE = re.compile(
    rb"<blockquote\b|\bclass\s*=\s*[\"']?[^\"'<>]{0,100}\b(?:gmail_quote|moz-cite-prefix|yahoo_quoted)"
    rb"|\bid\s*=\s*[\"']?(?:divRplyFwdMsg|appendonsend|mail-editor-reference)",
    re.IGNORECASE,
)


def split_html(html: bytes) -> tuple[bytes, bytes]:
    """HTML without its marked signatures, and those; the second is b"" where it has none."""
    quote = _QUOTE.search(html)
    end = quote.start() if quote else len(html)
    rest, cut, at = b"", b"", 0
    for start, stop in sorted(_marked(html[:end])):
        if start >= at:
            rest, cut, at = rest + html[at:start], cut + html[start:stop], stop
    rest += html[at:]
    if not quote and (line := _LINE.search(rest)) and len(rest) - line.start() <= LONGEST_BELOW:
        return rest[: line.start()], cut + rest[line.start() :]
    return rest, cut


def _marked(own: bytes) -> list[tuple[int, int]]:
    """Where the first elements of signatures that end begin and end; `own` is what is no quote."""
    open_tags: dict[bytes, list[int]] = {}  # where they begin; below 0 where no signature does
    found: list[tuple[int, int]] = []
    above = -1  # an iPhone's line
    for tag in _TAG.finditer(own):
        name = tag[2].lower()
        if tag[1]:
            start = open_tags[name].pop() if open_tags.get(name) else -1
            found += [(start, tag.end())] if start >= 0 else []
        elif name == b"br":
            above = tag.start() if IPHONE in _names(tag[3]) else above
        else:
            start = above if above >= 0 else tag.start()
            marked = above >= 0 or not MARKS.isdisjoint(_names(tag[3]))
            open_tags.setdefault(name, []).append(start if marked else -1)
            above = -1
        if len(found) == MOST:
            break
    return found


def _names(attributes: bytes) -> list[bytes]:
    """What class and id say, in lower case; an id once more behind a #."""
    found: list[bytes] = []
    for kind, *quoted in _NAMES.findall(attributes):
        said = b"".join(quoted).lower().split()
        found += said + [b"#" + name for name in said if kind.lower() == b"id"]
    return found
