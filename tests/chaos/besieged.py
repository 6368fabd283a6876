"""`python -m tests.chaos.besieged serve -c FILE`: a gateway that others call, in one process.

Far ends on lines of their own share the simulated exchange with the gateway's. They die with it, so
each writes down, on disk, what it saw: every page that was confirmed, before the call goes on. When
it lives again it often repeats what it had not finished, from the beginning or from the page that
failed, as fax machines do. It is quiet once the file `FILE.quiet` exists.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw

import gateway.app as gateway_app
from gateway.cli import main
from gateway.config.faults import Fault
from gateway.config.model import SimulatedLine
from gateway.lines import build_lines
from modems.pool import Pool
from modems.pool_line import PoolLine
from modems.session import Dialled
from modems.terminal import CallReport, Identity, PageForm, PageReport, PageShape
from tests.chaos.scene import ANSWERERS, BOTH_WAYS, SPEED, fault
from tests.modems.documents import Charts, Page, page_of

NUMBERS = ("+48225000001", "+48225000002", "+48225000003")
MOST_PAGES = 4
PATIENCE = 3  # calls for one document, that are answered


@dataclass
class Diary:
    """What one far end has seen, a JSON object a line; what cannot be written now waits."""

    path: Path
    _waiting: list[bytes] = field(default_factory=list)

    def write(self, **entry: Any) -> None:
        """Add an entry; durable when this returns, unless the disk is full."""
        self._waiting.append(json.dumps(entry).encode() + b"\n")
        try:
            with self.path.open("ab") as file:
                file.write(b"".join(self._waiting))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            return
        self._waiting.clear()

    def read(self) -> list[dict[str, Any]]:
        """Every entry."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_bytes().splitlines()]


@dataclass
class Document(Charts):
    """A document of a far end, from some page on, that writes down what is confirmed."""

    diary: Diary = field(default_factory=lambda: Diary(Path()))
    name: str = ""
    to: str = ""
    first: int = 0

    @property
    def shapes(self) -> Sequence[PageShape]:
        """What is left to send."""
        return super().shapes[self.first :]

    async def coded(self, index: int, form: PageForm) -> bytes:
        """A page of what is left."""
        return await super().coded(self.first + index, form)

    async def confirmed(self, index: int, report: PageReport) -> None:
        """Written down before the call goes on."""
        page = self.first + index
        if report.verdict.confirmed:
            print_ = sha256(self.pages[page].mmr).hexdigest()
            self.diary.write(document=self.name, to=self.to, page=page, confirmed=print_)


def document(name: str, random: Random, lines: int = 12) -> list[Page]:
    """Pages like no others, which only their name and the chance of a seed make."""
    pages = random.randint(1, MOST_PAGES)
    return [_page(f"{name}, page {n + 1}", random, lines) for n in range(pages)]


def _page(text: str, random: Random, lines: int) -> Page:
    image = Image.new("1", (1728, 260 + 70 * lines), 1)
    draw = ImageDraw.Draw(image)
    for line in range(lines):
        words = f"{text} {random.getrandbits(160):049d}"
        draw.text((100, 150 + 70 * line), words, font_size=36)
    return page_of(image)


class FarEnd:
    """A fax machine that sends one document after another."""

    def __init__(self, line: PoolLine, diary: Diary, quiet: Path) -> None:
        self._line = line
        self._diary = diary
        self._quiet = quiet
        self._random = Random()

    async def run(self) -> None:
        """Call until it is to be quiet."""
        seen = self._diary.read()
        last: dict[str, Any] = next((e for e in reversed(seen) if "begun" in e or "done" in e), {})
        if "begun" in last and self._random.random() < 0.8:
            await self._send(last["begun"], last["to"], seen)
        while not self._quiet.exists():
            await asyncio.sleep(self._random.expovariate(2.0))
            name = f"{self._line.number[-1]}-{self._random.getrandbits(40):x}"
            to = self._random.choice((*ANSWERERS, BOTH_WAYS))
            self._diary.write(begun=name, to=to)
            await self._send(name, to, [])

    async def _send(self, name: str, to: str, seen: list[dict[str, Any]]) -> None:
        """Call for one document, again from its beginning or from the page that failed."""
        pages = await asyncio.to_thread(document, name, Random(name))
        done = {e["page"] for e in seen if e.get("document") == name}
        calls = 0
        while calls < PATIENCE:
            if self._quiet.exists():
                return
            failed = next((n for n in range(len(pages)) if n not in done), 0)
            first = self._random.choice((0, 0, failed))
            what = Document(pages, diary=self._diary, name=name, to=to, first=first)
            report = await self._call(to, what)
            done |= {first + index for index in what.confirmed_pages}
            calls += report.dialled is Dialled.CONNECTED
            if report.succeeded:
                break
            await asyncio.sleep(self._random.expovariate(4.0))
        self._diary.write(done=name)

    async def _call(self, to: str, what: Document) -> CallReport:
        return await self._line.terminal.send(to, what, Identity(self._line.number))


def besiege(config: Path) -> None:
    """Let the far ends live in whatever gateway this process runs."""
    build, quiet = build_lines, config.with_suffix(".quiet")
    living = set()

    def with_far_ends(lines: Iterable[Any], *more: Any) -> list[PoolLine]:
        ours, random = list(lines), Random()
        theirs = [
            SimulatedLine(name=f"far {n}", number=n, speed=SPEED, faults=_faults(random))
            for n in NUMBERS
        ]
        built = build([*ours, *theirs], *more)
        far = built[len(ours) :]
        Pool(far, _nobody, lambda: datetime.now(UTC))
        for line in far:
            diary = Diary(config.with_suffix(f".{line.number[-1]}.diary"))
            living.add(asyncio.ensure_future(FarEnd(line, diary, quiet).run()))
        return built[: len(ours)]

    setattr(gateway_app, "build_lines", with_far_ends)  # noqa: B010 - the only seam there is


def _faults(random: Random) -> tuple[Fault, ...]:
    return tuple(
        Fault.model_validate(fault(random, damage=False)) for _ in range(random.randrange(3))
    )


async def _nobody(*_: object) -> None:
    """Far ends only call."""


if __name__ == "__main__":
    besiege(Path(sys.argv[sys.argv.index("-c") + 1]))
    main()
