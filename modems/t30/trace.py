"""The trace of a call: each frame with its meaning, and what was decided, as it happens.

It is what the operator watches, the receipt quotes and tests compare, so its words are stable. A
far end that talks without end cannot fill the memory: after `LONGEST` entries the rest is counted.

Wording only; the octets are read by `dis` and `frames`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from modems.session import EC
from modems.t30.dis import Agreement, Capabilities, read_dcs, read_dis
from modems.t30.ecm import PPS, read_map, read_pps
from modems.t30.fcf import FCF
from modems.t30.frames import Message, text
from modems.t30.line import Modulation
from modems.t30.nsf import machine
from modems.t30.table2 import FINE_ABOVE
from modems.terminal import Observer, TraceEntry, TraceKind

LONGEST: Final = 5000  # entries: an honest call needs about 10, and 5 more for each page

_NAMED: Final = frozenset(
    (FCF.CSI, FCF.CIG, FCF.TSI, FCF.SUB, FCF.SEP, FCF.PSA, FCF.PWD, FCF.SID),
)
_SECRET: Final = frozenset((FCF.PWD, FCF.SID))
_FACILITIES: Final = frozenset((FCF.NSF, FCF.NSC, FCF.NSS))


class Trace:
    """Collects entries; `clock` gives seconds since the call began."""

    def __init__(self, clock: Callable[[], float], observer: Observer | None = None) -> None:
        self._clock = clock
        self._observer = observer
        self._entries: list[TraceEntry] = []
        self._dropped = 0

    @property
    def entries(self) -> tuple[TraceEntry, ...]:
        """Everything so far; the last entry says how much was left out, if anything was."""
        if not self._dropped:
            return tuple(self._entries)
        rest = TraceEntry(self._clock(), TraceKind.NOTE, f"{self._dropped} entries left out")
        return (*self._entries, rest)

    def sent(self, message: Message) -> None:
        """We have sent this."""
        self._add(TraceKind.SENT, describe(message))

    def received(self, message: Message) -> None:
        """We have heard this."""
        self._add(TraceKind.RECEIVED, describe(message))

    def note(self, text: str) -> None:
        """What was decided, or happened without a frame."""
        self._add(TraceKind.NOTE, text)

    def _add(self, kind: TraceKind, text: str) -> None:
        if len(self._entries) >= LONGEST:
            self._dropped += 1
            return
        entry = TraceEntry(round(self._clock(), 3), kind, text)
        self._entries.append(entry)
        if self._observer is not None:
            self._observer(entry)


def describe(message: Message) -> str:
    """A frame in one line, such as `DCS V.17 14400, MR, 204x196 dpi, A4, 0 ms`."""
    return f"{message.fcf.label} {_meaning(message)}".rstrip()


def modulation_name(modulation: Modulation) -> str:
    """A carrier as people write it, such as V.27ter 4800."""
    family = modulation.name.split("_")[0].replace("V", "V.", 1).replace("TER", "ter")
    return f"{family} {modulation.bit_rate}"


def _meaning(message: Message) -> str:
    fcf, fif = message.fcf, message.fif
    if fcf in {FCF.DIS, FCF.DTC}:
        return _capabilities(read_dis(fif))
    if fcf is FCF.DCS:
        return _agreement(read_dcs(fif))
    if fcf in _SECRET:
        return "(not shown)"
    if fcf in _FACILITIES:
        return machine(fif) or fif[:8].hex(" ")
    if fcf in {FCF.PPS, FCF.EOR}:
        return _block(read_pps(fif))
    if fcf is FCF.PPR:
        return f"{len(read_map(fif))} frames"
    if fcf is FCF.CTC:
        return _agreement(read_dcs(fif)).split(",")[0]
    return text(fif) if fcf in _NAMED else fif[:8].hex(" ")


def _block(pps: PPS | None) -> str:
    if pps is None:
        return "unknown"
    ending = "NULL" if pps.ending is None else pps.ending.label
    if not pps.frames:
        return ending
    return f"{ending}, page {pps.page + 1}, block {pps.block + 1}, {pps.frames} frames"


def _capabilities(can: Capabilities) -> str:
    fastest = max(can.modulations, key=lambda m: (m.bit_rate, m.name))
    dpi = max(vr.dpi[1] for vr in can.resolutions)
    words = [
        modulation_name(fastest),
        "/".join(sorted(df.name for df in can.codings)),
        f"to {dpi} rows/inch",
        can.width.name,
        _scan_time(can),
        *_correction(can.ec),
        *([] if can.receives else ["cannot receive"]),
        *(["has a document"] if can.document_to_poll else []),
    ]
    return ", ".join(words)


def _correction(ec: EC) -> list[str]:
    return {EC.OFF: [], EC.ECM_64: ["ECM 64"], EC.ECM_256: ["ECM"]}[ec]


def _scan_time(can: Capabilities) -> str:
    times = [can.st.milliseconds(fine=fine) for fine in (False, True)]
    return "/".join(str(ms) for ms in dict.fromkeys(times)) + " ms"


def _agreement(agreed: Agreement | None) -> str:
    if agreed is None:
        return "unknown modulation"
    p = agreed.parameters
    x, y = p.vr.dpi
    words = [
        modulation_name(agreed.modulation),
        p.df.name,
        f"{x}x{y} dpi",
        p.wd.name,
        f"{p.st.milliseconds(fine=y > FINE_ABOVE)} ms",
        *_correction(p.ec),
        *([f"unknown bits {sorted(agreed.foreign)}"] if agreed.foreign else []),
    ]
    return ", ".join(words)
