"""The gateway as a client of people's own IMAP servers (RFC 3501)."""

from gateway.imap.session import Session, connected

__all__ = ["Session", "connected"]
