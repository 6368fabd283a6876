"""The lines of the configuration as terminals: the one place of the gateway that names drivers.

Lines that name the same exchange can call each other; an exchange has one clock, so its lines must
agree on its speed (`gateway.config.rules` holds that).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial

from gateway.config import pages as config
from gateway.config.model import AnyLine, Class1Line, Class1Modem, SimulatedLine
from modems.at import ModemFailure
from modems.class1 import Answering, Class1Dialler, ModemSettings, Numbering, SerialModem
from modems.class1.dialler import DIALLABLE
from modems.dialler import IncomingCall
from modems.line_terminal import LineTerminal
from modems.pool_line import PoolLine
from modems.session import DF, EC
from modems.simulated import Exchange, Fault, SimulatedDialler
from modems.t30.dis import CORRECTING, Capabilities
from modems.t30.memory import Memory, Notebook
from modems.t30.quality import CopyQuality

__all__ = ["DIALLABLE", "ModemFailure", "build_lines", "class1_modem", "class1_terminal"]

RingsOf = Callable[[IncomingCall], int]
Rings = Callable[[AnyLine, IncomingCall], int]

CODINGS = {"mh": {DF.MH}, "mr": {DF.MH, DF.MR}, "mmr": set(DF)}


def build_lines(
    lines: Iterable[AnyLine],
    notebook: Notebook | None = None,
    quality: config.CopyQuality | None = None,
    rings: Rings | None = None,
) -> list[PoolLine]:
    """One pool line for each configured line, in order.

    `notebook` keeps what is learned of the numbers that are called; `quality` says when a page that
    comes in is good enough; `rings` at which ring a line, by its name, answers a call.
    """
    at_ring = rings or (lambda line, _: line.rings)
    judge = CopyQuality(**quality.model_dump()) if quality else None
    exchanges: dict[str, Exchange] = {}
    memory = Memory(time.time, notebook)  # one for all: a number behaves alike on every line
    return [
        _pool_line(line, _simulated(line, exchanges, memory, judge, partial(at_ring, line)))
        if isinstance(line, SimulatedLine)
        else _class1(line, memory, judge, partial(at_ring, line))
        for line in lines
    ]


def _class1(
    line: Class1Line, memory: Memory, judge: CopyQuality | None, rings: RingsOf
) -> PoolLine:
    modem = class1_modem(line)
    terminal = class1_terminal(line, modem, memory=memory, quality=judge, rings=rings)
    return _pool_line(line, terminal, modem.close)


def _pool_line(
    line: AnyLine, terminal: LineTerminal, close: Callable[[], Awaitable[None]] | None = None
) -> PoolLine:
    return PoolLine(
        line.name,
        terminal,
        number=line.number,
        identity=line.identity,
        sender=line.sender,
        sends="send" in line.use,
        receives="receive" in line.use,
        close=close,
    )


def _simulated(
    line: SimulatedLine,
    exchanges: dict[str, Exchange],
    memory: Memory,
    quality: CopyQuality | None,
    rings: RingsOf,
) -> LineTerminal:
    exchange = exchanges.setdefault(line.exchange, Exchange(speed=line.speed))
    faults = [Fault(**fault.model_dump()) for fault in line.faults]
    dialler = SimulatedDialler(exchange, line.number, faults=faults, rings=rings, dtmf=line.dtmf)
    can = CORRECTING if line.ecm else Capabilities()
    can = can.up_to(line.max_rate)
    return LineTerminal(dialler, can, quality=quality, memory=memory, clock=dialler.now)


def class1_terminal(
    line: Class1Modem,
    modem: SerialModem | None = None,
    *,
    coding: str = "mmr",
    at_once: bool = False,
    memory: Memory | None = None,
    quality: CopyQuality | None = None,
    rings: RingsOf | None = None,
) -> LineTerminal:
    """The terminal of a Class 1 modem, with codings up to `coding`: mh, mr or mmr.

    `modem` is the line's own where somebody else wants it too; `at_once`: it answers without
    waiting for a ring; `rings`: at which ring it answers each call, if not at its own.
    """
    numbering = Numbering(tuple((rule.prefix, rule.dial) for rule in line.dial), line.pulse)
    answering = Answering(line.rings, at_once, line.adaptive, dict(line.distinctive), rings)
    dialler = Class1Dialler(modem or class1_modem(line), numbering, answering)
    can = replace(
        CORRECTING,
        codings=frozenset(CODINGS[coding]),
        ec=CORRECTING.ec if line.ecm else EC.OFF,
    )
    can = can.up_to(line.max_rate)
    return LineTerminal(dialler, can, quality=quality, memory=memory, clock=dialler.now)


def class1_modem(line: Class1Modem) -> SerialModem:
    """The modem of a line, not yet opened."""
    return SerialModem(ModemSettings(line.device, line.baud, line.flow, line.init, line.caller_id))
