"""The arguments of MAIL and RCPT: text to values, or to the reply that refuses them.

Paths of RFC 5321 4.1.2 (source routes are read and ignored, missing angle brackets forgiven),
parameters of RFC 1870 (SIZE), 6152 (BODY), 6531 (SMTPUTF8), 3461 (RET, ENVID, NOTIFY, ORCPT) and
4954 (AUTH, which we need not believe). The case of values is kept; xtext is decoded, and what it
hides must be printable, so nothing from here can break a header later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.smtp.reply import (
    MAIL_SYNTAX,
    NOT_ASCII,
    RCPT_SYNTAX,
    UNKNOWN_PARAMETER,
    Reply,
)

LONGEST_ENVID: Final = 100  # characters (RFC 3461 4.4)
LONGEST_ORCPT: Final = 500  # characters (RFC 3461 4.2)
EVENTS: Final = ("SUCCESS", "FAILURE", "DELAY")  # that NOTIFY may name

_PATH = re.compile(r'<((?:[^"<>]|"(?:[^"\\]|\\.)*")*)>(?: +(.*))?')
_BARE_PATH = re.compile(r"([^\s<>\"]+)(?: +(.*))?")
_SOURCE_ROUTE = re.compile(r"^@[^:\"]*:(?=.)")  # RFC 5321 appendix C
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\s=]+))?")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_XCHAR = re.compile(r"\+([0-9A-F]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOTIFY = re.compile(r"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*")
_ORCPT = re.compile(r"([A-Za-z0-9-]+);(.+)")


@dataclass(frozen=True, slots=True)
class Mail:
    """MAIL FROM:<path> [parameters]."""

    path: str  # "" for the null reverse-path
    size: int = 0  # octets as announced; 0 when not
    utf8: bool = False
    ret: str = ""  # FULL, HDRS or ""
    envid: str = ""  # decoded


@dataclass(frozen=True, slots=True)
class Rcpt:
    """RCPT TO:<path> [parameters]."""

    path: str
    notify: str = ""  # NEVER, or a list of SUCCESS, FAILURE, DELAY; "" when not given
    orcpt: str = ""  # address type; decoded address


def parse_mail(argument: str) -> Mail | Reply:
    """What follows the word MAIL."""
    split = _split(argument, "FROM:", MAIL_SYNTAX)
    if isinstance(split, Reply):
        return split
    path, given = split
    known = {"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"}
    size, ret = given.get("SIZE", "0"), given.get("RET", "").upper()
    envid = _unxtext(given.get("ENVID", ""), LONGEST_ENVID)
    good = (
        given.keys() <= known
        and re.fullmatch(r"[0-9]{1,20}", size)
        and ("RET" not in given or ret in ("FULL", "HDRS"))
        and given.get("BODY", "7BIT").upper() in ("7BIT", "8BITMIME")
        and not given.get("SMTPUTF8")
        and envid is not None
    )
    if not good:
        return UNKNOWN_PARAMETER
    return Mail(path, int(size), "SMTPUTF8" in given, ret, envid or "")


def parse_rcpt(argument: str) -> Rcpt | Reply:
    """What follows the word RCPT."""
    split = _split(argument, "TO:", RCPT_SYNTAX)
    if isinstance(split, Reply):
        return split
    path, given = split
    notify = given.get("NOTIFY", "").upper()
    orcpt = _orcpt(given["ORCPT"]) if "ORCPT" in given else ""
    good = (
        given.keys() <= {"NOTIFY", "ORCPT"}
        and ("NOTIFY" not in given or _NOTIFY.fullmatch(notify))
        and orcpt is not None
    )
    if not path:
        return RCPT_SYNTAX
    return Rcpt(path, notify, orcpt or "") if good else UNKNOWN_PARAMETER


def either_notify(one: str, other: str) -> str:
    """NOTIFY of one recipient that two RCPTs name: whatever either wants to hear (RFC 3461 4.1).

    NEVER counts only where both say it. Without NOTIFY a receipt tells everything.
    """
    wanted = [words for words in (one, other) if words != "NEVER"]
    if len(wanted) < 2 or one == other:
        return wanted[0] if wanted else "NEVER"
    asked = {word for words in wanted for word in words.split(",")}
    return ",".join(EVENTS if "" in asked else [event for event in EVENTS if event in asked])


def _split(argument: str, word: str, syntax: Reply) -> tuple[str, Mapping[str, str]] | Reply:
    """The path, and the parameters by upper-case name ("" where no value was given)."""
    if any("\ud800" <= c <= "\udfff" for c in argument):  # octets that were no UTF-8
        return NOT_ASCII
    if argument[: len(word)].upper() != word or _CONTROL.search(argument):
        return syntax
    rest = argument[len(word) :].strip(" ")
    match = _PATH.fullmatch(rest) or _BARE_PATH.fullmatch(rest)
    if match is None:
        return syntax
    given = _parameters(match[2] or "")
    return UNKNOWN_PARAMETER if given is None else (_SOURCE_ROUTE.sub("", match[1], 1), given)


def _parameters(text: str) -> Mapping[str, str] | None:
    """None where one is badly written or given twice."""
    given: dict[str, str] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None or match[1].upper() in given:
            return None
        given[match[1].upper()] = match[2] or ""
    return given


def _unxtext(text: str, longest: int) -> str | None:
    """RFC 3461 4 xtext, decoded; None if it is none or hides what cannot be printed."""
    if len(text) > longest or not _XTEXT.fullmatch(text):
        return None
    plain = _XCHAR.sub(lambda match: chr(int(match[1], 16)), text)
    return plain if plain.isascii() and plain.isprintable() else None


def _orcpt(value: str) -> str | None:
    match = _ORCPT.fullmatch(value)
    address = _unxtext(match[2], LONGEST_ORCPT) if match else None
    return f"{match[1]};{address}" if match and address else None
