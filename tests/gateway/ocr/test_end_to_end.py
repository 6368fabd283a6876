"""A real gateway that reads what it receives, killed while it does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.gateway.ocr.sheets import need_tesseract
from tests.gateway.running import OFFICE, RunningGateway, until
from tests.peer import need_program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
OCR = "ocr: {on: true, languages: [pol], text_in_mail: true, wait: 100 s}\n"


def test_a_fax_is_searchable_also_after_a_kill_in_the_middle(tmp_path: Path) -> None:
    """One mail, once the text has been read, and the text is in it and under its page."""
    need_tesseract()
    gateway = RunningGateway(tmp_path)
    gateway.config.write_text(gateway.config.read_text() + OCR)
    with gateway.started() as events:
        until(events, "watching")
        gateway.mail("Uprzejmie informuję że zażalenie zostało rozpatrzone", pages=1)
        until(events, "fax received")
    with gateway.started() as events:
        assert until(events, "fax read")["pages"] == 1
        while not gateway.mails(OFFICE):
            until(events, "mail delivered")

    (mail,) = gateway.mails(OFFICE)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "zażalenie zostało rozpatrzone" in body.get_content()
    (attachment,) = mail.iter_attachments()
    (tmp_path / "x.pdf").write_bytes(attachment.get_content())
    program = need_program("pdftotext", "poppler-utils")
    found = subprocess.run([program, "x.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
    assert found.stdout.decode().count("zażalenie") == 1
