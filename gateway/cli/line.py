"""`faxgate line send|receive|probe`: one modem by hand, without a gateway.

For whoever sets up or tests a modem: the same driver, engine and renderer as in the gateway, on the
device that is named, under its UUCP lock. SIGTERM and Control-C hang up before they end it.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gateway.cli.common import AsJson, app, fail, run
from gateway.cli.fax_files import FilePages, NotSent, TiffSink, read_files
from gateway.cli.report_text import fields, summary
from gateway.config.model import Class1Modem, DialRule
from gateway.config.pages import Header
from gateway.lines import ModemFailure, class1_modem, class1_terminal
from gateway.offramp.header import Sending
from modems.modem_setup import carriers
from modems.terminal import CallReport, Identity, Observer, Offer, TraceEntry

commands = typer.Typer(
    help="Send, receive or probe on one modem, without a gateway.", no_args_is_help=True
)
app.add_typer(commands, name="line")

Device = Annotated[str, typer.Option(help="Serial device or pty of the modem.")]
Ident = Annotated[str, typer.Option(help="What we say of ourselves: CSI, TSI or CIG.")]
NoEcm = Annotated[bool, typer.Option("--no-ecm", help="Do without error correction.")]
MaxRate = Annotated[int, typer.Option(help="Highest bit rate.")]
Coding = Annotated[
    Literal["mh", "mr", "mmr"] | None,
    typer.Option(help="This coding where the far end has it; else the one that is shortest."),
]
Password = Annotated[str, typer.Option(help="SID to send, PWD to poll or to be polled.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what is said to the modem.")]
AS_IT_IS = (DialRule(prefix="+", dial="00"),)


@commands.command()
def send(
    device: Device,
    number: Annotated[str, typer.Option(help="The number to dial.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Documents, one after the other in one call.")
    ] = None,
    ident: Ident = "",
    no_ecm: NoEcm = False,
    max_rate: MaxRate = 14400,
    coding: Coding = None,
    poll: Annotated[bool, typer.Option("--poll", help="Fetch a document instead.")] = False,
    out: Annotated[Path | None, typer.Option(help="Directory for what is fetched.")] = None,
    password: Password = "",
    subaddress: Annotated[str, typer.Option(help="SUB, or SEP to poll.")] = "",
    header: Annotated[
        str | None, typer.Option(help="Draw the gateway's header line, with this sender's name.")
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make one call, and print its report."""
    if poll == bool(files) or (poll and out is None):
        raise typer.BadParameter("give FILEs to send, or --poll and --out to fetch a document")
    modem = Class1Modem(device=device, max_rate=max_rate, ecm=not no_ecm, dial=AS_IT_IS)
    line = _Line(modem, coding, as_json=as_json, verbose=verbose)
    if out is not None and poll:
        me = Identity(ident, password=password, selective=subaddress)
        succeeded = _supervised(line.poll(number, out, me))
    else:
        me = Identity(ident, subaddress=subaddress, password=password)
        top = None if header is None else Sending(Header(), header, ident, number)
        succeeded = _supervised(line.send(number, files or [], me, top))
    raise typer.Exit(not succeeded)


@commands.command()
def receive(
    device: Device,
    out: Annotated[Path, typer.Option(help="Directory for the received faxes.")],
    rings: Annotated[int, typer.Option(min=1, help="Answer at this ring.")] = 1,
    now: Annotated[bool, typer.Option("--now", help="Answer at once, without a ring.")] = False,
    ident: Ident = "",
    no_ecm: NoEcm = False,
    max_rate: MaxRate = 14400,
    coding: Coding = None,
    offer: Annotated[Path | None, typer.Option(help="A document for callers that poll.")] = None,
    password: Password = "",
    count: Annotated[
        int, typer.Option(min=0, help="End after so many calls; 0: never, but with --now after 1.")
    ] = 0,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Answer calls, write each fax as TIFF-F, and print a report each."""
    modem = Class1Modem(device=device, max_rate=max_rate, ecm=not no_ecm, rings=rings)
    line = _Line(modem, coding, at_once=now, as_json=as_json, verbose=verbose)
    calls = count or int(now)
    raise typer.Exit(not _supervised(line.receive(out, Identity(ident), offer, password, calls)))


@commands.command()
def probe(device: Device, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Say what modem it is, its classes, and whether it works."""
    _log(verbose=verbose)
    found = _supervised(_probe(device))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            print(f"{name.replace('_', ' '):14}{_plain(value)}")
    raise typer.Exit(not found["works"])


class _Line:
    """One modem and how its calls are told of."""

    def __init__(
        self,
        modem: Class1Modem,
        coding: str | None,
        *,
        at_once: bool = False,
        as_json: bool,
        verbose: bool,
    ) -> None:
        _log(verbose=verbose)
        self._modem = class1_modem(modem)
        self._terminal = class1_terminal(
            modem, self._modem, coding=coding or "mmr", at_once=at_once
        )
        self._shortest = coding is None
        self._as_json = as_json

    async def send(
        self, number: str, files: list[Path], me: Identity, header: Sending | None
    ) -> bool:
        """Send files; whether all was confirmed."""
        pages = await self._pages(files, header)
        try:
            report = await self._terminal.send(number, pages, me, self._observer())
        finally:
            await self._modem.close()
        return self._tell(report)

    async def poll(self, number: str, out: Path, me: Identity) -> bool:
        """Fetch a document into `out`; whether all of it came."""
        sink = _sink(out)
        try:
            report = await self._terminal.poll(number, sink, me, self._observer())
        finally:
            await self._modem.close()
        return self._tell(report, sink)

    async def receive(
        self, out: Path, me: Identity, offer: Path | None, password: str, count: int
    ) -> bool:
        """Answer calls; whether the last went well."""
        offered = Offer(await self._pages([offer]), password) if offer else None
        calls, went_well = 0, True
        try:
            while not count or calls < count:
                call = await self._terminal.wait_for_call()
                sink = _sink(out)
                observer = self._observer()
                report = await self._terminal.receive(call, sink, me, observer, offered)
                went_well = self._tell(report, sink)
                calls += 1
        except ModemFailure as failure:
            fail(str(failure))
        finally:
            await self._modem.close()
        return went_well

    async def _pages(self, files: list[Path], header: Sending | None = None) -> FilePages:
        try:
            return FilePages(await read_files(files), shortest=self._shortest, header=header)
        except NotSent as finding:
            fail(str(finding))

    def _observer(self) -> Observer | None:
        return None if self._as_json else _show

    def _tell(self, report: CallReport, sink: TiffSink | None = None) -> bool:
        path = str(sink.path) if sink is not None and sink.written else None
        if self._as_json:
            print(json.dumps(fields(report, path), ensure_ascii=False), flush=True)
        else:
            print("\n".join(summary(report, path)), flush=True)
        return report.succeeded


async def _probe(device: str) -> dict[str, object]:
    """What there is to know of a modem."""
    modem = class1_modem(Class1Modem(device=device))
    found: dict[str, object] = {"device": device, "works": False}
    try:
        dialogue = await modem.ready()
        identity = modem.identity
        found |= {
            "manufacturer": identity.manufacturer,
            "model": identity.model,
            "revision": identity.revision,
            "classes": sorted(identity.classes),
            "driven_as": identity.fax_class,
            "treated_as": identity.quirks.name,
        }
        await modem.set_class(dialogue)
        found |= await carriers(dialogue)
        found["works"] = bool(identity.fax_class)
        found["problem"] = "" if identity.fax_class else "it is no Class 1 modem"
    except ModemFailure as failure:
        found["problem"] = str(failure)
    finally:
        await modem.close()
    return found


def _supervised(work: Coroutine[object, object, Any]) -> Any:
    """Run to the end; SIGTERM cancels, and so hangs up, as Control-C does."""

    async def supervised() -> Any:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return run(supervised())
    except (asyncio.CancelledError, KeyboardInterrupt):
        fail("Interrupted; the line was hung up.")


def _sink(directory: Path) -> TiffSink:
    """A new file in `directory`, named after the moment."""
    directory.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    return TiffSink(directory / f"fax-{stamp}.tif")


def _show(entry: TraceEntry) -> None:
    print(entry, flush=True)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _log(*, verbose: bool) -> None:
    if verbose:
        import logging

        logging.basicConfig(level=logging.DEBUG, format="%(relativeCreated)9.0f %(message)s")
        for loud in ("asyncio", "PIL"):
            logging.getLogger(loud).setLevel(logging.WARNING)
