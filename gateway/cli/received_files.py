"""`faxgate received get` and `read`: the pages of a received fax as files, and their text."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.address import Book
from gateway.cli.common import fail, read_config, run, wake
from gateway.cli.received import FaxId, commands
from gateway.config.model import Config
from gateway.ocr.kept import fax_text
from gateway.onramp.compose import Reader
from gateway.onramp.targets import Parcel
from gateway.storage import opened, reads


class Form(StrEnum):
    """What a fax is written as."""

    PDF = "pdf"
    TIFF = "tiff"
    TIFF_S = "tiff-s"
    PNG = "png"
    TEXT = "txt"


ENDINGS = {Form.TIFF_S: "s.tiff"}


@commands.command("get")
def get(
    context: typer.Context,
    fax: FaxId,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.")] = None,
    form: Annotated[
        Form, typer.Option("--format", help="A PNG is a file for each page.")
    ] = Form.PDF,
) -> None:
    """Write a received fax as a PDF, a TIFF, a PNG for each page, or the text that was read."""
    parcel = run(_parcel(read_config(context.obj), fax))
    if parcel is None:
        fail(f"There is no received fax {fax} with pages.")
    for path, octets in _files(
        parcel, form, out or Path(f"fax-{fax}.{ENDINGS.get(form, form.value)}")
    ):
        try:
            path.write_bytes(octets)
        except OSError as error:
            fail(f"{path}: {error.strerror or error}")
        print(path)


async def _parcel(settings: Config, number: int) -> Parcel | None:
    async with opened(settings) as store:
        fax = await store.received(number)
        pages = await store.received_pages(number)
        if fax is None or not pages:
            return None
        qualities = await store.received_qualities(number)
        book = Book(settings.address_book)
        reader = Reader("", "", settings.mail.sender, settings.country, book=book)
        read, state = await store.readings.texts(number), await store.readings.state(number)
        text = fax_text(pages, read, state)
        return Parcel(f"fax {number}", fax, pages, qualities, reader, text)


def _files(parcel: Parcel, form: Form, out: Path) -> list[tuple[Path, bytes]]:
    if form is Form.PDF:
        return [(out, parcel.pdf())]
    if form is Form.TIFF:
        return [(out, parcel.tiff())]
    if form is Form.TIFF_S:
        return [(out, parcel.minimal_tiff())]
    if form is Form.TEXT:
        return [(out, "\f".join(parcel.texts()).encode() + b"\n")]
    return [
        (out.with_name(f"{out.stem}-{number}{out.suffix or '.png'}"), png)
        for number, png in enumerate(parcel.pngs(), 1)
    ]


@commands.command("read")
def read_again(context: typer.Context, fax: FaxId) -> None:
    """Have the text of a fax read, also where it has been; `ocr.on` must be set."""
    settings = read_config(context.obj)
    if not reads(settings):
        fail("No page is read here; set `ocr.on: true`, and see what `faxgate check` says.")
    if not run(_read_again(settings, fax)):
        fail(f"There is no received fax {fax} with pages.")
    wake(settings)
    print(f"fax {fax}: queued for reading")


async def _read_again(settings: Config, fax: int) -> bool:
    async with opened(settings) as store:
        return await store.readings.again(fax)
