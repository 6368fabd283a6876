"""How IMAP writes what people write: names of folders, strings, and what servers say.

RFC 3501 5.1.3 (modified UTF-7) and 9 (quoted).
"""

from __future__ import annotations

import re
from base64 import b64encode

from gateway.words import printable

_SHIFTED = re.compile(r"&|[^\x20-\x7e]+")


def quoted(text: str) -> str:
    """`text` as a quoted string. It must be one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def mailbox(name: str, separator: str = "/") -> str:
    """A folder's name as a quoted string in modified UTF-7; / becomes the server's separator."""
    return quoted(_SHIFTED.sub(_shifted, name.replace("/", separator)))


def spoken(lines: list[bytes]) -> str:
    """What a server's answer says last, for people."""
    return printable(bytes(lines[-1]).decode("utf-8", "replace"), 200) if lines else ""


def _shifted(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    base64 = b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{base64}-"
