"""Every dialogue file, over the scripted line."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dialogue_says_what_it_shows(path: Path) -> None:
    """Each file begins with its rule in one sentence, and ends with a cause in another."""
    dialogue = read(path)

    assert dialogue.rule.endswith(".")
    assert dialogue.cause.endswith(".")
