"""Which transport the configuration asks for."""

from __future__ import annotations

from gateway.config.mail import MaildirOut, MailOut
from gateway.mailout.channels import Channels
from gateway.mailout.maildir import Maildir
from gateway.mailout.sealed import Sealed
from gateway.mailout.smarthost import Smarthost
from gateway.mailout.transport import Transport


def build_transport(settings: MailOut, hostname: str) -> Channels:
    """The transport of `mail.transport` behind what seals mails, and the channels beside it.

    `hostname` is what we call ourselves to a smarthost.
    """
    channels = {channel.name: channel.urls for channel in settings.channels}
    sealed = Sealed(_mail(settings, hostname), settings.encryption, settings.dkim)
    return Channels(sealed, channels)


def _mail(settings: MailOut, hostname: str) -> Transport:
    if isinstance(settings.transport, MaildirOut):
        return Maildir(settings.transport.directory)
    return Smarthost(settings.transport, hostname)
