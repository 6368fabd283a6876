"""The settings of reading, and what this machine lacks for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config.load import check
from gateway.config.model import Config
from gateway.config.receiving import takes_text
from gateway.ocr.program import lacking
from gateway.storage import patience_for, reads
from tests.gateway.config.good import GOOD


@pytest.fixture(name="machine")
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose tesseract knows Polish only."""
    (tmp_path / "pol.traineddata").touch()
    program = tmp_path / "tesseract"
    program.touch(mode=0o755)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    return program


def problems(tmp_path: Path, more: str) -> list[str]:
    """What `faxgate check` says of a good file with more in it."""
    path = tmp_path / "gateway.yaml"
    path.write_text(f"{GOOD}\n{more}")
    return [problem.text for problem in check(path)]


def test_what_this_machine_lacks_is_named(machine: Path, tmp_path: Path) -> None:
    """The program and each language, as Debian calls them; nothing where nothing is read."""
    assert lacking(["pol"]) == []
    assert lacking(["pol", "chi_sim"]) == ["tesseract-ocr-chi-sim"]
    machine.unlink()
    assert problems(tmp_path, "ocr: {on: true}") == [
        "received pages will not be read: apt-get install tesseract-ocr tesseract-ocr-eng"
    ]
    assert problems(tmp_path, "ocr: {on: false}") == []


@pytest.mark.parametrize("wrong", ["polish", "pl", "../pol", "pol eng", "-l"])
def test_a_language_is_one_of_tesseracts(tmp_path: Path, wrong: str) -> None:
    """Nothing else gets onto its command line."""
    (said,) = problems(tmp_path, f"ocr: {{languages: ['{wrong}']}}")

    assert "no language of tesseract" in said


@pytest.mark.usefixtures("machine")
def test_text_is_wanted_only_where_it_is_read(tmp_path: Path) -> None:
    """An option that would do nothing is a mistake, and said where it stands."""
    target = "targets: {web: {type: webhook, url: 'http://x/', text: true}}"

    assert "set `ocr.on: true`" in problems(tmp_path, target)[0]
    assert "set `ocr.on: true`" in problems(tmp_path, "ocr: {text_in_mail: true}")[0]
    assert problems(tmp_path, target + "\nocr: {on: true, languages: [pol]}") == []


def a_config(**ocr: object) -> Config:
    """A configuration with targets of every kind."""
    mail = {"sender": "a@b.example", "transport": {"type": "maildir", "directory": "m"}}
    targets = {
        "scans": {"type": "mail", "to": "a@b.example", "format": "tiff"},
        "told": {"type": "mail", "to": "a@b.example", "format": ["tiff"], "text": "true"},
        "both": {"type": "mail", "to": "a@b.example", "format": ["tiff-s", "pdf"]},
        "notice": {"type": "mail", "to": "a@b.example", "content": "false"},
        "printer": {"type": "printer", "queue": "q"},
        "web": {"type": "webhook", "url": "http://x/"},
        "tiffs": {"type": "directory", "path": "d", "format": "tiff"},
    }
    return Config.model_validate(
        {"domain": "b.example", "mail": mail, "targets": targets, "ocr": ocr}
    )


@pytest.mark.usefixtures("machine")
def test_only_what_shows_text_waits_for_it() -> None:
    """A printer and a TIFF have no use for it; a mail address gets a PDF."""
    config = a_config(on="true", languages=["pol"], wait="30 s")
    waiting = {to for to in [*config.targets, "x@b.example"] if patience_for(config, to)}

    assert reads(config)
    assert not reads(a_config(on="true"))  # English is not there
    assert waiting == {"told", "both", "web", "x@b.example"}
    assert patience_for(config, "web") == timedelta(seconds=30)
    assert takes_text(config.targets["scans"], by_default=True)
