"""`faxgate send NUMBER FILE...`: a fax without a mail client.

The files become a mail that is put into the queue as SMTP would put it, with the administrator's
rights: who may open the state directory may send.
"""

from __future__ import annotations

import mimetypes
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Annotated

import typer

from gateway.address import Directory, FaxNumber, Refusal
from gateway.cli.common import DEFAULT_CONFIG, ConfigPath, app, fail, read_config, run, wake
from gateway.config.model import Config
from gateway.options import read_options
from gateway.storage import opened
from gateway.store.records import NewMail, NewRecipient


@app.command("send")
def send_command(
    number: Annotated[
        str, typer.Argument(help="Fax number (+48..., 0048... or national), or a name.")
    ],
    files: Annotated[
        list[Path], typer.Argument(help="Documents, in order.", exists=True, dir_okay=False)
    ],
    config: ConfigPath = DEFAULT_CONFIG,
    sender: Annotated[
        str, typer.Option("--from", help="Who gets the receipt; the postmaster if not given.")
    ] = "",
    subject: Annotated[
        str, typer.Option(help="Subject of the receipt; options in square brackets.")
    ] = "",
) -> None:
    """Queue files as one fax; a running gateway dials at once, else the next one that starts."""
    settings = read_config(config)
    found = Directory.of(settings).look_up(f"{number}@{settings.domain}")
    if isinstance(found, Refusal):
        fail(found.reason)
    sender = sender or settings.mail.postmaster
    raw = _message(settings, sender, number, subject, files)
    options = read_options(raw, datetime.now(UTC))
    if options.problems:
        fail(f"{options.refusal} Nothing was queued.")
    mail = NewMail(
        sender=sender,
        raw=raw,
        options=options,
        recipients=tuple(_recipient(f"{number}@{settings.domain}", to) for to in found),
        client="local",
    )
    job = run(_accept(settings, mail))
    wake(settings)
    print(f"Job {job}: {len(files)} document(s) to {', '.join(to.number for to in found)}")


def _recipient(address: str, to: FaxNumber) -> NewRecipient:
    return NewRecipient(address, to.number, to.subaddress, name=to.name)


async def _accept(settings: Config, mail: NewMail) -> int:
    async with opened(settings) as store:
        return await store.accept(mail, datetime.now(UTC))


def _message(settings: Config, sender: str, number: str, subject: str, files: list[Path]) -> bytes:
    message = EmailMessage()
    message["From"] = sender or f"postmaster@{settings.domain}"
    message["To"] = f"{number}@{settings.domain}"
    message["Subject"] = subject or ", ".join(path.name for path in files)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=settings.domain)
    for path in files:
        guessed, _ = mimetypes.guess_type(path.name)
        kind, _, subtype = (guessed or "application/octet-stream").partition("/")
        message.add_attachment(
            path.read_bytes(), maintype=kind, subtype=subtype, filename=path.name
        )
    return bytes(message)
