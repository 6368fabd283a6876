"""Which transport the configuration asks for."""

from __future__ import annotations

from gateway.config.mail import MaildirOut, MailOut
from gateway.mailout.maildir import Maildir
from gateway.mailout.smarthost import Smarthost
from gateway.mailout.transport import Transport


def build_transport(settings: MailOut, hostname: str) -> Transport:
    """The transport of `mail.transport`; `hostname` is what we call ourselves to a smarthost."""
    if isinstance(settings.transport, MaildirOut):
        return Maildir(settings.transport.directory)
    return Smarthost(settings.transport, hostname)
