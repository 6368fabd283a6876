"""Which target the configuration describes."""

from __future__ import annotations

from gateway.config.receiving import (
    AnyTarget,
    CommandTarget,
    DirectoryTarget,
    ImapTarget,
    MaildirTarget,
    MailTarget,
    PrinterTarget,
)
from gateway.mailout.transport import Transport
from gateway.onramp.targets.directory import Directory
from gateway.onramp.targets.imap import ImapFolder
from gateway.onramp.targets.mailbox import Mailbox, MaildirAt
from gateway.onramp.targets.parcel import Target
from gateway.onramp.targets.program import Command, Printer
from gateway.onramp.targets.webhook import Webhook


def build_target(settings: AnyTarget, transport: Transport, bounces_to: str) -> Target:
    """The target; `transport` takes mail, whose bounces go to `bounces_to`."""
    match settings:
        case MailTarget():
            return Mailbox(settings, transport, bounces_to)
        case MaildirTarget():
            return MaildirAt(settings)
        case ImapTarget():
            return ImapFolder(settings)
        case DirectoryTarget():
            return Directory(settings)
        case PrinterTarget():
            return Printer(settings)
        case CommandTarget():
            return Command(settings)
        case _:
            return Webhook(settings)
