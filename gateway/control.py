"""The gateway's door for its administrator: one Unix socket, one JSON line each way.

A request is `{"command": NAME, ...}`; the answer is one JSON line, or for `watch` one per event
until the client goes. The socket is in the state directory, readable by its owner only: who may
open it may see what the gateway does. Requests change nothing here that the store does not record;
`wake` only says that another process has written to the store.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from gateway.events import Events

LONGEST_REQUEST = 65_536  # octets
PATIENCE = 10.0  # s for a client to say what it wants, and to take each line of the answer
SOCKET = "control.sock"

Command = Callable[[Mapping[str, object]], Awaitable[object]]


class Control:
    """Serves `commands` by name, and `watch`, on a Unix socket at `path`."""

    def __init__(self, path: Path, events: Events, commands: Mapping[str, Command]) -> None:
        self._path = path
        self._events = events
        self._commands = commands

    async def run(self) -> None:
        """Serve until cancelled. A socket left by a dead gateway is replaced."""
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(
                self._client, str(self._path), limit=LONGEST_REQUEST
            )
        finally:
            os.umask(mask)
        try:
            await server.serve_forever()
        finally:
            self._path.unlink(missing_ok=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, TimeoutError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                request = json.loads(await reader.readline())
            name = str(request["command"])
        except (ValueError, KeyError, TypeError, RecursionError):
            await _say(writer, {"error": 'one JSON line was expected: {"command": "lines"}'})
            return
        if name == "watch":
            await self._stream(reader, writer)
        elif name in self._commands:
            await _say(writer, await self._commands[name](request))
        else:
            known = ", ".join(sorted((*self._commands, "watch")))
            await _say(writer, {"error": f"no command {name!r}; there are {known}"})

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._events.watch() as queue:
            await _say(writer, {"event": "watching"})
            gone = asyncio.ensure_future(reader.read())
            try:
                while not gone.done():
                    following = asyncio.ensure_future(queue.get())
                    await asyncio.wait({gone, following}, return_when=asyncio.FIRST_COMPLETED)
                    if following.done():
                        await _say(writer, following.result())
                    else:
                        following.cancel()
            finally:
                gone.cancel()


async def _say(writer: asyncio.StreamWriter, answer: object) -> None:
    writer.write(json.dumps(answer, default=str).encode() + b"\n")
    async with asyncio.timeout(PATIENCE):
        await writer.drain()
