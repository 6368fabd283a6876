"""The choice of transport."""

from __future__ import annotations

from pathlib import Path

from gateway.config.mail import MaildirOut, MailOut
from gateway.config.mail import Smarthost as SmarthostSettings
from gateway.mailout import build_transport
from gateway.mailout.maildir import Maildir
from gateway.mailout.sealed import Sealed
from gateway.mailout.smarthost import Smarthost


def test_the_configuration_chooses_the_transport() -> None:
    """`mail.transport.type` decides."""
    maildir = MailOut(sender="fax@a.example", transport=MaildirOut(directory=Path("mail")))
    smarthost = MailOut(sender="fax@a.example", transport=SmarthostSettings(host="mx.a.example"))

    for settings, kind in ((maildir, Maildir), (smarthost, Smarthost)):
        sealed = build_transport(settings, "a.example").mail

        assert isinstance(sealed, Sealed)
        assert isinstance(sealed.mail, kind)
