"""`faxgate line send|receive|probe`: one modem by hand, without a gateway.

For whoever sets up or tests a modem: the same driver, engine and renderer as in the gateway, on the
device that is named, under its UUCP lock (`line_call`). Here is what may be said on the command
line, and what is wrong with it where it may not.

Exit status: 0 when every call went well (probe: the modem works), 1 when one did not or the modem
failed, 2 for a mistake on the command line or a file that cannot be sent, 130 and 143 when
Control-C or SIGTERM broke it off.
"""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.cli.common import AsJson, app
from gateway.cli.line_call import LineCalls, supervised
from gateway.cli.line_probe import found, shown
from gateway.config.model import Class1Modem, DialRule
from gateway.config.pages import Header
from gateway.lines import DIALLABLE
from gateway.offramp.header import Sending
from modems.terminal import Identity

STATUSES = (
    "Exit status: 0 all went well; 1 a call failed, or the modem does; 2 wrong option, number or "
    "file; 130 or 143 broken off by Control-C or SIGTERM, after hanging up."
)
commands = typer.Typer(
    help="Send, receive or probe on one modem, without a gateway.", no_args_is_help=True
)
app.add_typer(commands, name="line")

LONGEST_NAME = 20  # characters of CSI, SUB, PWD and their like (T.30 5.3.6.2.4)
PUNCTUATION = frozenset("+-./() ")  # of numbers as people write them
AS_IT_IS = (DialRule(prefix="+", dial="00"),)


def _number(value: str) -> str:
    """A number that a modem can dial."""
    wrong = sorted(set(value.upper()) - DIALLABLE - PUNCTUATION)
    if wrong or not re.search(r"[0-9*#]", value):
        why = f"{wrong[0]!r} cannot be dialled" if wrong else "there is no digit in it"
        raise typer.BadParameter(f"{value!r} is no telephone number: {why}")
    return value


def _name(value: str) -> str:
    """What fits a frame of 20 characters."""
    if len(value) > LONGEST_NAME or not (value.isascii() and (value.isprintable() or not value)):
        raise typer.BadParameter(f"at most {LONGEST_NAME} characters: digits, spaces, +, * and #")
    return value


def _directory(value: Path | None) -> Path | None:
    """A directory that is there, or can be made, and takes files."""
    if value is not None:
        try:
            value.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(f"{value}: {error.strerror}") from error
        if not os.access(value, os.W_OK | os.X_OK):
            raise typer.BadParameter(f"{value} may not be written by this user")
    return value


Device = Annotated[str, typer.Option(help="Serial device or pty of the modem.")]
Ident = Annotated[
    str, typer.Option(callback=_name, help="What we say of ourselves: CSI, TSI or CIG.")
]
NoEcm = Annotated[bool, typer.Option("--no-ecm", help="Do without error correction.")]
MaxRate = Annotated[int, typer.Option(min=2400, help="Highest bit rate.")]
Coding = Annotated[
    Literal["mh", "mr", "mmr"] | None,
    typer.Option(help="This coding where the far end has it; else the one that is shortest."),
]
Password = Annotated[
    str, typer.Option(callback=_name, help="SID to send, PWD to poll or to be polled.")
]
Out = Annotated[Path, typer.Option(callback=_directory, help="Directory for the received faxes.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what is said to the modem.")]


@commands.command(epilog=STATUSES)
def send(
    device: Device,
    number: Annotated[
        str, typer.Option(callback=_number, help="The number to dial; , waits, W for a tone.")
    ],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Documents, one after the other in one call.")
    ] = None,
    ident: Ident = "",
    no_ecm: NoEcm = False,
    max_rate: MaxRate = 14400,
    coding: Coding = None,
    poll: Annotated[bool, typer.Option("--poll", help="Fetch a document instead.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(callback=_directory, help="Directory for what is fetched."),
    ] = None,
    password: Password = "",
    subaddress: Annotated[str, typer.Option(callback=_name, help="SUB, or SEP to poll.")] = "",
    header: Annotated[
        str | None, typer.Option(help="Draw the gateway's header line, with this sender's name.")
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make one call, and print its report."""
    if poll == bool(files) or (poll and out is None):
        raise typer.BadParameter("give FILEs to send, or --poll and --out to fetch a document")
    _log(verbose=verbose)
    modem = Class1Modem(device=device, max_rate=max_rate, ecm=not no_ecm, dial=AS_IT_IS)
    calls = LineCalls(modem, coding, as_json=as_json)
    if out is not None and poll:
        me = Identity(ident, password=password, selective=subaddress)
        status = supervised(calls.poll(number, out, me))
    else:
        me = Identity(ident, subaddress=subaddress, password=password)
        top = None if header is None else Sending(Header(), header, ident, number)
        status = supervised(calls.send(number, files or [], me, top))
    raise typer.Exit(status)


@commands.command(epilog=STATUSES)
def receive(
    device: Device,
    out: Out,
    rings: Annotated[int, typer.Option(min=1, max=20, help="Answer at this ring.")] = 1,
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
    _log(verbose=verbose)
    modem = Class1Modem(device=device, max_rate=max_rate, ecm=not no_ecm, rings=rings)
    calls = LineCalls(modem, coding, at_once=now, as_json=as_json)
    limit = count or int(now)
    raise typer.Exit(supervised(calls.receive(out, Identity(ident), offer, password, limit)))


@commands.command(epilog=STATUSES)
def probe(device: Device, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Say what modem it is, its classes and carriers, and whether it works."""
    _log(verbose=verbose)
    what: dict[str, object] = {}
    status = supervised(found(device, what))
    if as_json:
        print(json.dumps(what, ensure_ascii=False))
    else:
        print("\n".join(shown(what)))
    raise typer.Exit(status)


def _log(*, verbose: bool) -> None:
    """On stderr: all that is said with `verbose`, else nothing, since the report says it."""
    if verbose:
        logging.basicConfig(level=logging.DEBUG, format="%(relativeCreated)9.0f %(message)s")
        for loud in ("asyncio", "PIL"):
            logging.getLogger(loud).setLevel(logging.WARNING)
    else:
        logging.getLogger("modems").addHandler(logging.NullHandler())
