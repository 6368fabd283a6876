"""What happens in the gateway, told once: to the log, and to whoever watches.

`announce` writes one structured log line and hands the same event to every watcher. It never
waits: a watcher that reads too slowly loses its oldest events, never the gateway's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

BACKLOG = 1000  # events kept for a watcher that is slow to read

Event = dict[str, object]


class Events:
    """The gateway's one place to say what it does. Used from the event loop only."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("faxgate")
        self._watchers: set[asyncio.Queue[Event]] = set()

    def announce(self, event: str, **fields: object) -> None:
        """Log `event` with its fields, and tell every watcher. Fields are JSON values."""
        self._log.info(event, **fields)
        self._tell(event, fields)

    def alarm(self, event: str, **fields: object) -> None:
        """The same for what somebody must do something about: an error in the log."""
        self._log.error(event, **fields)
        self._tell(event, fields)

    def _tell(self, event: str, fields: Event) -> None:
        told = {"event": event, "at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        for queue in self._watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(told | fields)

    @contextmanager
    def watch(self) -> Iterator[asyncio.Queue[Event]]:
        """A queue of the events from now on."""
        queue: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)
