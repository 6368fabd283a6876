"""AUTH PLAIN (RFC 4616) and AUTH LOGIN: from the dialogue to a name and a password.

Nothing is checked here and nothing is kept; `gateway.smtp.login` checks.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from gateway.smtp.reply import AUTH_SYNTAX, BAD_CREDENTIALS_FORM, UNKNOWN_MECHANISM, Reply

# Sends a challenge and returns the client's decoded answer; None when the client gave up or wrote
# rubbish and has been told so.
Ask = Callable[[str], Awaitable[bytes | None]]


class Credentials(NamedTuple):
    """What a client says it is; printed without its password."""

    name: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(name={self.name!r})"


async def credentials(argument: str, ask: Ask) -> Credentials | Reply | None:
    """Run the mechanism that AUTH's argument names. None: the client has its answer already."""
    mechanism, _, initial = argument.partition(" ")
    run = {"PLAIN": _plain, "LOGIN": _login}.get(mechanism.upper())
    if run is None:
        return UNKNOWN_MECHANISM if mechanism else AUTH_SYNTAX
    first = _decode(initial) if initial else None
    if initial and first is None:
        return BAD_CREDENTIALS_FORM
    parts = await run(first, ask)
    if parts is None:
        return None
    try:
        name, password = (part.decode("utf-8") for part in parts)
    except ValueError:  # not two parts, or not UTF-8
        return BAD_CREDENTIALS_FORM
    return Credentials(name, password)


async def _plain(first: bytes | None, ask: Ask) -> list[bytes] | None:
    """[authzid] NUL authcid NUL passwd; one may act as oneself only."""
    message = await ask("") if first is None else first
    if message is None:
        return None
    acting_as, *parts = message.split(b"\0")
    return parts if acting_as in (b"", *parts[:1]) else []


async def _login(first: bytes | None, ask: Ask) -> list[bytes] | None:
    name = await ask("Username:") if first is None else first
    password = await ask("Password:") if name is not None else None
    return None if name is None or password is None else [name, password]


def _decode(text: str) -> bytes | None:
    """Base64; "=" stands for an empty initial response (RFC 4954 4)."""
    if text == "=":
        return b""
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        return None
