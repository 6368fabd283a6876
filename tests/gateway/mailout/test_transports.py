"""The choice of transport."""

from __future__ import annotations

from pathlib import Path

from gateway.config.mail import MaildirOut, MailOut
from gateway.config.mail import Smarthost as SmarthostSettings
from gateway.mailout import build_transport
from gateway.mailout.maildir import Maildir
from gateway.mailout.smarthost import Smarthost


def test_the_configuration_chooses_the_transport() -> None:
    """`mail.transport.type` decides."""
    maildir = MailOut(sender="fax@a.example", transport=MaildirOut(directory=Path("mail")))
    smarthost = MailOut(sender="fax@a.example", transport=SmarthostSettings(host="mx.a.example"))

    assert isinstance(build_transport(maildir, "a.example").mail, Maildir)
    assert isinstance(build_transport(smarthost, "a.example").mail, Smarthost)
