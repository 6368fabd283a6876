"""Pages read in real processes, and what becomes of those that get out of hand."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config.ocr import Ocr
from gateway.ocr import reader as reader_module
from gateway.ocr.reader import NoReader, Reader
from gateway.ocr.worker import keep_in
from gateway.offramp.isolate import End, Say, run_isolated
from modems.session import VR
from tests.gateway.ocr.sheets import letter, need_tesseract

SETTINGS = Ocr(on=True, languages=("pol",))


def with_command(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put another program in the place of the worker."""
    monkeypatch.setattr(reader_module, "COMMAND", ["/bin/sh", "-c", code])
    monkeypatch.setattr(reader_module, "GRACE", 0.0)


async def test_a_page_is_read_in_a_process_of_its_own() -> None:
    """Kept in like a converter of documents, with nothing of the gateway's secrets."""
    need_tesseract()
    text = await Reader(SETTINGS).read(letter(VR.R8_FINE).page)

    assert text.problem == ""
    assert "zażalenie" in str(text)


def test_what_reads_pages_sees_no_file_of_the_gateway(tmp_path: Path) -> None:
    """It reads libraries and languages, and writes into its own directory."""
    secret, scratch = tmp_path / "faxgate.db", tmp_path / "scratch"
    secret.write_text("secret")
    scratch.mkdir()

    def child(say: Say) -> None:
        tempfile.tempdir = str(scratch)
        if not keep_in().files:
            say(b"no Landlock")
            return
        (scratch / "page").write_text("mine")
        try:
            secret.read_bytes()
        except PermissionError:
            say(b"kept in")

    outcome = run_isolated(child, memory=2_000_000_000, seconds=20, octets=100, processes=True)

    assert outcome.end is End.DONE
    if outcome.said == b"no Landlock":
        pytest.skip("this kernel has no Landlock")
    assert outcome.said == b"kept in"


async def test_bits_that_are_no_page_harm_nobody() -> None:
    """What the codec makes of rubbish is read like anything else."""
    need_tesseract()
    rubbish = replace(letter().page, mmr=bytes(range(256)), height=300)
    text = await Reader(SETTINGS).read(rubbish)

    assert text.problem == ""


async def test_a_page_that_takes_too_long_is_given_up() -> None:
    """Within its limit, and it says so."""
    text = await Reader(SETTINGS.model_copy(update={"seconds": 0.05})).read(letter().page)

    assert "too long" in text.problem


async def test_a_page_that_needs_too_much_memory_is_given_up() -> None:
    """The limit holds for all that reads it."""
    text = await Reader(SETTINGS.model_copy(update={"memory": 60_000_000})).read(letter().page)

    assert text.problem


@pytest.mark.parametrize("code", ["exit 1", "echo nonsense", "kill -9 $$"])
async def test_a_process_that_dies_or_talks_nonsense_is_the_pages_problem(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Never an exception, never half a text."""
    with_command(monkeypatch, code)

    assert "crashed" in (await Reader(SETTINGS).read(letter().page)).problem


async def test_a_cancelled_page_leaves_no_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With all that it started."""
    pid = tmp_path / "pid"
    with_command(monkeypatch, f"sleep 1000 & echo $! > {pid}.new; mv {pid}.new {pid}; wait")
    task = asyncio.create_task(Reader(SETTINGS).read(letter().page))
    while not pid.exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    state = Path(f"/proc/{pid.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


async def test_a_machine_that_can_start_no_process_is_not_the_pages_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is tried again later."""
    monkeypatch.setattr(reader_module, "COMMAND", ["/nowhere/at/all"])

    with pytest.raises(NoReader):
        await Reader(SETTINGS).read(letter().page)
