"""Our end of a dialogue: the engine on a line, as the file asks for it."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from modems.t30.call import Call
from modems.t30.dis import CORRECTING
from modems.t30.line import Line
from modems.t30.quality import CopyQuality
from modems.t30.receive import Receiver
from modems.t30.send import Sender
from modems.t30.trace import Trace
from modems.terminal import CallReport, Identity, Offer, PageShape
from tests.modems.t30.dialogue import Dialogue
from tests.modems.t30.pages import Sink, Source


@dataclass
class Engine:
    """One call to be held: `work` is its procedure."""

    source: Source
    sink: Sink
    work: Coroutine[Any, Any, CallReport]


def engine(dialogue: Dialogue, line: Line) -> Engine:
    """The call of a dialogue over a line that is connected."""
    subaddress, password, selective = [*dialogue.identity, "", "", ""][:3]
    me = Identity("+48221000001", subaddress, password, selective)
    sending = bool(dialogue.sends)
    call = Call(line, Trace(line.now), CORRECTING, me, calling=dialogue.calling, sending=sending)
    out = dialogue.sends or dialogue.offers
    source = Source([PageShape(1728, int(11.69 * vr.dpi[1]), vr) for vr in out], dialogue.octets)
    sink = Sink(dialogue.rows, keeps=not dialogue.full, storing=dialogue.storing)
    offer = Offer(source, *dialogue.offer) if dialogue.offer else None
    procedure = (
        Sender(call, source).procedure
        if sending
        else Receiver(call, sink, CopyQuality(), offer).procedure
    )
    return Engine(source, sink, call.carry_out(procedure))


def check(dialogue: Dialogue, report: CallReport) -> None:
    """The call has ended as the dialogue says."""
    trace = "\n".join(map(str, report.trace))
    assert (report.status, report.cause) == (dialogue.status, dialogue.cause), trace
    assert report.subaddress == dialogue.subaddress
    assert report.remote_machine == dialogue.machine
    assert [page.verdict.name for page in report.pages] == dialogue.verdicts, trace
