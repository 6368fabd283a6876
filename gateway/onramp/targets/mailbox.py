"""Mail to one address in a form of its own, and mail into one Maildir.

Both are the mail that every fax becomes (`gateway.onramp.compose`), but for what is attached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

from gateway.config.keys import Keys
from gateway.config.receiving import MaildirTarget, MailTarget
from gateway.mailout.letter import octets
from gateway.mailout.maildir import deliver_into
from gateway.mailout.sealed import encrypted
from gateway.mailout.transport import TemporaryFailure, Transport
from gateway.onramp.compose import e164_of, file_name, notice_mail, words_mail
from gateway.onramp.targets.parcel import Parcel

FAXBW: Final = {"application": "faxbw"}  # RFC 3302 5.2, RFC 3250: black and white fax


class Mailbox:
    """Mails one address through the gateway's transport."""

    def __init__(self, settings: MailTarget, transport: Transport, bounces_to: str) -> None:
        self._settings = settings
        self._transport = transport
        self._bounces_to = bounces_to

    async def deliver(self, parcel: Parcel) -> None:
        """Write the mail in a thread and hand it over."""
        message = await asyncio.to_thread(self._written, parcel)
        await self._transport.deliver(self._bounces_to, self._settings.to, message)

    def _written(self, parcel: Parcel) -> bytes:
        if not self._settings.content:
            return octets(notice_mail(parcel.fax, parcel.pages, parcel.reader))
        message = attached(parcel, self._settings.format, text=self._settings.text)
        if self._settings.caller_as_sender:
            sent_by_caller(message, parcel)
        return octets(message)


class MaildirAt:
    """Writes into one Maildir."""

    def __init__(self, settings: MaildirTarget) -> None:
        self._settings = settings
        self._path = settings.path

    async def deliver(self, parcel: Parcel) -> None:
        """Write the mail durably."""
        try:
            await asyncio.to_thread(self._deliver, parcel)
        except OSError as error:
            raise TemporaryFailure(f"{self._path}: {error.strerror or error}") from error

    def _deliver(self, parcel: Parcel) -> None:
        message = sealed(self._settings, attached(parcel, ["pdf"], text=self._settings.text))
        deliver_into(self._path, "", parcel.reader.to, message)


def sealed(keys: Keys, message: EmailMessage) -> bytes:
    """The mail as it travels, encrypted where there is a key. Raises TemporaryFailure."""
    return encrypted(keys, octets(message)) if keys.has_key else octets(message)


def attached(parcel: Parcel, forms: Sequence[str], *, text: bool | None = None) -> EmailMessage:
    """The mail with the fax in these forms: pdf, tiff, tiff-s and png.

    `text` is whether what was read stands in it; None is as the gateway has it. What is only for an
    Internet fax machine is told as plainly as it understands (RFC 3249 3.1.1).
    """
    fax, words = parcel.fax, parcel.text
    message = words_mail(
        fax,
        parcel.pages,
        parcel.reader,
        qualities=parcel.qualities,
        text=words if text is None else replace(words, in_mail=text),
        forms=list(dict.fromkeys(form.removesuffix("-s").upper() for form in forms)),
        plainly=tuple(forms) == ("tiff-s",),
    )
    name = file_name(fax.started_at, fax.caller, parcel.zone).removesuffix(".pdf")
    for form in forms:
        _attach(message, parcel, form, name)
    return message


def _attach(message: EmailMessage, parcel: Parcel, form: str, name: str) -> None:
    match form:
        case "pdf":
            message.add_attachment(parcel.pdf(), "application", "pdf", filename=f"{name}.pdf")
        case "tiff":
            message.add_attachment(
                parcel.tiff(), "image", "tiff", filename=f"{name}.tif", params=FAXBW
            )
        case "tiff-s":
            message.add_attachment(
                parcel.minimal_tiff(), "image", "tiff", filename=f"{name}-s.tif", params=FAXBW
            )
        case _:
            for number, png in enumerate(parcel.pngs(), 1):
                message.add_attachment(png, "image", "png", filename=f"{name}-{number}.png")


def sent_by_caller(message: EmailMessage, parcel: Parcel) -> None:
    """Put the caller's fax number into From, the gateway into Sender (RFC 4160 4.2, RFC 3192).

    An answer to it is a fax to the caller. A caller without a number leaves the gateway's address.
    """
    number = e164_of(parcel.fax, parcel.reader.country)
    domain = parcel.reader.domain
    if not number or not domain:
        return
    shown = message["From"].addresses[0].display_name
    del message["From"]
    message["From"] = Address(shown, f"FAX={number}", domain)
    message["Sender"] = parcel.reader.sender
