"""Every dialogue file, over the scripted line."""

from __future__ import annotations

from pathlib import Path

import pytest

from modems.t30.call import Call
from modems.t30.dis import CORRECTING
from modems.t30.quality import CopyQuality
from modems.t30.receive import Receiver
from modems.t30.send import Sender
from modems.t30.trace import Trace
from modems.terminal import CallReport, Identity, Offer, PageShape
from tests.modems.t30.dialogue import Dialogue, read
from tests.modems.t30.pages import Sink, Source
from tests.modems.t30.scripted import ScriptedLine, finish

FILES = sorted((Path(__file__).parents[2] / "dialogues").glob("*.t30"))


def hold(dialogue: Dialogue) -> tuple[ScriptedLine, CallReport, Source, Sink]:
    """Hold the call of a dialogue."""
    sending = bool(dialogue.sends)
    calling = sending or dialogue.polls
    line = ScriptedLine(dialogue.steps, x=not calling)
    me = Identity("+48221000001", *dialogue.identity)
    call = Call(line, Trace(line.now), CORRECTING, me, calling=calling, sending=sending)
    out = dialogue.sends or dialogue.offers
    source = Source([PageShape(1728, int(11.69 * vr.dpi[1]), vr) for vr in out])
    sink = Sink(dialogue.rows, keeps=not dialogue.full, storing=dialogue.storing)
    sink.on_waiting = lambda seconds: setattr(line, "clock", line.clock + seconds)
    offer = Offer(source, *dialogue.offer) if dialogue.offer else None
    procedure = (
        Sender(call, source).procedure
        if sending
        else Receiver(call, sink, CopyQuality(), offer).procedure
    )
    return line, finish(call.carry_out(procedure)), source, sink


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialogue(path: Path) -> None:
    """A call goes as its dialogue file says, to the report that it says."""
    dialogue = read(path)
    assert dialogue.rule
    assert dialogue.cause

    line, report, _, _ = hold(dialogue)

    trace = "\n".join(map(str, report.trace))
    left = [step.text for step in dialogue.steps[line.at :] if step.text != "hangs up"]
    assert (left, report.status, report.cause) == ([], dialogue.status, dialogue.cause), trace
    assert report.subaddress == dialogue.subaddress
    assert [page.verdict.name for page in report.pages] == dialogue.verdicts, trace


def test_dialogue_files_are_found() -> None:
    """The dialogues are where this test looks for them."""
    assert len(FILES) > 30
