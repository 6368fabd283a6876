"""Programs that take a fax on their standard input: a command of the administrator's, or `lp`.

Never through a shell. Facts are in the environment as FAX_CALLER, FAX_PAGES and so on; nothing that
a caller supplied becomes an argument. Status 0 takes the fax over, any other is tried again with
what the program said last. One that takes too long is killed with all that it started.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from gateway.config.receiving import CommandTarget, PrinterTarget
from gateway.mailout.transport import TemporaryFailure
from gateway.onramp.targets.parcel import Parcel
from gateway.said import counted, said
from gateway.words import printable

SAID: Final = 4000  # octets of standard error that are kept


class Command:
    """Runs one program with fixed arguments."""

    def __init__(self, settings: CommandTarget) -> None:
        self._settings = settings

    async def deliver(self, parcel: Parcel) -> None:
        """Run it with the PDF on its standard input."""
        pdf = await asyncio.to_thread(parcel.pdf)
        seconds = self._settings.timeout.total_seconds()
        await _run(self._settings.argv, pdf, environment(parcel), seconds)


class Printer:
    """Prints on a CUPS queue."""

    def __init__(self, settings: PrinterTarget) -> None:
        self._settings = settings

    async def deliver(self, parcel: Parcel) -> None:
        """Hand the PDF to `lp`, which keeps it from then on."""
        options = [word for option in self._settings.options for word in ("-o", option)]
        title = ("-t", f"fax {parcel.fax.id}")
        argv = ("lp", "-s", "-d", self._settings.queue, *options, *title, "--", "-")
        pdf = await asyncio.to_thread(parcel.pdf)
        await _run(argv, pdf, {}, self._settings.timeout.total_seconds())


def environment(parcel: Parcel) -> dict[str, str]:
    """The facts as FAX_ variables; yes and no are 1 and 0, numbers of pages are words."""
    facts = parcel.facts().items()
    return {f"FAX_{key.upper()}": _said(value) for key, value in facts}


def _said(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


async def _run(argv: Sequence[str], stdin: bytes, facts: Mapping[str, str], seconds: float) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **facts},
            start_new_session=True,  # a group of its own, to be killed as one
        )
    except OSError as error:
        raise TemporaryFailure(f"{argv[0]}: {error.strerror or error}") from error
    try:
        async with asyncio.timeout(seconds):
            heard = await _spoken(process, stdin)
    except TimeoutError as error:
        time = counted(round(seconds), "second")
        reason = said("{program} took longer than {time}", program=argv[0], time=time)
        raise TemporaryFailure(reason) from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.returncode:
        last = printable(heard.decode("utf-8", "replace"), 200)
        status = process.returncode
        raise TemporaryFailure(
            said("{program} ended with {status}: {last}", program=argv[0], status=status, last=last)
        )


async def _spoken(process: asyncio.subprocess.Process, stdin: bytes) -> bytes:
    """Feed it, hear the end of what it says, and wait for its end."""
    assert process.stdin is not None
    assert process.stderr is not None
    heard, feeding = b"", asyncio.ensure_future(_fed(process.stdin, stdin))
    try:
        while chunk := await process.stderr.read(SAID):
            heard = (heard + chunk)[-SAID:]
        await feeding
        await process.wait()
    finally:
        feeding.cancel()
    return heard


async def _fed(pipe: asyncio.StreamWriter, octets: bytes) -> None:
    """A program need not read all of it."""
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(octets)
        await pipe.drain()
    pipe.close()
