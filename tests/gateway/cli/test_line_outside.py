"""`faxgate line` judged from outside: a process, a pty, and a modem that knows nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.line_call import LineCalls
from gateway.config.model import Class1Modem
from modems.terminal import Identity
from t4codec import compiled
from tests.gateway.cli.pty_modem import Ill, plugged_in
from tests.modems.test_port import MOST, Watch
from tests.peers.paper import document

LONGEST = 60.0  # s, real, of which T.30 and starting take most

# What goes wrong, what the network is said to have answered, and a word of the sentence.
ENDS = {
    Ill.NOTHING: ("connected", "confirmed"),
    Ill.BUSY: ("busy", "busy"),
    Ill.NO_DIALTONE: ("no dial tone", "no dial tone"),
    Ill.BLACKLISTED: ("call refused", "black-listed"),
    Ill.VOICE: ("voice", ""),
    Ill.ERROR: ("our own line failed", "does not work"),
    Ill.DCN: ("connected", ""),
    Ill.NO_TRAINING: ("connected", "line"),
    Ill.ERROR_AT_TCF: ("connected", ""),
    Ill.GONE_AT_DIAL: ("our own line failed", "does not work"),
    Ill.GONE_IN_PAGE: ("connected", "cut off"),
}


def locks_of(process: int) -> list[Path]:
    """The UUCP locks that a process has left; a pty's number alone is soon somebody else's."""
    return [
        path
        for path in Path("/var/lock").glob("LCK..*")
        if path.read_text(errors="replace").split() == [str(process)]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("ill", ENDS, ids=lambda ill: ill.name)
def test_every_call_ends_in_a_report(tmp_path: Path, ill: Ill) -> None:
    """Whatever the modem and the far end do, there is one report in time, and no lock after it."""
    paper = document(tmp_path / "a.tif", rows=300)
    command = [sys.executable, "-m", "gateway", "line", "send", "--number", "1", "--json"]
    with plugged_in(ill) as modem:
        command += ["--device", modem.device, str(paper)]
        with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as faxgate:
            out, err = faxgate.communicate(timeout=LONGEST)
        assert locks_of(faxgate.pid) == []
        assert modem.on_hook or ill is Ill.GONE_IN_PAGE

    dialled, words = ENDS[ill]
    report = json.loads(out)
    assert faxgate.returncode == (0 if ill is Ill.NOTHING else 1), err
    assert report["succeeded"] == (ill is Ill.NOTHING)
    assert report["dialled"] == dialled
    assert words in report["cause"]
    sent = [page["octets"] for page in report["pages"] if page["confirmed"]]
    assert [len(page.rstrip(b"\0")) for page in modem.pages] == sent
    assert len(sent) == (1 if ill is Ill.NOTHING else 0)


@pytest.mark.skipif(not compiled, reason="the interpreted codec holds the loop")
async def test_a_call_holds_the_loop_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a whole call on a real port no turn of the event loop takes ten milliseconds of work.

    What the host takes from a virtual processor counts as work of the thread that it was taken
    from, so the best of three calls tells what the work itself takes.
    """
    paper = document(tmp_path / "a.tif", pages=2, rows=2200)
    longest = []
    for _ in range(3):
        with plugged_in() as modem:
            calls = LineCalls(Class1Modem(device=modem.device), None, as_json=True)
            watch = Watch()
            await calls.send("1", [paper], Identity("+1"))
            longest.append(watch.stop())
        assert json.loads(capsys.readouterr().out)["succeeded"]

    assert min(longest) < MOST
