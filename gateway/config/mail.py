"""The section `mail`: receipts and received faxes, on their way out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gateway.config.keys import Keys
from gateway.config.section import LanguageCode, Section, Tls
from gateway.config.templates import FaxTemplate
from gateway.config.types import (
    Domain,
    Duration,
    Host,
    MailAddress,
    MailAddressOrDomain,
    MailAddressOrEmpty,
)


class Smarthost(Section):
    """Mail out through another mail server."""

    type: Literal["smarthost"] = Field("smarthost", description="the kind of transport")
    host: Host = Field(description="the mail server's name or address")
    port: int = Field(587, ge=1, le=65535, description="TCP port")
    tls: Tls = Field("starttls", description="none, starttls, or implicit (usually port 465)")
    user: str = Field("", description="login name, if the server wants one")
    password: str = Field("", description="its password; `!file PATH` keeps it out of the YAML")
    verify: bool = Field(True, description="check the server's certificate")
    ca: Path | None = Field(None, description="PEM file of the authority that signed it")
    timeout: Duration = Field(timedelta(seconds=60), description="longest wait for an answer")


class MaildirOut(Section):
    """Mail out into one Maildir per address under a directory: no mail server needed."""

    type: Literal["maildir"] = Field("maildir", description="the kind of transport")
    directory: Path = Field(description="directory of the Maildirs")


class Receipts(Section):
    """What goes with the words that tell a sender how a fax ended."""

    picture: bool = Field(True, description="a small picture of the first page")
    pdf: bool = Field(False, description="the pages, as they were sent, as a PDF")
    signed: bool = Field(
        True, description="the page hashes and outcomes, signed, for `faxgate verify`"
    )
    key: Path | None = Field(
        None, description="PEM file of the Ed25519 key; made in the state directory if not given"
    )
    mdn: Literal["never", "asked", "failures"] = Field(
        "asked",
        description="an MDN (RFC 8098) instead of a DSN: never, where the mail asks for one, or "
        "for every failure too (RFC 4160)",
    )
    delayed_after: Duration = Field(
        timedelta(minutes=30), description="a fax that waits so long is told of, once"
    )


def _names(listed: Iterable[str], address: str) -> bool:
    """Whether a list has a mail address, or its very domain."""
    address = address.lower()
    return not {address, address.rpartition("@")[2]}.isdisjoint(each.lower() for each in listed)


class Channel(Section):
    """Another way to tell senders how a fax ended; see Apprise for its URLs."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", description="what logs and people call it")
    senders: tuple[MailAddressOrDomain, ...] = Field(
        (), description="for faxes of these senders, by address or domain; of all if empty"
    )
    tell: tuple[Literal["delivered", "failed", "delayed", "alarm"], ...] = Field(
        ("failed",), min_length=1, description="what is told; alarm: that nothing is taken"
    )
    urls: tuple[str, ...] = Field(
        min_length=1, description="Apprise URLs; `!file PATH` keeps their passwords out of the YAML"
    )

    def is_for(self, sender: str) -> bool:
        """Whether faxes of this mail address are told of."""
        return not self.senders or _names(self.senders, sender)


class Encryption(Keys):
    """How mail to some addresses is encrypted; without a key none is sent to them."""

    addresses: tuple[MailAddressOrDomain, ...] = Field(
        min_length=1, description="mail addresses, or whole domains"
    )

    def is_for(self, address: str) -> bool:
        """Whether mail to this address falls under the rule."""
        return _names(self.addresses, address)


class Dkim(Section):
    """The signature of mails that leave (RFC 6376)."""

    domain: Domain = Field(description="the signing domain, that of `sender`")
    selector: str = Field(pattern=r"^[A-Za-z0-9._-]+$", description="name of the key in DNS")
    key: Path = Field(description="PEM file of the private key")


class MailOut(Section):
    """Receipts and received faxes."""

    sender: MailAddress = Field(description="From address of received faxes and receipts")
    transport: Annotated[Smarthost | MaildirOut, Field(discriminator="type")] = Field(
        description="how mail leaves the gateway: `type: smarthost` or `type: maildir`"
    )
    postmaster: MailAddressOrEmpty = Field(
        "",
        description="who is told when a delivery is given up, and reads postmaster@ and abuse@",
    )
    retry_for: Duration = Field(timedelta(days=3), description="how long a delivery is tried")
    channels: tuple[Channel, ...] = Field(
        (), description="SMS, chat and other notices beside the receipts"
    )
    encryption: tuple[Encryption, ...] = Field(
        (), description="addresses whose mail is encrypted, first match wins"
    )
    dkim: Dkim | None = Field(None, description="sign mails that leave")
    receipts: Receipts = Field(Receipts(), description="what goes with a receipt")
    language: LanguageCode = Field(
        "en", description="of what people read, where neither `languages` nor their mail tells"
    )
    languages: dict[MailAddressOrDomain, LanguageCode] = Field(
        {}, description="language of an address, or of a domain such as example.pl"
    )
    templates: tuple[FaxTemplate, ...] = Field(
        (), description="own words for the mails of received faxes, first match wins"
    )
