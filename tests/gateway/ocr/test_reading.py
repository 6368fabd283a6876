"""The loop that has faxes read, over a real store and readers that do as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import SettableClock
from gateway.ocr.kept import fax_text
from gateway.ocr.reader import NoReader
from gateway.ocr.reading import Reading
from gateway.ocr.text import Line, PageText, Word
from gateway.store import Store
from gateway.store.records import PageContent, StoredPage
from modems.terminal import PageVerdict
from tests.gateway.store.samples import NOW, OWNER, QUALITY, call_report, page


class Fake:
    """Reads a page as `does` says, and remembers which pages it was given."""

    def __init__(self, does: Callable[[StoredPage], PageText]) -> None:
        self.does = does
        self.asked: list[tuple[int, bool]] = []

    async def read(self, page: StoredPage, /, *, turn_it: bool) -> PageText:
        self.asked.append((page.number, turn_it))
        return self.does(page)


def says_its_number(page: StoredPage) -> PageText:
    """A page of one word."""
    return PageText((Line(12, (Word(f"page{page.number}", 1, 2, 3),)),))


@pytest.fixture(name="store")
async def _store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(
        f"sqlite:///{tmp_path}/faxgate.db", owner=OWNER, patience=lambda _: timedelta(minutes=1)
    )
    yield store
    await store.close()


async def fax_of(store: Store, *contents: PageContent) -> int:
    """A fax has come in."""
    fax = await store.start_received("isdn", "+482", "+481", ["a@b.example"], NOW)
    for number, content in enumerate(contents, 1):
        await store.add_received_page(fax, page(number), QUALITY, PageVerdict.MCF, content)
    await store.end_received(fax, call_report(), NOW)
    return fax


def reading(store: Store, reader: Fake, heard: list[str] | None = None) -> Reading:
    """The loop; what it announces goes to `heard`."""

    def announce(event: str, **_: object) -> None:
        if heard is not None:
            heard.append(event)

    async def rest(_: float) -> None:
        return

    return Reading(store, reader, SettableClock(NOW), announce, OWNER, rest=rest)


async def until_read(store: Store, loop: Reading, fax: int) -> None:
    """Run the loop until a fax is read."""
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(20):
        while await store.readings.state(fax) in {"waiting", "reading"}:
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_fax_is_read_and_its_delivery_is_due(store: Store) -> None:
    """Blank pages are not read, and pages with a header line only are not turned."""
    ink, blank, header = PageContent.INK, PageContent.BLANK, PageContent.HEADER_ONLY
    heard: list[str] = []
    fax, reader = await fax_of(store, ink, blank, header), Fake(says_its_number)
    await until_read(store, reading(store, reader, heard), fax)

    assert reader.asked == [(1, True), (3, False)]
    assert heard == ["fax read"]
    pages = await store.received_pages(fax)
    text = fax_text(pages, await store.readings.texts(fax), await store.readings.state(fax))
    assert [str(each) for each in text.pages] == ["page1", "", "page3"]
    assert not text.late
    assert await store.next_mail(NOW, timedelta(hours=1)) is not None


async def test_a_page_that_cannot_be_read_is_told_and_passed_over(store: Store) -> None:
    """The others have their text all the same."""
    heard: list[str] = []
    fax = await fax_of(store, *[PageContent.INK] * 2)
    reader = Fake(lambda p: PageText(problem="it crashed") if p.number == 1 else says_its_number(p))
    await until_read(store, reading(store, reader, heard), fax)

    assert heard == ["page not read", "fax read"]
    assert [t.problem for t in await store.readings.texts(fax)] == ["it crashed", ""]


async def test_a_machine_without_a_process_to_spare_gets_a_rest(store: Store) -> None:
    """The page is read as soon as it can be."""
    left = [NoReader("no memory")] * 2

    def sometimes(page: StoredPage) -> PageText:
        if left:
            raise left.pop()
        return says_its_number(page)

    heard: list[str] = []
    fax = await fax_of(store, PageContent.INK)
    await until_read(store, reading(store, Fake(sometimes), heard), fax)

    assert heard == ["no reading process", "no reading process", "fax read"]


async def test_a_stopped_gateway_goes_on_where_it_was(store: Store) -> None:
    """Pages that were read are not read again, and an orderly stop counts for nothing."""
    fax = await fax_of(store, *[PageContent.INK] * 3)
    arrived = asyncio.Event()

    class Hanging(Fake):
        async def read(self, page: StoredPage, /, *, turn_it: bool) -> PageText:
            if page.number == 2:
                arrived.set()
                await asyncio.Event().wait()
            return await super().read(page, turn_it=turn_it)

    task = asyncio.create_task(reading(store, Hanging(says_its_number)).run())
    await asyncio.wait_for(arrived.wait(), 20)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await store.readings.state(fax) == "waiting"

    reader = Fake(says_its_number)
    await until_read(store, reading(store, reader), fax)
    assert [number for number, _ in reader.asked] == [2, 3]
