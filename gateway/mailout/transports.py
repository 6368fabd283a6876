"""Which transport the configuration asks for."""

from __future__ import annotations

from gateway.config.mail import MaildirOut, MailOut
from gateway.mailout.channels import Channels
from gateway.mailout.maildir import Maildir
from gateway.mailout.smarthost import Smarthost
from gateway.mailout.transport import Transport


def build_transport(settings: MailOut, hostname: str) -> Channels:
    """The transport of `mail.transport`, and the channels beside it.

    `hostname` is what we call ourselves to a smarthost.
    """
    channels = {channel.name: channel.urls for channel in settings.channels}
    return Channels(_mail(settings, hostname), channels)


def _mail(settings: MailOut, hostname: str) -> Transport:
    if isinstance(settings.transport, MaildirOut):
        return Maildir(settings.transport.directory)
    return Smarthost(settings.transport, hostname)
