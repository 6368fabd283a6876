"""Fax machines of spandsp that call the gateway's soft modems, and live on when it is killed.

All of it is in this process: a kill breaks no sound and no pty, the modems only hear no more
commands, as modems of metal would. A machine writes down every page whose MCF it heard. What it
could not finish it often sends again, from the beginning or from the page that failed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

from gateway.cli.fax_files import write_tiff
from modems.pages import ReceivedPage
from modems.terminal import PageQuality
from tests.chaos.besieged import NUMBERS, PATIENCE, Diary, document
from tests.chaos.scene import ANSWERERS
from tests.modems.documents import Page
from tests.peer import need_library
from tests.peers.exchange import Exchange
from tests.peers.fax_machine import FaxMachine, Machine
from tests.peers.soft_modem import Pty, SoftModem
from tests.peers.spandsp import Event

LINES = 3  # of text on a page, which is 2 to 4 s on the line
RINGING = 30.0  # s that a machine lets it ring
REST = 3.0  # s between two calls, about
CONFIRMED = (0x8C, 0xCC)  # MCF and RTP, as spandsp's phase D tells them


class Caller(FaxMachine):
    """A machine that calls by itself, one document after another, until it is `quiet`."""

    def __init__(self, number: str, folder: Path, random: Random) -> None:
        super().__init__(Machine(number, sends=str(folder / f"{number[1:]}.tif")))
        self._diary = Diary(folder / f"gateway.{number[1:]}.diary")
        self._random = random
        self._pages: list[Page] = []
        self._name = self._to = ""
        self._calls = self._first = self._seen = 0
        self._done: set[int] = set()
        self._call_at: float | None = 0.0  # None: it calls
        self._rings_until = 0.0
        self.quiet = False

    @property
    def idle(self) -> bool:
        """Whether it has no call, and makes none."""
        return self.quiet and self._call_at is not None

    def step(self) -> None:
        """Call when it is time; give up what nobody answers."""
        super().step()
        now = self.exchange.now
        if self._call_at is None:
            if self._fax is None and now > self._rings_until:
                self.exchange.hang_up(self)
                self._rest()
        elif now >= self._call_at and not self.quiet:
            self._take_paper()
            self._call_at, self._rings_until = None, now + RINGING
            self.call_number(self._to)

    def failed(self, why: Event) -> None:
        """Busy: later again."""
        self._rest()

    def _take_paper(self) -> None:
        if not self._pages or self._calls >= PATIENCE:
            self._name = f"{self.number[1:]}-{self._random.getrandbits(40):x}"
            self._pages = document(self._name, Random(self._name), LINES)
            self._to = self._random.choice(ANSWERERS)
            self._calls, self._done = 0, set()
            self._diary.write(begun=self._name, to=self._to)
        failed = next((n for n in range(len(self._pages)) if n not in self._done), 0)
        self._first = self._random.choice((0, 0, failed))
        self._seen = 0
        ecm = self._random.random() < 0.6
        self._machine = replace(self._machine, ecm=ecm)
        sheets = [_at_rest(page) for page in self._pages[self._first :]]
        write_tiff(Path(self._machine.sends), sheets)

    def _at_page_end(self, t30: int, _user: int, command: int) -> int:
        """Written down before the call goes on."""
        if command in CONFIRMED:
            page, self._seen = self._first + self._seen, self._seen + 1
            self._done.add(page)
            print_ = sha256(self._pages[page].mmr).hexdigest()
            self._diary.write(document=self._name, to=self._to, page=page, confirmed=print_)
        return 0

    def _at_end(self, t30: int, _user: int, code: int) -> None:
        super()._at_end(t30, _user, code)
        self._calls = PATIENCE if code == 0 else self._calls + 1

    def _end(self) -> None:
        super()._end()
        self._rest()

    def _rest(self) -> None:
        self._call_at = self.exchange.now + self._random.expovariate(1 / REST)


def _at_rest(page: Page) -> ReceivedPage:
    return ReceivedPage(page.width, page.height, page.vr, page.mmr, {}, PageQuality())


@contextmanager
def telephones(folder: Path, links: dict[str, Path], random: Random) -> Iterator[list[Caller]]:
    """Soft modems under these links by number, and as many machines that call them."""
    need_library("spandsp", "libspandsp2")
    exchange = Exchange()
    for number, link in links.items():
        exchange.add(SoftModem(number, Pty(link)))
    callers = [
        Caller(number, folder, Random(random.random()))
        for number, _ in zip(NUMBERS, links, strict=True)
    ]
    for caller in callers:
        exchange.add(caller)
    thread = threading.Thread(target=exchange.run, args=(lambda: None,))
    thread.start()
    try:
        yield callers
    finally:
        exchange.stopped = True
        thread.join()
