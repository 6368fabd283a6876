"""What our own mail server in front has found out (RFC 8601): Authentication-Results, with caution.

It is believed only from a client that the administrator named, and only in a field that begins with
the name that this server goes by; every other such field is somebody else's and is not read. The
server must remove such fields of strangers (RFC 8601 5). Of several the topmost result counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from authres import AuthenticationResultsHeader
from authres.core import AuthResError

from gateway.admission.fields import Field

FIELD: Final = b"authentication-results"


@dataclass(frozen=True, slots=True)
class Results:
    """What one server says: domains, in lower case."""

    dmarc: str  # the From domain of dmarc=pass, "" for none
    spf: tuple[str, ...]  # envelope domains of spf=pass
    dkim: tuple[str, ...]  # signers of dkim=pass


def results_of(fields: Sequence[Field], server: str) -> Results:
    """The results in the fields of `server`."""
    said = list(_said(fields, server))
    dmarc = [(result, prop.get("header.from", "")) for m, result, prop in said if m == "dmarc"]
    return Results(
        dmarc=dmarc[0][1] if dmarc and dmarc[0][0] == "pass" else "",
        spf=_passed(said, "spf", "smtp.mailfrom"),
        dkim=_passed(said, "dkim", "header.d"),
    )


Said = tuple[str, str, dict[str, str]]  # method, result, properties


def _passed(said: Sequence[Said], method: str, prop: str) -> tuple[str, ...]:
    passed = [props.get(prop, "") for m, result, props in said if (m, result) == (method, "pass")]
    return tuple(value.rpartition("@")[2] for value in passed if value)


def _said(fields: Sequence[Field], server: str) -> Iterator[Said]:
    for field in fields:
        if field.name != FIELD or not _is_from(field.value, server):
            continue
        try:
            header = AuthenticationResultsHeader.parse_value(field.value.decode("ascii"))
        except (AuthResError, UnicodeDecodeError, ValueError, IndexError):
            continue
        for result in header.results:
            properties = {f"{p.type}.{p.name}".lower(): p.value.lower() for p in result.properties}
            yield result.method.lower(), result.result.lower(), properties


def _is_from(value: bytes, server: str) -> bool:
    """The authserv-id is the first word; comments in front of it are nobody's habit."""
    match = re.match(rb"([^\s;()]+)[ \t]*(?:1[ \t]*)?;", value)
    return match is not None and match[1].decode("latin-1").lower() == server.lower()
