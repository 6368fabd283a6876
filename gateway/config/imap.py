"""The section for somebody's own IMAP server: where it is, how it is trusted, who logs in.

TLS from the first octet, with a certificate that is checked, or a server on this very machine.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gateway.config.section import Section
from gateway.config.types import Duration, check_mail_address

LONGEST_MAILBOX: Final = 200  # characters
_FLAG = re.compile(
    r'\\(?:Seen|Answered|Flagged|Draft)|[^\s\\(){%*"\]\x00-\x1f\x7f-\U0010ffff]{1,60}'
)


def check_mailbox(value: str) -> str:
    """A folder's name in any script; how servers write it (modified UTF-7) is not for people."""
    if value and len(value) <= LONGEST_MAILBOX and value.isprintable():
        return value
    raise ValueError(f"{value!r} is no folder; write its name as a mail program shows it")


def check_flag(value: str) -> str:
    r"""One of \Seen, \Answered, \Flagged and \Draft, or a keyword (RFC 3501 2.3.2)."""
    if _FLAG.fullmatch(value):
        return value
    raise ValueError(rf"{value!r} is no flag; write \Seen, \Flagged, or a word such as Fax")


def check_login(value: str) -> str:
    """One line."""
    if value and value.isprintable():
        return value
    raise ValueError("it is empty or has a line break or control character in it")


Mailbox = Annotated[str, AfterValidator(check_mailbox)]
Flag = Annotated[str, AfterValidator(check_flag)]
Address = Annotated[str, AfterValidator(check_mail_address)]
Login = Annotated[str, AfterValidator(check_login)]


class ImapServer(Section):
    """An IMAP server and a login there."""

    host: str = Field(min_length=1, description="name of the IMAP server")
    port: int = Field(993, ge=1, le=65535, description="its port")
    tls: Literal["implicit", "none"] = Field(
        "implicit", description="none is for a server on this machine only"
    )
    ca: Path | None = Field(
        None, description="PEM file of the authority that signed its certificate, if no public one"
    )
    user: Login = Field(description="the login")
    password: Login = Field(description="its password; `!file PATH` keeps it out of the YAML")
    timeout: Duration = Field(timedelta(seconds=30), description="longest wait for an answer")

    @model_validator(mode="after")
    def _a_password_stays_secret(self) -> Self:
        if self.tls == "none" and not _is_here(self.host):
            raise ValueError(
                f"without TLS the password could be read on its way to {self.host}; "
                "`tls: none` is for localhost"
            )
        return self


class ImapOutbox(ImapServer):
    """A folder whose mails are faxed, and where they go then."""

    owner: str = Field(
        min_length=1, description="whose rights count: a name, login or address of `senders`"
    )
    address: Address = Field(description="the owner's mail address, for questions")
    outbox: Mailbox = Field("Fax/Outbox", description="the folder that is watched")
    sent: Mailbox = Field("Fax/Sent", description="where mails go that every recipient got")
    failed: Mailbox = Field("Fax/Failed", description="where all others go")
    poll: Duration = Field(
        timedelta(seconds=30), description="longest time between two looks at the folder"
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
