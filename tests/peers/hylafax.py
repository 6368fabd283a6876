"""HylaFAX (Debian hylafax-server and hylafax-client) on a soft modem, in a spool of its own.

faxgetty answers; faxq, hfaxd and sendfax send. HylaFAX insists on a device below /dev and on its
own users, so this needs root; a link in /dev is made for the time of the test. What it knows of a
call is in its session log.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peer import need_program
from tests.peers.told import LINES_PER_MM, Told

SPOOL, CONFIG = Path("/var/spool/hylafax"), Path("/etc/hylafax")
LOCKS = Path("/var/lock")
_COUNT = itertools.count()  # each modem has a name of its own, and so its own lock
STARTING = 30.0  # s, real time, until faxgetty has looked at its modem
TRACES = "ServerTracing: 0x001\nLogFacility: daemon\n"
PLACES = """\
CountryCode: 1
AreaCode: 800
LongDistancePrefix: 1
InternationalPrefix: 011
DialStringRules: etc/dialrules
"""
MODEM = f"""\
{PLACES}
FAXNumber: +200
LocalIdentifier: "+200"
SessionTracing: 0xFFF
RecvFileMode: 0644
DeviceMode: 0666
RingsBeforeAnswer: 1
SpeakerVolume: off
ModemType: Class1
Class1TMConnectDelay: 0
ModemResetDelay: 200
ModemSoftResetCmdDelay: 200
TagLineFormat: ""
PageChop: none
Class1Resolutions: 0x03
"""
RATES = {"v27ter": "24,48", "v29": "24,48,72,96", "v17": ""}  # of +FTM and +FRM; else all
RESOLUTION_OPTIONS = {"standard": "-l", "fine": "-m", "superfine": "-G"}
CODING_OPTIONS = {"mh": "-1", "mr": "-2", "mmr": "-3"}
LAST_ROWS_LOST = {"mh": 1, "mr": 1, "mmr": 0}  # at most, of a page it sends; spandsp misses it too
# What it must know of a far end before it sends superfine pages as they are.
KNOWN = """\
supportsVRes:3
supports2DEncoding:yes
supportsMMR:yes
calledBefore:yes
maxPageWidth:2432
maxPageLength:65535
maxSignallingRate:"14400"
"""
RATE = re.compile(r"training at \S+ (\d+) bit/s")
CODING = re.compile(r"(?:REMOTE wants|USE) [12]-D (MH|MR|MMR)")
ROWS = re.compile(r"(?:REMOTE wants|USE) .*?([\d.]+) line/mm")
ECM = re.compile(r"REMOTE wants T.30 Annex A|USE error correction mode")
IDENTITY = re.compile(r'REMOTE (?:TSI|CSI) "(.*)"')
RECEIVED = re.compile(r"(\d+) pages in ")
FAILED = re.compile(r"SEND FAILED|RECV (?:FAX: )?failed|\\bERROR\\b|TRAINING failed")
SENT = re.compile(r"\(page \d+ of \d+")


def installed() -> None:
    """Its programs, and the right to use them."""
    need_program("faxgetty", "hylafax-server")
    need_program("sendfax", "hylafax-client")
    if os.geteuid() != 0:
        pytest.skip("HylaFAX needs root")


class HylaFax:
    """One modem of a HylaFAX; `folder` holds everything but the link in /dev."""

    def __init__(self, folder: Path, modem: str = "v17", *, ecm: bool = True) -> None:
        self._config = MODEM + f"Class1ECMSupport: {'yes' if ecm else 'no'}\n"
        if rates := RATES[modem]:
            self._config += f'Class1TMQueryCmd: "!{rates}"\nClass1RMQueryCmd: "!{rates}"\n'
        self.spool = folder / "spool"
        self.link = Path(f"/dev/ttyFG{os.getpid()}x{next(_COUNT)}")
        self._port = _free_port()
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def running(self) -> Iterator[HylaFax]:
        """With its daemons; `link` is the modem already."""
        self._make_spool()
        try:
            self._start("faxq", "-D")
            self._start("hfaxd", "-d", "-l", "127.0.0.1", "-i", str(self._port))
            self._start("faxgetty", self.link.name)
            self._wait_until_idle()
            yield self
        finally:
            for process in reversed(self._processes):
                process.terminate()
            for process in self._processes:
                process.wait(10)
            (LOCKS / f"LCK..{self.link.name}").unlink(missing_ok=True)  # faxgetty leaves it
            self.link.unlink(missing_ok=True)

    def send(
        self, document: Path, number: str, resolution: str = "fine", coding: str = "mmr"
    ) -> None:
        """Queue a document; it is dialled at once."""
        tool = need_program("tiffcp", "libtiff-tools")
        paper = document.with_suffix(".g3.tif")  # anything else HylaFAX would draw anew
        subprocess.run([tool, "-c", "g3", "-r", "9999", str(document), str(paper)], check=True)
        known = self.spool / "info" / number
        known.write_text(KNOWN)
        shutil.chown(known, "uucp", "uucp")
        options = [RESOLUTION_OPTIONS[resolution], CODING_OPTIONS[coding]]
        command = ["sendfax", "-h", f"127.0.0.1:{self._port}", "-n", "-f", "t@localhost", *options]
        subprocess.run([*command, "-d", number, str(paper)], check=True, capture_output=True)

    def received(self) -> Path:
        """The fax that came, once it is whole."""
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            if ": end" in self.log():
                return max((self.spool / "recvq").glob("fax*.tif"))
            time.sleep(0.2)
        raise TimeoutError("HylaFAX has received nothing")

    def told(self) -> Told:
        """What its session log says of the one call it has had, once that is over."""
        until = time.monotonic() + STARTING
        while "SESSION END" not in (log := self.log()):
            if time.monotonic() > until:
                raise TimeoutError("HylaFAX's session has not ended")
            time.sleep(0.2)
        rate, coding, rows, identity = (
            said.findall(log)[-1] for said in (RATE, CODING, ROWS, IDENTITY)
        )
        pages = int(received[-1]) if (received := RECEIVED.findall(log)) else len(SENT.findall(log))
        return Told(int(rate), bool(ECM.search(log)), coding, LINES_PER_MM[rows], pages, identity)

    def words(self) -> str:
        """How it says that its call ended; OK if well."""
        bad = [line for line in self.log().splitlines() if FAILED.search(line)]
        return bad[-1] if bad else "OK"

    def log(self) -> str:
        """What it said of its calls."""
        return "\n".join(p.read_text(errors="replace") for p in (self.spool / "log").glob("c*"))

    def _make_spool(self) -> None:
        shutil.copytree(SPOOL, self.spool, symlinks=True, ignore=shutil.ignore_patterns("FIFO*"))
        shutil.copytree(CONFIG, self.spool / "etc", dirs_exist_ok=True)
        for place in (self.spool, *self.spool.rglob("*")):
            shutil.chown(place, "uucp", "uucp")
        for parent in (self._folder, *self._folder.parents):
            if parent.stat().st_uid == os.geteuid() and parent.name:
                parent.chmod(parent.stat().st_mode | 0o011)
        (self.spool / "etc" / "config").write_text(TRACES + PLACES)
        (self.spool / "etc" / f"config.{self.link.name}").write_text(self._config)
        os.mkfifo(self.spool / "FIFO")
        shutil.chown(self.spool / "FIFO", "uucp", "uucp")
        Path(os.path.realpath(self.link)).chmod(0o666)

    def _start(self, program: str, *arguments: str) -> None:
        path = need_program(program, "hylafax-server")
        with (self._folder / f"{program}.log").open("wb") as log:
            command = [path, "-q", str(self.spool), *arguments]
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log))

    def _wait_until_idle(self) -> None:
        until = time.monotonic() + STARTING
        status = self.spool / "status" / self.link.name
        while time.monotonic() < until:
            if status.exists() and "idle" in status.read_text(errors="replace"):
                return
            time.sleep(0.2)
        raise TimeoutError("faxgetty has not found its modem")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
