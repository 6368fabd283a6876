"""A mail as the gateway reads it: who it is from, and the parts that may become pages, in order.

`read` takes the octets that SMTP took and never raises, whatever is in them; `read_headers` looks
at the header alone and is cheap enough for the event loop. Turning parts into pages, and saying
which part cannot be, is `gateway.offramp`.

RFC 5322 (format), RFC 2045-2047 (MIME), RFC 2231 (parameters), RFC 3676 (format=flowed).
"""

from gateway.message.body import Body
from gateway.message.charset import Decoded, decode_text
from gateway.message.headers import Headers, read_headers, read_recipients
from gateway.message.part import Part, Role
from gateway.message.parts import Message, read

__all__ = [
    "Body",
    "Decoded",
    "Headers",
    "Message",
    "Part",
    "Role",
    "decode_text",
    "read",
    "read_headers",
    "read_recipients",
]
