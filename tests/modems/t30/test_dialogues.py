"""Every dialogue file, over the scripted line."""

from __future__ import annotations

from pathlib import Path

import pytest

from modems.t30 import timers
from tests.modems.t30.dialogue import FILES, read
from tests.modems.t30.engine import check, engine
from tests.modems.t30.scripted import ScriptedLine, finish


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialogue(path: Path) -> None:
    """A call goes as its dialogue file says, to the report that it says."""
    dialogue = read(path)
    line = ScriptedLine(dialogue.steps, x=not dialogue.calling)
    ours = engine(dialogue, line)
    ours.sink.on_waiting = lambda seconds: setattr(line, "clock", line.clock + seconds)

    report = finish(ours.work)

    check(dialogue, report)
    left = [step.text for step in dialogue.steps[line.at :] if step.text != "hangs up"]
    assert left == []


@pytest.mark.parametrize("name", ["receive-coding-not-offered", "receive-endless-training"])
def test_a_refusal_waits_for_the_training_to_end(name: str) -> None:
    """DCN after a DCS goes out when its TCF has gone by, or the caller would not hear it."""
    dialogue = read(next(path for path in FILES if path.stem == name))
    report = finish(engine(dialogue, ScriptedLine(dialogue.steps, x=True)).work)

    heard = [entry.seconds for entry in report.trace if entry.text.startswith("DCS")]
    said = next(entry.seconds for entry in report.trace if entry.text == "DCN")
    v21 = 1.2  # seconds of preamble and DCN, at least
    assert said - heard[-1] - v21 > timers.TURN + timers.LONGEST_TRAINING + timers.TCF


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dialogue_says_what_it_shows(path: Path) -> None:
    """Each file begins with its rule in one sentence, and ends with a cause in another."""
    dialogue = read(path)

    assert dialogue.rule.endswith(".")
    assert dialogue.cause.endswith(".")
