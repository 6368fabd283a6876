"""A wire to a mail server that breaks where one wants it to, and is sound the next time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum

DOT = b"\r\n.\r\n"
PART = 2000  # octets of the content that still get through


class Break(Enum):
    """Where the first connection breaks."""

    SILENT = "the server says nothing"
    IN_CONTENT = "in the middle of the content"
    AFTER_DOT = "after the final dot, before the client hears of it"


@asynccontextmanager
async def wire(port: int, where: Break) -> AsyncIterator[int]:
    """A port that leads to the server at `port`."""
    breaks = [where]
    talks: list[asyncio.Task[None]] = []

    def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broken = breaks.pop() if breaks else None
        talks.append(asyncio.create_task(_talk(port, broken, reader, writer)))

    server = await asyncio.start_server(taken, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _talk(
    port: int, broken: Break | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if broken is Break.SILENT:
        await reader.read()
        writer.close()
        return
    theirs, to_them = await asyncio.open_connection("127.0.0.1", port)
    back = asyncio.create_task(_pass(theirs, writer))
    try:
        with suppress(ConnectionError):
            await _content(reader, to_them, broken)
        if broken is Break.AFTER_DOT:
            back.cancel()  # the server's answer to the dot stays with us
            await asyncio.gather(back, return_exceptions=True)
            await theirs.readline()
        elif broken is None:
            await back
    finally:
        back.cancel()
        for end in (to_them, writer):
            end.close()


async def _content(
    reader: asyncio.StreamReader, to_them: asyncio.StreamWriter, broken: Break | None
) -> None:
    """Pass on what the client says, up to the break or its end."""
    seen = b""
    while octets := await reader.read(4096):
        seen += octets
        inside = seen.partition(b"DATA\r\n")[2]
        if broken is Break.IN_CONTENT and len(inside) > PART:
            return
        to_them.write(octets)
        await to_them.drain()
        if broken is Break.AFTER_DOT and inside.endswith(DOT):
            return


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while octets := await reader.read(4096):
            writer.write(octets)
            await writer.drain()
        writer.close()
