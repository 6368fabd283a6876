"""Word processor, spreadsheet and presentation files to pages, through LibreOffice.

LibreOffice runs once for each document, in the converter's own process group and under its limits,
with a profile of its own: no macros, no links to elsewhere, nothing left of the document before.
It makes a PDF, which PDFium draws. LibreOffice draws letters that no font has as boxes, so what it
has drawn is read back, and such a document is refused. Where LibreOffice is not installed, or asks
for a password, or makes nothing of a file, the sender is told which it was.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from gateway.offramp.convert import pdf
from gateway.offramp.convert.base import PageSink, Source, Unfaxable
from gateway.offramp.convert.fonts import check_letters
from gateway.offramp.convert.officefile import check, family_of
from gateway.offramp.convert.workbook import laid_out
from gateway.offramp.limits import die_with_parent
from gateway.said import said

RESTART = 81  # exit status: it has made its profile and wants to be started again (EXITHELPER)
STARTS = 3
BINARY = "soffice.bin"  # its starter, soffice, does not die with its group
SHEETS = ("xls", "ods")  # laid out as xlsx
MISSING = said("cannot be faxed here, since LibreOffice is not installed; please send it as PDF")
REFUSED = said("could not be opened: it is damaged, or protected with a password")

OWN_FONTS = (b"word/fonts/", b"ppt/fonts/", b"Fonts/")  # in the archive: fonts of the document
LOOKED_AT = 200  # pages whose letters are looked at

# Nothing of a stranger's document runs, and nothing that it points to is looked at.
SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Misc", "FirstRun", "false"),
    # A version that is not new to the profile tries its drawing out on a gigabyte of pictures.
    ("Setup/Product", "ooSetupLastVersion", "999.9"),
    ("Office.Writer/Content/Update", "Link", "2"),
    ("Office.Calc/Content/Update", "Link", "1"),
)


def convert(source: Source, sink: PageSink) -> None:
    """Have LibreOffice make a PDF, and draw it."""
    kind = family_of(source.content)
    check(source.content)
    program = find_program()
    if program is None:
        raise Unfaxable(MISSING)
    content = source.content
    with tempfile.TemporaryDirectory(prefix="office-") as directory:
        office = Office(program, Path(directory))
        if kind in SHEETS:
            content, kind = office.converted(content, kind, "xlsx"), "xlsx"
        if kind == "xlsx":
            content = laid_out(content, sink.sheet.paper)
        printed = office.converted(content, kind, "pdf")
    if not any(folder in source.content for folder in OWN_FONTS):
        check_letters(pdf.text_of(printed, LOOKED_AT))
    pdf.convert(Source(source.name, "application/pdf", printed), sink)


@functools.cache
def find_program() -> Path | None:
    """Find LibreOffice itself behind its starter; None where it is not installed."""
    starter = shutil.which("soffice") or shutil.which("libreoffice")
    if starter is None:
        return None
    program = Path(starter).resolve().with_name(BINARY)
    return program if program.exists() else None


class Office:
    """LibreOffice with a fresh profile in a directory that somebody else removes."""

    def __init__(self, program: Path, directory: Path) -> None:
        self._program = program
        self._directory = directory
        self._profile = directory / "profile"
        self._starts = 0
        user = self._profile / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(profile(), encoding="utf-8")
        build = build_of(program)
        if build:
            (user / "extensions").mkdir()
            (user / "extensions" / "buildid").write_text(build)

    def converted(self, content: bytes, kind: str, wanted: str) -> bytes:
        """Give the document as `wanted`, "pdf" or "xlsx"; raises `Unfaxable`."""
        before = self._directory / f"document.{kind}"
        before.write_bytes(content)
        out = self._directory / "out"
        for _ in range(STARTS):
            if self._run("--convert-to", wanted, "--outdir", str(out), str(before)) != RESTART:
                break
        made = out / f"document.{wanted}"
        if not made.exists():
            raise Unfaxable(REFUSED)
        return made.read_bytes()

    def _run(self, *arguments: str) -> int:
        """Run it; whoever limits this process's time limits this too.

        Each start has the profile under another name. After it LibreOffice names a socket, which it
        may bind but not remove (see `fence`), and by which the next would take itself for a second.
        """
        self._starts += 1
        self._profile = self._profile.rename(self._directory / f"profile-{self._starts}")
        command = [
            str(self._program),
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--nodefault",
            f"-env:UserInstallation={self._profile.as_uri()}",
            *arguments,
        ]
        process = subprocess.run(
            command,
            cwd=self._directory,
            env={"HOME": str(self._directory), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
            | {"TMPDIR": str(self._directory), "SAL_USE_VCLPLUGIN": "svp"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # there is one thread here
            check=False,
        )
        return process.returncode


@functools.cache
def build_of(program: Path) -> str:
    """What a profile says that knows this program's extensions: it need not be started twice.

    Empty where it brings any, such as patterns of hyphenation, which it has to be started for.
    """
    brought = program.parents[1] / "share" / "extensions"
    versions = program.with_name("versionrc")
    if any(path.is_dir() for path in brought.glob("*")) or not versions.exists():
        return ""
    found = re.search(r"(?m)^buildid=(.{1,200}?)\s*$", versions.read_text("utf-8", "replace"))
    return found[1] if found else ""


def profile() -> str:
    """Give the settings in LibreOffice's registry format."""
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items '
        f'xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'
    )
