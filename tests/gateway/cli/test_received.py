"""`faxgate received`: faxes as an administrator sees them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from gateway.cli import purge, received, received_files  # noqa: F401 - registers the commands
from gateway.cli.common import app
from gateway.ocr.text import Line, Word, packed
from gateway.store import Store
from gateway.store.readings import ReadPage
from modems.terminal import PageQuality, PageVerdict
from tests.gateway.report.sheets import sheet
from tests.gateway.store.samples import call_report

CONFIG = """\
domain: fax.localhost
state: {state}
lines: [{{name: isdn, number: +48222000002}}]
targets: {{archive: {{type: directory, path: {state}/archive}}}}
routes:
  - {{name: office, called: +48222000002, deliver: [office@example.org, archive]}}
  - {{name: rest, file: true}}
mail: {{sender: fax@fax.localhost, transport: {{type: maildir, directory: {state}/mail}}}}
"""
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


async def one_fax(state: Path) -> None:
    """A fax of two pages that went to one address."""
    store = await Store.open(f"sqlite:///{state}/faxgate.db")
    fax = await store.start_received("isdn", "+48222000002", "+48221000001", ["a@b.example"], NOW)
    for number in (1, 2):
        page, quality = sheet(number), PageQuality(400, 3, 2, ended=True)
        await store.add_received_page(fax, page, quality, PageVerdict.MCF)
    await store.end_received(fax, call_report(), NOW)
    await store.close()


@pytest.fixture
def faxgate(tmp_path: Path) -> Callable[..., Result]:
    """`faxgate received` on a store that has fax 1."""
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG.format(state=tmp_path))
    asyncio.run(one_fax(tmp_path))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["received", "-c", str(config), *arguments])

    return invoke


Faxgate = Callable[..., Result]


def deliveries(faxgate: Faxgate) -> list[str]:
    """Where fax 1 went or goes."""
    about = json.loads(faxgate("show", "1", "--json").stdout)
    return [each["to"] for each in about["deliveries"]]


def test_list_and_show(faxgate: Faxgate) -> None:
    """The list has a line for each fax; one fax shows its pages and deliveries."""
    (row,) = json.loads(faxgate("list", "--json").stdout)
    about = json.loads(faxgate("show", "1", "--json").stdout)

    assert (row["id"], row["pages"], row["caller"]) == (1, 2, "+48221000001")
    assert [page["bad_rows"] for page in about["page_list"]] == [3, 3]
    assert [(each["to"], each["state"]) for each in about["deliveries"]] == [
        ("a@b.example", "queued")
    ]
    assert "a@b.example" in faxgate("show", "1").stdout


def test_what_still_waits_is_not_delivered_twice(faxgate: Faxgate) -> None:
    """It is tried at once, and the command says so; another target gets it beside."""
    again = faxgate("redeliver", "1", "--to", "a@b.example", "--to", "archive")

    assert "to a@b.example: was queued already" in again.stdout
    assert "to archive: queued" in again.stdout
    assert deliveries(faxgate) == ["a@b.example", "archive"]


async def settle(state: Path) -> None:
    """Everything that is owed is sent, but what goes to an archive, which fails."""
    store = await Store.open(f"sqlite:///{state}/faxgate.db")
    now = datetime.now(UTC)
    while mail := await store.next_mail(now, timedelta(hours=1)):
        ending = store.mail_failed(mail.id, "full", now) if mail.to == "archive" else None
        await (ending or store.mail_sent(mail.id, now))
    await store.close()


def test_the_list_tells_what_somebody_has_not_got(faxgate: Faxgate, tmp_path: Path) -> None:
    """The worst state of any target, by the newest delivery there; filters leave out the rest."""

    def listed(*options: str) -> list[tuple[int, str]]:
        rows = json.loads(faxgate("list", "--json", *options).stdout)
        return [(row["id"], row["delivery"]) for row in rows]

    assert listed() == listed("--undelivered") == [(1, "queued")]
    faxgate("redeliver", "1", "--to", "archive")
    asyncio.run(settle(tmp_path))
    assert listed("--undelivered", "--from", "221000001") == [(1, "failed")]
    assert listed("--from", "221%") == []
    faxgate("redeliver", "1", "--to", "archive")
    assert listed("--undelivered") == [(1, "queued")]
    assert faxgate("redeliver", "9").exit_code == 1
    assert "There is no received fax 9." in faxgate("redeliver", "9").output


async def ring(state: Path) -> None:
    """A call is answered."""
    store = await Store.open(f"sqlite:///{state}/faxgate.db")
    await store.start_received("isdn", "+48222000002", "+48221000009", [], NOW)
    await store.close()


def test_a_call_under_way_is_not_incomplete(faxgate: Faxgate, tmp_path: Path) -> None:
    """The list says that it lasts."""
    asyncio.run(ring(tmp_path))
    (row,) = [line for line in faxgate("list").stdout.splitlines() if "+48221000009" in line]

    assert row.endswith("The call is under way.")
    assert " no " not in row


@pytest.mark.parametrize(("form", "files"), [("pdf", 1), ("tiff", 1), ("tiff-s", 1), ("png", 2)])
def test_get_in_each_form(faxgate: Faxgate, tmp_path: Path, form: str, files: int) -> None:
    """A PDF or TIFF has all pages, a PNG one."""
    out = tmp_path / f"x.{form}"
    written = faxgate("get", "1", "-o", str(out), "--format", form).stdout.split()

    assert len(written) == files
    if form == "png":
        with Image.open(written[1]) as image:
            assert image.size[0] == 1728
    else:
        assert Path(written[0]).read_bytes()[:2] in {b"%P", b"II", b"MM"}


async def see(state: Path) -> None:
    """Page 1 has been read upside down; page 2 could not be."""
    store = await Store.open(f"sqlite:///{state}/faxgate.db", patience=lambda _: timedelta(0))
    lines = packed([Line(12, (Word("zażółć", 80, 120, 100),))])
    await store.readings.again(1)
    await store.readings.keep(1, ReadPage(1, 180, "", lines), NOW)
    await store.readings.keep(1, ReadPage(2, 0, "it crashed", packed([])), NOW)
    await store.readings.done(1, NOW)
    await store.close()


def test_what_was_read_is_shown_and_written(faxgate: Faxgate, tmp_path: Path) -> None:
    """As marks, as text, and under the page of the PDF."""
    asyncio.run(see(tmp_path))
    about = json.loads(faxgate("show", "1", "--json").stdout)
    for form in ("txt", "pdf"):
        faxgate("get", "1", "-o", str(tmp_path / f"x.{form}"), "--format", form)

    assert (about["text"], about["upside_down"]) == ("read", [1])
    assert [(page["content"], page["turned"], page["not_read"]) for page in about["page_list"]] == [
        ("ink", 180, ""),
        ("ink", 0, "it crashed"),
    ]
    assert (tmp_path / "x.txt").read_text() == "zażółć\f\n"
    first, second = pypdf.PdfReader(tmp_path / "x.pdf").pages
    assert (first.rotation, first.extract_text().strip()) == (180, "zażółć")
    assert (second.rotation, second.extract_text().strip()) == (0, "")


def test_a_fax_is_read_again_only_where_faxes_are_read(
    faxgate: Faxgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it says what to do."""
    refused = faxgate("read", "1")
    assert refused.exit_code == 1
    assert "ocr.on: true" in " ".join(refused.output.split())

    config = next(tmp_path.glob("*.yaml"))
    config.write_text(config.read_text() + "ocr: {on: true, languages: [pol]}\n")
    for name, mode in (("pol.traineddata", 0o644), ("tesseract", 0o755)):
        (tmp_path / name).touch(mode=mode)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert "queued for reading" in faxgate("read", "1").output
    assert json.loads(faxgate("show", "1", "--json").stdout)["text"] == "waiting"
    assert faxgate("read", "99").exit_code == 1


def test_redeliver_where_it_went_and_elsewhere(faxgate: Faxgate, tmp_path: Path) -> None:
    """Without --to the same targets again; a target that is not there is named."""
    asyncio.run(settle(tmp_path))
    assert faxgate("redeliver", "1").exit_code == 0
    assert faxgate("redeliver", "1", "--to", "archive").exit_code == 0
    wrong = faxgate("redeliver", "1", "--to", "nowhere")

    assert deliveries(faxgate) == ["a@b.example", "a@b.example", "archive"]
    assert wrong.exit_code == 1
    assert "'nowhere'" in wrong.output


def test_reroute_by_todays_routes(faxgate: Faxgate) -> None:
    """The routes of the file decide, and are named."""
    said = faxgate("reroute", "1").stdout

    assert said.startswith("route 1 (office):")
    assert deliveries(faxgate) == ["a@b.example", "office@example.org", "archive"]


@pytest.mark.parametrize(
    "command", [("show",), ("get",), ("reroute",), ("redeliver", "--to", "archive")]
)
def test_a_fax_that_is_not_there_is_named(faxgate: Faxgate, command: tuple[str, ...]) -> None:
    """With exit status 1."""
    result = faxgate(*command, "99")

    assert result.exit_code == 1
    assert "99" in result.output


def test_a_fax_that_is_still_to_be_delivered_is_not_deleted(
    faxgate: Faxgate, tmp_path: Path
) -> None:
    """The administrator hears for whom it waits; after the delivery it goes, with its record."""
    refused = faxgate("delete", "1")
    assert refused.exit_code == 1
    assert "still to be delivered to a@b.example" in refused.output

    async def deliver() -> None:
        store = await Store.open(f"sqlite:///{tmp_path}/faxgate.db")
        await store.mail_sent(1, NOW)
        await store.close()

    asyncio.run(deliver())
    assert faxgate("delete", "1").exit_code == 0
    assert "no received fax 1" in faxgate("delete", "1").output


def test_purge_deletes_what_is_old(faxgate: Faxgate, tmp_path: Path) -> None:
    """It says how much of each kind went."""
    assert faxgate().exit_code == 0
    config = str(tmp_path / "gateway.yaml")
    found = CliRunner().invoke(app, ["purge", "-c", config, "--json"])
    assert json.loads(found.stdout)["received"] == 0  # a delivery is open


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("get", "1", "-o", "/nowhere/x.pdf"), "No such file or directory"),
        (("get", "1", "-o", "/"), "Is a directory"),
        (("show", "99999999999999999999"), "Invalid value"),
        (("list", "--limit", "0"), "Invalid value"),
        (("redeliver", "1", "--to", "a b@c.example"), "is no mail address"),
    ],
)
def test_what_cannot_be_done_is_told(
    faxgate: Faxgate, arguments: tuple[str, ...], why: str
) -> None:
    """Without a traceback, and nothing is queued."""
    result = faxgate(*arguments)

    assert result.exit_code in {1, 2}
    assert why in result.output
    assert deliveries(faxgate) == ["a@b.example"]
