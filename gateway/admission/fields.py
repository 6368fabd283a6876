"""The header fields of a mail for those who judge it: strict where two readers could disagree.

A mail whose From is to be believed must be read in one way only. So lines end in CR LF, a field
that RFC 5322 3.6 allows once stands there once, and From is one address written plainly; what
people's mail programs write passes, what only forgers need does not. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.address import Refusal
from gateway.said import said

LARGEST: Final = 262_144  # octets of header that are looked at
ONCE: Final = frozenset(
    b"from sender reply-to to cc bcc subject date message-id in-reply-to references "
    b"mime-version content-type content-transfer-encoding".split()  # RFC 2045: a second changes all
)

_NAME = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)", re.DOTALL)
_STRAY = re.compile(rb"\r(?!\n)|(?<!\r)\n|\x00")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\U0010ffff-]"
_ADDRESS = rf"(?:{_ATOM}){{1,64}}@[A-Za-z0-9\u0080-\U0010ffff](?:[\w.-]{{0,252}}\w)?"
# A display name is atoms and quoted strings: no @ < > , ; : ( ) outside of the quotes.
_PHRASE = rf'(?:(?:{_ATOM}|[ \t])|"(?:[^"\\]|\\.)*")*'
_COMMENT = r"(?:[ \t]*\([^()\\]*\))?"
_QUOTED = rb'"(?:[^"\\]|\\.)*+"'
_TOKEN = re.compile(
    rb'(?P<plain>%b|[^"()<>,;:]++)|\((?:[^()\\]|\\.)*+\)|(?P<mark>[,;:])' % _QUOTED
    + rb'|<(?P<bracketed>(?:%b|[^<>"])*+)>' % _QUOTED,
    re.DOTALL,
)
_AUTHOR = re.compile(
    rf"[ \t]*(?:{_PHRASE}<(?P<in_brackets>{_ADDRESS})>|(?P<alone>{_ADDRESS})){_COMMENT}[ \t]*"
)

BROKEN: Final = Refusal(
    "5.6.0", said("the header of the mail can be read in two ways, so its From proves nothing")
)
NO_AUTHOR: Final = Refusal("5.6.0", said("the mail has no From, so nobody knows who sends it"))
ODD_AUTHOR: Final = Refusal(
    "5.6.0", said("From must be one plain address, such as Anna <anna@example.com>")
)


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name in lower case, its value unfolded."""

    name: bytes
    value: bytes


def read_fields(raw: bytes) -> list[Field] | Refusal:
    """Every field of a mail, in order; a Refusal where it can be read in two ways."""
    header, end, _ = raw[:LARGEST].partition(b"\r\n\r\n")
    if not end and len(raw) > LARGEST:
        return BROKEN
    if _STRAY.search(header):
        return BROKEN
    fields: list[Field] = []
    for line in re.split(rb"\r\n(?![ \t])", header.removesuffix(b"\r\n")):
        match = _NAME.fullmatch(line)
        if match is None:
            return BROKEN
        fields.append(Field(match[1].lower(), match[2].replace(b"\r\n", b"").strip(b" \t")))
    return fields


def author(fields: Sequence[Field]) -> str | Refusal:
    """The address in From, its domain in lower case ASCII; a Refusal if there is any doubt."""
    names = [field.name for field in fields]
    if b"from" not in names:
        return NO_AUTHOR
    twice = sorted(name for name in ONCE if names.count(name) > 1)
    if twice:
        name = twice[0].decode()
        return Refusal("5.6.0", said("the mail has more than one field {name}", name=name))
    try:
        value = next(field.value for field in fields if field.name == b"from").decode()
    except UnicodeDecodeError:
        return ODD_AUTHOR
    match = _AUTHOR.fullmatch(value)
    if match is None:
        return ODD_AUTHOR
    return _normal(match["in_brackets"] or match["alone"])


def _normal(address: str) -> str | Refusal:
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return ODD_AUTHOR
    dots = "." in ascii_domain and ".." not in ascii_domain and not local.startswith(".")
    return f"{local}@{ascii_domain}" if dots else ODD_AUTHOR


def unnamed(fields: Sequence[Field], addresses: Sequence[str]) -> list[str]:
    """Which of these addresses are no mailbox of To or Cc, however they are quoted.

    A display name, a comment or the name of a group is none: anybody may have given it to the
    address behind it, for Anna to reply to.
    """
    lists = [field.value for field in fields if field.name in (b"to", b"cc")]
    named = {_bare(mailbox) for value in lists for mailbox in _mailboxes(value)}
    return [address for address in addresses if _bare(address.encode()) not in named]


def _mailboxes(value: bytes) -> Iterator[bytes]:
    """The addresses of a list (RFC 5322 3.4), up to where it is none."""
    plain: list[bytes] = []  # as it stands, and
    bracketed: list[bytes] = []  # what is an address for certain; two of them are none
    at = 0
    while at < len(value):
        token = _TOKEN.match(value, at)
        if token is None:
            return
        at = token.end()
        if token["bracketed"] is not None:
            bracketed.append(token["bracketed"])
        elif token["mark"] is None:
            plain.append(token["plain"] or b"")
        else:
            yield from _mailbox([] if token["mark"] == b":" else bracketed or plain)
            plain, bracketed = [], []
    yield from _mailbox(bracketed or plain)


def _mailbox(parts: Sequence[bytes]) -> Iterator[bytes]:
    address = b"".join(parts).strip(b" \t")
    local, _, domain = address.rpartition(b"@")
    if local and b'"' not in domain:
        yield address


def _bare(value: bytes) -> bytes:
    return re.sub(rb'["\\]', b"", value).lower()
