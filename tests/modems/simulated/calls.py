"""Whole calls for tests: two fax terminals over an exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modems.line_terminal import LineTerminal
from modems.simulated import Exchange, Fault
from modems.t30.dis import Capabilities
from modems.terminal import CallReport, Identity
from tests.modems.documents import Charts, Keeper, Page
from tests.modems.simulated.telephones import CALLED, CALLING, two_lines

OURS = Identity("+48 22 100 00 01")
THEIRS = Identity("+48 22 200 00 02")


@dataclass(frozen=True)
class Fax:
    """Both sides of one call."""

    source: Charts
    sent: CallReport
    sink: Keeper
    received: CallReport


async def fax(
    exchange: Exchange,
    pages: Sequence[Page],
    faults: Iterable[Fault] = (),
    *,
    calling: Capabilities | None = None,
    called: Capabilities | None = None,
) -> Fax:
    """Send `pages` from one terminal to another; the faults are the called line's."""
    lines = two_lines(exchange, faults)
    ours = LineTerminal(lines[0], calling, clock=lines[0].now)
    theirs = LineTerminal(lines[1], called, clock=lines[1].now)
    source, sink = Charts(pages), Keeper()

    async def answer() -> CallReport:
        return await theirs.receive(await theirs.wait_for_call(), sink, THEIRS)

    sent, received = await asyncio.gather(ours.send(CALLED, source, OURS), answer())
    assert not any(line.engaged for line in lines)
    return Fax(source, sent, sink, received)


__all__ = ["CALLED", "CALLING", "OURS", "THEIRS", "Fax", "fax"]
