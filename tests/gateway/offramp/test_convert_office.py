"""Office documents become what their own program would print, or the sender is told why not."""

from __future__ import annotations

import re
import resource
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from gateway.message import Part
from gateway.offramp.convert import Unfaxable, fonts, office
from gateway.offramp.document import needs_processes, render_part
from gateway.offramp.isolate import End, run_isolated
from gateway.offramp.protocol import Order
from gateway.offramp.worker import said_by, scratch_directory
from tests.gateway.offramp import corpus, offices
from tests.gateway.offramp.sink import drawn, millimetres
from tests.peer import need_program

# From Python 3.12 on a fork beside threads warns; those of other tests wait and hold no lock.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

WIDE = [[f"c{row}.{column}" for column in range(20)] for row in range(15)]


@pytest.fixture
def libreoffice() -> str:
    """LibreOffice, or a skip."""
    return need_program("soffice", "libreoffice-writer-nogui")


@pytest.mark.peer
@pytest.mark.parametrize(
    ("content", "name", "pages"),
    [
        (lambda: offices.letter("Zażółć gęślą jaźń", "中文 العربية", pages=2), "a.docx", 2),
        (lambda: offices.slides("One", "Two", "Three"), "a.pptx", 3),
        (lambda: offices.workbook([["a", 1], ["b", 2]], [["c"]]), "a.xlsx", 2),
        (lambda: rb"{\rtf1\ansi Hello\par\page World}", "a.rtf", 2),
        (
            lambda: offices.open_document("<office:text><text:p>Hi</text:p></office:text>"),
            "a.odt",
            1,
        ),
    ],
    ids=["docx", "pptx", "xlsx", "rtf", "odt"],
)
def test_office_documents_become_pages(
    libreoffice: str, content: Callable[[], bytes], name: str, pages: int
) -> None:
    """Every kind has as many pages as it has, with ink on each."""
    seen = drawn(content(), name)

    assert len(seen.pages) == pages
    assert all(page.any() for page in seen.pages)


@pytest.mark.peer
def test_an_office_document_with_letters_without_a_font_is_refused(
    libreoffice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boxes are no letters; the sender hears which ones are missing."""
    monkeypatch.setattr(fonts, "coverage", lambda: lambda code: code < 0x3000)

    with pytest.raises(Unfaxable, match="no font: 中文"):
        drawn(offices.letter("Plain, zażółć", "中文"), "a.docx")


@pytest.mark.peer
def test_an_office_document_may_bring_its_own_fonts(
    libreoffice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not installed here may still have been drawn."""
    monkeypatch.setattr(fonts, "coverage", lambda: lambda code: code < 0x3000)
    content = offices.letter("中文")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    assert drawn(offices.packed(files | {"word/fonts/font1.odttf": b"x"}), "a.docx").pages[0].any()


@pytest.mark.peer
@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_spreadsheets_of_every_format_fit_the_paper(
    libreoffice: str, tmp_path: Path, kind: str
) -> None:
    """A wide table is one page wide, whatever program wrote it."""
    (tmp_path / "a.xlsx").write_bytes(offices.workbook(WIDE))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [libreoffice, profile, "--headless", "--convert-to", kind, "a.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)

    seen = drawn((tmp_path / f"a.{kind}").read_bytes(), f"a.{kind}")
    assert len(seen.pages) == 1
    assert millimetres(seen.pages[0])[3] > 200  # turned, as wide as the paper is long


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: offices.compound("EncryptedPackage"), "protected with a password"),
        (lambda: offices.compound("Root Entry", "VisioDocument"), "of a kind that cannot be faxed"),
        (
            lambda: offices.compound("WordDocument") + b"\xec\xa5" + bytes(9) + b"\1" + bytes(1000),
            "protected with a password",
        ),
        (
            lambda: offices.open_document(
                "", files={"META-INF/manifest.xml": b"<manifest:encryption-data/>"}
            ),
            "protected with a password",
        ),
        (offices.zip_bomb, "more than 400 MB"),
        (lambda: offices.letter("x")[:-100], "damaged and cannot be unpacked"),
    ],
    ids=["ooxml", "visio", "doc", "odt", "bomb", "cut"],
)
def test_what_need_not_be_opened_is_refused(content: Callable[[], bytes], words: str) -> None:
    """Protection, damage and bombs are seen before any program starts."""
    with pytest.raises(Unfaxable, match=words):
        drawn(content(), "a.docx")


@pytest.mark.peer
def test_what_libreoffice_cannot_open_has_a_reason(libreoffice: str) -> None:
    """A file with the right names and nothing in them is no page."""
    hollow = offices.packed({"[Content_Types].xml": b"", "word/document.xml": b"<not xml"})

    with pytest.raises(Unfaxable, match="could not be opened"):
        drawn(hollow, "a.docx")


def test_without_libreoffice_the_sender_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named, with a way out."""
    monkeypatch.setattr(office, "find_program", lambda: None)

    with pytest.raises(Unfaxable, match="LibreOffice is not installed; please send it as PDF"):
        drawn(offices.letter("x"), "a.docx")


@pytest.mark.peer
def test_linked_files_are_not_looked_at(libreoffice: str, tmp_path: Path) -> None:
    """A document cannot bring a file of the gateway's machine onto its own pages."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the password of the database")
    linked = (
        '<office:text><text:section text:name="s"><text:section-source xlink:href="'
        f'{secret.as_uri()}" xlink:type="simple"/><text:p></text:p></text:section></office:text>'
    )

    assert not any(page.any() for page in drawn(offices.open_document(linked)).pages)


@pytest.mark.peer
def test_nothing_outlives_its_document(libreoffice: str) -> None:
    """A part given up is gone with all of LibreOffice and everything that it wrote."""
    part = Part("a.docx", "", offices.letter("x" * 1000, pages=1500))
    with scratch_directory():
        scratch = Path(tempfile.gettempdir())
        outcome = run_isolated(
            lambda say: render_part(part, Order(), 100, say),
            memory=4_000_000_000,
            seconds=0.7,
            octets=100_000_000,
            processes=needs_processes(part),
        )

    assert outcome.end is End.TOO_LONG
    assert not scratch.exists()
    assert gone(str(scratch))


def gone(directory: str) -> bool:
    """Whether no process has this directory on its command line, within two seconds."""
    deadline = time.monotonic() + 2
    while running := [c for c in command_lines() if directory in c]:
        if time.monotonic() > deadline:
            pytest.fail(f"still running: {running}")
    return True


def command_lines() -> list[str]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_text())
        except OSError:
            continue
    return lines


@pytest.mark.peer
def test_entities_do_not_multiply(libreoffice: str) -> None:
    """An XML bomb ends as a reason, within the limits of one document."""
    part = Part("a.docx", "", offices.entity_bomb())
    outcome = run_isolated(
        lambda say: render_part(part, Order(), 100, say),
        memory=4_000_000_000,
        seconds=20,
        octets=100_000_000,
        processes=True,
    )

    _, done = said_by(outcome)
    assert outcome.end is not End.DONE or (done is not None and done.pages <= 1)


def test_only_office_documents_may_start_programs() -> None:
    """A PDF or a text is drawn without any other process."""
    assert needs_processes(Part("a.docx", "", offices.letter("x")))
    assert not needs_processes(Part("a.pdf", "", corpus.raw_pdf(b" ")))
    assert not needs_processes(Part("a.txt", "text/plain", b"x"))


def test_the_profile_is_well_formed() -> None:
    """LibreOffice's settings are XML with a value for each."""
    from xml.etree import ElementTree

    tree = ElementTree.parse(BytesIO(office.profile().encode()))
    assert len(tree.findall("item")) == len(office.SETTINGS)
    assert all(re.fullmatch(r"true|false|\d|\d+\.\d", value) for _, _, value in office.SETTINGS)


@pytest.mark.peer
def test_libreoffice_starts_once_and_tries_nothing_out(
    libreoffice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document costs one start, and no gigabyte of test pictures, as a new profile would."""
    ends: list[int] = []
    run = office.Office._run

    def counted(self: office.Office, *arguments: str) -> int:
        ends.append(run(self, *arguments))
        return ends[-1]

    monkeypatch.setattr(office.Office, "_run", counted)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt
    drawn(offices.letter("Zażółć"), "a.docx")

    assert ends[-1] == 0
    program = office.find_program()
    assert program
    if office.build_of(program):
        assert ends == [0]
    faults = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt - before
    assert faults * resource.getpagesize() < 400 << 20


def test_a_program_with_extensions_is_started_to_know_them(tmp_path: Path) -> None:
    """Patterns of hyphenation may come as an extension: those are not passed over."""
    programs = [tmp_path / name / "program" / "soffice.bin" for name in ("plain", "with", "none")]
    for program in programs:
        program.parent.mkdir(parents=True)
    for program in programs[:2]:
        program.with_name("versionrc").write_text("[Version]\nbuildid=40(Build:2)\nVendor=x\n")
    (tmp_path / "with" / "share" / "extensions" / "dict-pl").mkdir(parents=True)

    assert [office.build_of(program) for program in programs] == ["40(Build:2)", "", ""]
