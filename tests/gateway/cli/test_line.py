from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from gateway.cli import line
from gateway.cli.common import app
from gateway.cli.fax_files import NotSent, TiffSink, fax_pages, read_files
from modems.session import DF, VR
from modems.terminal import PageForm, PageReport, PageVerdict
from tests.peers.fax_machine import Machine
from tests.peers.paper import document, same
from tests.peers.station import Running, Station, running

assert line  # registers itself
SPEED = 4.0


def faxgate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, as people run it."""
    command = [sys.executable, "-m", "gateway", "line", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def test_what_a_gateway_needs_is_not_loaded_for_one_modem() -> None:
    """`faxgate line` loads no store, no configuration file and no renderer, and so starts soon."""
    heavy = ("sqlalchemy", "gateway.config.load", "gateway.app", "gateway.offramp.render")
    code = (
        "import sys, gateway.cli as cli; sys.argv = ['faxgate', 'line', '--help']\n"
        "try: cli.main()\n"
        f"except SystemExit: print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "probe" in ran.stdout
    assert ran.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["send", "receive", "probe"])
def test_every_command_explains_itself(command: str) -> None:
    """`--help` says what it does."""
    result = CliRunner().invoke(app, ["line", command, "--help"])

    assert result.exit_code == 0
    assert "--device" in result.output


def test_there_must_be_something_to_send() -> None:
    """Neither a file nor --poll is a mistake on the command line."""
    result = CliRunner().invoke(app, ["line", "send", "--device", "/dev/x", "--number", "1"])

    assert result.exit_code == 2


def test_a_modem_that_is_not_there(tmp_path: Path) -> None:
    """A call on it ends in a report of our own line's fault, a probe says what is wrong."""
    paper = document(tmp_path / "a.tif", rows=100)
    device = ["--device", str(tmp_path / "none")]
    sent = CliRunner().invoke(app, ["line", "send", *device, "--number", "1", "--json", str(paper)])
    probed = CliRunner().invoke(app, ["line", "probe", *device, "--json"])

    report = json.loads(sent.stdout)
    assert sent.exit_code == probed.exit_code == 1
    assert report["dialled"] == "our own line failed"
    assert "no such device" in report["out_of_order"]
    assert report["pages"] == []
    found = json.loads(probed.stdout)
    assert not found["works"]
    assert "no such device" in found["problem"]
    assert "/dev/serial/by-id" in found["advice"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--number", "call me"], "'E' cannot be dialled"),
        (["--number", "+"], "no digit"),
        (["--number", "1", "--ident", "1" * 21], "at most 20"),
        (["--number", "1", "--max-rate", "1200"], "2400"),
        (["--number", "1", "--poll"], "--out"),
        (["--number", "1", "--out", "/proc/none", "--poll"], "No such file"),
    ],
)
def test_mistakes_are_named(arguments: list[str], why: str) -> None:
    """What is wrong on the command line is said, with what would be right, before any call."""
    result = CliRunner().invoke(app, ["line", "send", "--device", "/dev/x", *arguments])

    assert result.exit_code == 2
    assert why in " ".join(result.output.replace("│", " ").split())


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be sent is a mistake too, and nothing is dialled."""
    arguments = ["--device", "/dev/x", "--number", "1", str(tmp_path / "none.pdf")]
    result = CliRunner().invoke(app, ["line", "send", *arguments])

    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_file_that_is_no_device() -> None:
    """A probe of something else says what it is not, under the same keys as always."""
    result = CliRunner().invoke(app, ["line", "probe", "--device", "/dev/null", "--json"])

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["problem"].endswith("no serial device")
    assert {"works", "classes", "modulations", "advice"} <= set(found)


def test_waiting_on_a_modem_that_is_not_there(tmp_path: Path) -> None:
    """Who would wait for calls is told at once."""
    result = CliRunner().invoke(
        app, ["line", "receive", "--device", str(tmp_path / "none"), "--out", str(tmp_path)]
    )

    assert result.exit_code == 1
    assert "no such device" in result.stderr


async def test_files_become_documents(tmp_path: Path) -> None:
    """Each file is a document of its own; a fax TIFF goes as it is, anything else is rendered."""
    fax = document(tmp_path / "a.tif", pages=2, resolution="standard", rows=100)
    text = tmp_path / "b.txt"
    text.write_text("Good day!\n")
    pages = await read_files([fax, text])

    assert [page.begins_document for page in pages] == [True, False, True]
    assert [(page.width, page.height, page.vr) for page in pages[:2]] == [
        (1728, 100, VR.R8_STANDARD)
    ] * 2
    assert pages[2].vr is VR.R8_FINE
    assert set(pages[0].bits) == set(DF)


@pytest.mark.parametrize(
    ("size", "dpi", "vr"),
    [
        ((1728, 1000), (204, 98), VR.R8_STANDARD),
        ((1728, 1000), (204, 196), VR.R8_FINE),
        ((1728, 1000), (203, 197), VR.R8_FINE),
        ((1728, 1000), (204, 391), VR.R8_SUPERFINE),
        ((2432, 1000), (204, 196), VR.R8_FINE),
        ((1728, 1000), (200, 200), VR.INCH_200X200),
        ((2592, 1000), (300, 300), VR.INCH_300X300),
        ((3456, 1000), (408, 391), VR.R16_SUPERFINE),
        ((1728, 1000), None, VR.R8_STANDARD),
        ((1000, 1000), (204, 196), None),
        ((1728, 1000), (72, 72), None),
    ],
)
def test_what_is_a_fax_page(
    tmp_path: Path, size: tuple[int, int], dpi: tuple[int, int] | None, vr: VR | None
) -> None:
    """A bilevel frame of a fax's width and resolution; everything else is a picture."""
    path = tmp_path / "a.tif"
    Image.new("1", size, 1).save(path, compression="group4", dpi=dpi or (0, 0))

    assert [page.vr for page in fax_pages(path)] == ([] if vr is None else [vr])


async def test_a_file_that_cannot_be_sent_says_why(tmp_path: Path) -> None:
    """What is not there, or not a document, is no fax."""
    with pytest.raises(NotSent, match="cannot be read"):
        await read_files([tmp_path / "none.pdf"])
    (tmp_path / "a.pdf").write_bytes(b"no PDF at all")
    with pytest.raises(NotSent, match=r"a\.pdf"):
        await read_files([tmp_path / "a.pdf"])


async def test_a_page_that_cannot_be_kept_is_not_confirmed(tmp_path: Path) -> None:
    """Neither an empty page nor one that the disk refuses."""
    form = PageForm(1728, VR.R8_FINE, DF.MH)
    report = PageReport(1, form, 9600, 0, 1.0, PageVerdict.MCF)

    assert not await TiffSink(tmp_path / "a.tif").begin(form).commit(report)
    writer = TiffSink(tmp_path / "none" / "a.tif").begin(form)
    [page] = fax_pages(document(tmp_path / "b.tif", rows=50))
    from modems.pages import code_page

    writer.feed(await code_page(page.mmr, page.width, page.height, page.vr, form))
    assert not await writer.commit(report)


async def test_a_worse_copy_of_a_page_takes_no_place(tmp_path: Path) -> None:
    """Of a page that was rejected and then broke off, the copy with more rows is kept."""
    from modems.pages import code_page

    form, file = PageForm(1728, VR.R8_FINE, DF.MH), tmp_path / "a.tif"
    [page] = fax_pages(document(tmp_path / "b.tif", rows=50))
    coded = await code_page(page.mmr, page.width, page.height, page.vr, form)
    sink, heights = TiffSink(file), []
    for verdict, octets in [("RTN", len(coded)), ("NONE", len(coded) // 2), ("MCF", len(coded))]:
        writer = sink.begin(form)
        writer.feed(coded[:octets])
        assert await writer.commit(PageReport(1, form, 9600, 0, 1.0, PageVerdict[verdict]))
        heights.append(fax_pages(file)[0].height)

    assert heights == [50, 50, 50]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Running]:
    """A modem, and a machine that has a document and room for another."""
    machine = Machine(
        sends=str(document(tmp_path / "theirs.tif")), receives=str(tmp_path / "got.tif")
    )
    with running(Station({"100": str(tmp_path / "modem")}, machine, SPEED)) as told:
        yield told


@pytest.mark.peer
@pytest.mark.slow
def test_send_on_a_real_port(tmp_path: Path, station: Running) -> None:
    """`faxgate line send` sends a file pel by pel, and its report says so."""
    paper = document(tmp_path / "a.tif")
    done = faxgate(
        *("send", "--device", str(tmp_path / "modem"), "--number", "200", "--ident", "+123"),
        *("--json", str(paper)),
    )

    report = json.loads(done.stdout)
    assert done.returncode == 0, report
    assert report["succeeded"]
    assert report["remote_identity"] == "+200"
    assert [page["verdict"] for page in report["pages"]] == ["MCF"]
    assert station.wait_for("machine ended", timeout=30)[3]["ident"] == "+123"
    assert same(paper, tmp_path / "got.tif")


@pytest.mark.peer
@pytest.mark.slow
def test_receive_on_a_real_port(tmp_path: Path, station: Running) -> None:
    """`faxgate line receive` answers, writes TIFF-F and reports the call as a line of JSON."""
    command = [sys.executable, "-m", "gateway", "line", "receive", "--count", "1", "--json"]
    where = ["--device", str(tmp_path / "modem"), "--out", str(tmp_path / "in"), "-v"]
    with subprocess.Popen([*command, *where], stdout=-1, stderr=-1, text=True) as receiving:
        assert receiving.stderr is not None
        assert receiving.stdout is not None
        for spoken in receiving.stderr:  # until it has set the class and waits
            if "AT+FCLASS=1" in spoken:
                break
        station.call("100")
        receiving.stderr.read()
        report = json.loads(receiving.stdout.read())

    assert receiving.returncode == 0, report
    assert report["succeeded"]
    assert same(tmp_path / "theirs.tif", Path(report["file"]))


@pytest.mark.peer
@pytest.mark.slow
def test_probe_on_a_real_port(tmp_path: Path, station: Running) -> None:
    """`faxgate line probe` names the modem, its classes and its carriers."""
    done = faxgate("probe", "--device", str(tmp_path / "modem"), "--json")

    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert found["works"]
    assert found["model"] == "spandsp"
    assert found["classes"] == ["0", "1", "1.0"]
    assert 145 in found["sends"]
    assert found["modulations"] == ["V.27ter", "V.29", "V.17"]
    assert "driven as" in faxgate("probe", "--device", str(tmp_path / "modem")).stdout
