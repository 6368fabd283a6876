"""The routes in force, while somebody edits the files."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway.config.load import load
from gateway.onramp.routes import Routes

CONFIG = """\
domain: fax.localhost
state: {state}
lines: [{{name: a, number: "+48222000002", use: [receive]}}]
routes: [{{deliver: [{to}]}}]
mail: {{sender: fax@fax.localhost, transport: {{type: maildir, directory: {state}/mail}}}}
"""


class Edited:
    """A configuration that is edited; `told` is what the log was told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gateway.yaml"
        self._folder = folder
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.news = asyncio.Event()
        self.write("first@example.org")
        self.routes = Routes(load(self.path), self.path, self._announce)

    def _announce(self, event: str, **about: Any) -> None:
        self.told.append((event, about))
        self.news.set()

    def write(self, to: str, **changed: str) -> None:
        """The file, with the faxes for `to`."""
        text = CONFIG.format(state=self._folder, to=to)
        for old, new in changed.items():
            text = text.replace(old, new)
        self.path.write_text(text)

    async def until(self, to: str) -> None:
        """Write it until that is heard of; the watch may not have begun yet."""
        while self.goes_to() != (to,):
            self.write(to)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), 1.0)
            self.news.clear()

    def goes_to(self) -> tuple[str, ...]:
        """Where the only route delivers."""
        return self.routes.now.routes[0].deliver


async def test_a_change_counts_and_a_wrong_one_changes_nothing(tmp_path: Path) -> None:
    """The log says where the mistake is; the routes stay as they were."""
    edited = Edited(tmp_path)
    edited.write("second@example.org")
    await edited.routes.reload()
    edited.write("nobody")
    await edited.routes.reload()

    assert edited.goes_to() == ("second@example.org",)
    assert [event for event, _ in edited.told] == ["routes loaded", "routes kept"]
    assert f"{edited.path}:4:" in edited.told[1][1]["why"]


async def test_what_needs_a_restart_is_told(tmp_path: Path) -> None:
    """Routes and targets count at once, nothing else does."""
    edited = Edited(tmp_path)
    edited.write("first@example.org", localhost="example.net")
    await edited.routes.reload()

    assert [event for event, _ in edited.told] == ["restart needed", "routes loaded"]


async def test_a_link_is_watched_with_what_it_points_to(tmp_path: Path) -> None:
    """Whether the file behind it is edited, or it is pointed to another."""
    (tmp_path / "real").mkdir()
    edited = Edited(tmp_path / "real")
    link = tmp_path / "gateway.yaml"
    link.symlink_to(edited.path)
    routes = edited.routes = Routes(load(link), link, edited._announce)
    watching = asyncio.create_task(routes.run())
    try:
        await edited.until("second@example.org")
        edited.path = edited.path.with_name("other.yaml")
        edited.write("third@example.org")
        link.unlink()
        link.symlink_to(edited.path)
        await edited.until("fourth@example.org")
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
