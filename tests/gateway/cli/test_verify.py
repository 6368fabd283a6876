"""`faxgate verify`: a receipt beside the document that it speaks of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from gateway.cli import verify  # noqa: F401 - registers the command
from gateway.cli.common import app
from gateway.paper import as_pdf, bilevel
from gateway.report.signature import Signer
from gateway.report.statement import statement
from gateway.store.records import StoredPage
from tests.gateway.report import samples
from tests.gateway.report.sheets import sheet

PAGES = [sheet(1), sheet(2)]
AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.at(tmp_path / "receipt.key")


@pytest.fixture
def receipt(tmp_path: Path, signer: Signer) -> Path:
    path = tmp_path / "receipt.json"
    path.write_bytes(signer.sign(statement(samples.delivered(), PAGES, "gateway.example.com")))
    return path


def ran(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["verify", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_pdf_of_the_fax_belongs_to_its_receipt(
    tmp_path: Path, signer: Signer, receipt: Path
) -> None:
    """Both pages are recognised, and the key is the one that was given."""
    pdf = tmp_path / "fax.pdf"
    pdf.write_bytes(as_pdf(PAGES, "Fax", AT))

    status, said = ran(receipt, pdf, "--key", signer.public)

    assert status == 0
    assert said.count("is the page of the receipt") == 2


def test_the_pages_may_have_been_compressed_anew(
    tmp_path: Path, signer: Signer, receipt: Path
) -> None:
    """The pels count: a TIFF by another program holds the same pages."""
    tiff = tmp_path / "fax.tif"
    first, second = map(bilevel, PAGES)
    first.save(tiff, "TIFF", compression="packbits", save_all=True, append_images=[second])

    assert ran(receipt, tiff, "--key", signer.public)[0] == 0


@pytest.mark.parametrize(
    "pages", [PAGES[:1], [*PAGES, sheet(3)], PAGES[::-1], [PAGES[0], sheet(2, height=401)]]
)
def test_another_document_is_told_apart(
    tmp_path: Path, signer: Signer, receipt: Path, pages: list[StoredPage]
) -> None:
    """A page that is missing, added, exchanged or altered does not pass."""
    pdf = tmp_path / "fax.pdf"
    pdf.write_bytes(as_pdf(pages, "Fax", AT))

    status, said = ran(receipt, pdf, "--key", signer.public)

    assert status == 1
    assert "NOT the page of the receipt" in said


def test_a_key_that_nobody_named_is_not_trusted(receipt: Path) -> None:
    """A forger has a key too: that nobody checked whose it is is told, and is no success."""
    status, said = ran(receipt)

    assert status == 3
    assert "NOT checked" in said


def test_another_key_is_refused(tmp_path: Path, receipt: Path) -> None:
    """A forger's key is not the gateway's."""
    other = tmp_path / "other.pub"
    other.write_text(Signer.at(tmp_path / "other.key").public + "\n")

    status, said = ran(receipt, "--key", other)

    assert status == 1
    assert "another key" in said


def test_json_for_programs(signer: Signer, receipt: Path) -> None:
    """Everything that was found, as one JSON object."""
    status, said = ran(receipt, "--key", signer.public, "--json")
    found = json.loads(said)

    assert status == 0
    assert found["verified"] is True
    assert found["key_checked"] is True
    assert found["statement"]["number"] == samples.RECIPIENT.number


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 cut short", b"MM\x00*", b"GIF89a"])
def test_a_document_that_cannot_be_read_is_named(
    tmp_path: Path, signer: Signer, receipt: Path, content: bytes
) -> None:
    """No traceback, whatever the file is."""
    document = tmp_path / "scan.pdf"
    document.write_bytes(content)

    status, said = ran(receipt, document, "--key", signer.public)

    assert status == 1
    assert "NOT VERIFIED" in said
    assert "scan.pdf" in said


def test_a_picture_that_is_no_fax_is_refused(tmp_path: Path, signer: Signer, receipt: Path) -> None:
    """Grey pages have no pels to compare."""
    grey = tmp_path / "grey.tif"
    Image.new("L", (10, 10)).save(grey)

    status, said = ran(receipt, grey, "--key", signer.public)

    assert status == 1
    assert "not black and white" in said


def test_the_statement_tells_of_pages_without_an_answer(signer: Signer) -> None:
    """A page that was never sent is stated as that."""
    facts = replace(samples.delivered(), confirmations=())
    stated = statement(facts, PAGES, "gateway.example.com")

    assert [page["fate"] for page in stated["pages"]] == ["not sent", "not sent"]
