"""`faxgate serve`: the gateway itself."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, Processor

from gateway.app import AlreadyRunning, Gateway
from gateway.cli.common import DEFAULT_CONFIG, ConfigPath, app, fail, read_config
from gateway.store import StoreUnavailable, UnusableDatabase

INFO = 6  # syslog(3)
PRIORITIES = {"critical": 2, "exception": 3, "error": 3, "warning": 4, "info": INFO}


@app.command("serve")
def serve(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the gateway until SIGTERM or SIGINT; calls in progress are finished first."""
    settings = read_config(config)
    log_to_stderr()
    try:
        asyncio.run(Gateway(settings, config).run())
    except (AlreadyRunning, UnusableDatabase, StoreUnavailable, OSError) as error:
        fail(f"faxgate: {error}")


class Unfailing:
    """A stream for logs: a full disk behind it costs lines of the log, never a fax."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, or not."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Flush, or not."""
        with suppress(OSError):
            self._stream.flush()


class Telling(logging.Handler):
    """Libraries and the modems log by Python's own means: their lines look as ours do."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one record on."""
        log = structlog.get_logger()
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)


def log_to_stderr() -> None:
    """One line an event, key=value; colours only for a person."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.add_log_level,
            *_rendering(for_people=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Unfailing(sys.stderr))),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    logging.basicConfig(handlers=[Telling()], level=logging.WARNING, force=True)


def _rendering(*, for_people: bool) -> Iterator[Processor]:
    """The end of the chain; what was raised, and where, is a field of its line."""
    if for_people:
        yield structlog.dev.ConsoleRenderer(pad_event_to=24)
        return
    yield structlog.processors.format_exc_info
    yield structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "event"], bool_as_flag=False
    )
    if is_journal(sys.stderr, os.environ):
        yield with_priority


def is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether what is written there goes to systemd's journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        place = os.fstat(stream.fileno())
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM") == f"{place.st_dev}:{place.st_ino}"


def with_priority(_: object, level: str, line: EventDict | str) -> str:
    """The line as the journal wants it, so that `journalctl -p err` finds errors (sd-daemon(3))."""
    return f"<{PRIORITIES.get(level, INFO)}>{line}"
