"""A mail in a folder of somebody's own IMAP server, once.

The mail is the one of a Maildir; its Message-ID is the same at every try and is looked for in the
folder before each, so that a try whose answer was lost is not repeated.
"""

from __future__ import annotations

import asyncio

from gateway.config.receiving import ImapTarget
from gateway.imap import connected
from gateway.onramp.targets.mailbox import attached, sealed
from gateway.onramp.targets.parcel import Parcel


class ImapFolder:
    """Appends to one folder."""

    def __init__(self, settings: ImapTarget) -> None:
        self._settings = settings

    async def deliver(self, parcel: Parcel) -> None:
        """Write the mail in a thread and append it, unless it is there."""
        folder, flags = self._settings.folder, self._settings.flags
        at = parcel.fax.ended_at or parcel.fax.started_at
        message = await asyncio.to_thread(self._written, parcel)
        async with connected(self._settings) as imap:
            await imap.open(folder)
            if not await imap.holds(parcel.reader.message_id):
                await imap.append(folder, message, flags, at)

    def _written(self, parcel: Parcel) -> bytes:
        settings = self._settings
        return sealed(settings, attached(parcel, settings.format, text=settings.text))
