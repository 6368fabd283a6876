"""Mail to one address in a form of its own, and mail into one Maildir.

Both are the mail that every fax becomes (`gateway.onramp.compose`), but for what is attached.
"""

from __future__ import annotations

import asyncio
from email.message import EmailMessage

from gateway.config.receiving import MaildirTarget, MailTarget
from gateway.mailout.letter import octets
from gateway.mailout.maildir import deliver_into
from gateway.mailout.transport import TemporaryFailure, Transport
from gateway.onramp.compose import file_name, notice_mail, words_mail
from gateway.onramp.targets.parcel import Parcel


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
        return octets(attached(parcel, self._settings.format))


class MaildirAt:
    """Writes into one Maildir."""

    def __init__(self, settings: MaildirTarget) -> None:
        self._path = settings.path

    async def deliver(self, parcel: Parcel) -> None:
        """Write the mail durably."""
        try:
            await asyncio.to_thread(self._deliver, parcel)
        except OSError as error:
            raise TemporaryFailure(f"{self._path}: {error.strerror or error}") from error

    def _deliver(self, parcel: Parcel) -> None:
        message = octets(attached(parcel, "pdf"))
        deliver_into(self._path, "", parcel.reader.to, message)


def attached(parcel: Parcel, form: str) -> EmailMessage:
    """The mail with the fax in one of the forms pdf, tiff and png."""
    message = words_mail(parcel.fax, parcel.pages, parcel.reader, qualities=parcel.qualities)
    language, fax = parcel.reader.language, parcel.fax
    name = file_name(fax.started_at, parcel.fax.caller, language.zone).removesuffix(".pdf")
    if form == "pdf":
        message.add_attachment(parcel.pdf(), "application", "pdf", filename=f"{name}.pdf")
    elif form == "tiff":
        message.add_attachment(parcel.tiff(), "image", "tiff", filename=f"{name}.tif")
    else:
        for number, png in enumerate(parcel.pngs(), 1):
            message.add_attachment(png, "image", "png", filename=f"{name}-{number}.png")
    return message
