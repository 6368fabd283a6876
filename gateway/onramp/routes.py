"""The routes in force: read again when the configuration or the junk list changes.

A file that is wrong changes nothing: the routes stay as they were, and the log says what is wrong.
Only routes, targets and the junk list are taken from the new file; everything else needs a restart,
which the log says too when something else has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from watchfiles import awatch

from gateway.config.load import ConfigError, load
from gateway.config.model import Config
from gateway.onramp.routing import Routing, routing_of

RELOADED: Final = ("routes", "targets", "expect_routes")
Announce = Callable[..., None]


class Routes:
    """`now` is the routing, and `config` the configuration whose targets are in force."""

    def __init__(self, config: Config, path: Path | None, announce: Announce) -> None:
        self.config = config
        self._path = path
        self._announce = announce
        self.now = self._routing(config)

    async def run(self) -> None:
        """Watch the files until cancelled, and what they are links to."""
        while True:
            files = self._files()
            folders = {file.parent for file in files if file.parent.is_dir()}

            def ours(_: Any, name: str, files: set[Path] = files) -> bool:
                return Path(name) in files

            async for _ in awatch(*folders, watch_filter=ours, recursive=False):
                await self.reload()
                if files != self._files():
                    break

    def _files(self) -> set[Path]:
        named = {file.absolute() for file in (self._path, self.config.junk_list) if file}
        return named | {file.resolve() for file in named}

    async def reload(self) -> None:
        """Read the files again."""
        try:
            config = await asyncio.to_thread(load, self._path) if self._path else self.config
            routing = await asyncio.to_thread(self._routing, config)
        except (ConfigError, OSError) as error:
            self._announce("routes kept", why=str(error))
            return
        if self._differs(config):
            self._announce("restart needed", why="more than routes and targets has changed")
        self.now, self.config = routing, config
        self._announce("routes loaded", routes=len(config.routes), junk=len(routing.junk.numbers))

    def _routing(self, config: Config) -> Routing:
        routing = routing_of(config)
        for line in routing.junk.unread:
            self._announce("junk list line skipped", line=line)
        return routing

    def _differs(self, config: Config) -> bool:
        same = {name: getattr(self.config, name) for name in RELOADED}
        return config.model_copy(update=same) != self.config
