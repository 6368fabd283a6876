"""The lines of the configuration as terminals: the one place of the gateway that names drivers.

Lines that name the same exchange can call each other; an exchange has one clock, so its lines must
agree on its speed (`gateway.config.rules` holds that).
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.config.model import SimulatedLine
from modems.line_terminal import LineTerminal
from modems.pool_line import PoolLine
from modems.simulated import Exchange, Fault, SimulatedDialler
from modems.t30.dis import Capabilities


def build_lines(lines: Iterable[SimulatedLine]) -> list[PoolLine]:
    """One pool line for each configured line, in order."""
    exchanges: dict[str, Exchange] = {}
    return [_simulated(line, exchanges) for line in lines]


def _simulated(line: SimulatedLine, exchanges: dict[str, Exchange]) -> PoolLine:
    exchange = exchanges.setdefault(line.exchange, Exchange(speed=line.speed))
    faults = [Fault(**fault.model_dump()) for fault in line.faults]
    dialler = SimulatedDialler(exchange, line.number, faults=faults)
    terminal = LineTerminal(dialler, Capabilities().up_to(line.max_rate), clock=dialler.now)
    return PoolLine(
        line.name,
        terminal,
        number=line.number,
        identity=line.identity,
        sends="send" in line.use,
        receives="receive" in line.use,
    )
