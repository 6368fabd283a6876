"""A mail goes in and pages or a plain refusal come out, whatever happens to the workers."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.config.documents import Documents
from gateway.message.part import BODY_NAME
from gateway.offramp import workers
from gateway.offramp.protocol import CodedPage, Order, PartDone
from gateway.offramp.render import BROKEN, EMPTY, Renderer, judge
from gateway.offramp.workers import Delivery, NoWorker, Worker, WorkerFailed
from gateway.options import Options
from modems.session import VR
from t4codec import Coding, Compression, coded_bits
from tests.gateway.offramp import corpus

GOOD = PartDone("a.pdf", "application/pdf", 1)
BAD = PartDone("b.pdf", "application/pdf", 0, "is protected with a password")
CARD = PartDone("c.vcf", "text/vcard", 0, "is a contact card, not a page", skipped=True)
PAGE = CodedPage(1728, 2287, 1, b"x", {"MH": 1})


@asynccontextmanager
async def renderer(settings: Documents) -> AsyncIterator[Renderer]:
    """A renderer that is closed at the end."""
    made = Renderer(settings)
    try:
        yield made
    finally:
        await made.close()


async def test_a_mail_becomes_pages() -> None:
    """Body and document come out in order, numbered, coded, with their exact sizes."""
    async with renderer(Documents()) as made:
        rendered = await made.render(corpus.mail("Dzień dobry", ("a.pdf", corpus.text_pdf(2))))

    assert rendered.refused == ""
    assert [(d.name, d.pages, d.reason) for d in rendered.documents] == [
        ("The message text", 1, ""),
        ("a.pdf", 2, ""),
    ]
    assert [page.number for page in rendered.pages] == [1, 2, 3]
    page = rendered.pages[2]
    assert (page.width, page.height, page.vr) == (1728, 2287, VR.R8_FINE)
    assert page.bits["MMR"] == pytest.approx(8 * len(page.mmr), abs=8)
    assert set(page.bits) == {"MH", "MR", "MMR"}
    blank = coded_bits(bytes(216 * 2287), Coding(Compression.MMR))
    assert page.bits["MMR"] > 10 * blank


async def test_a_cancelled_mail_leaves_nothing_behind() -> None:
    """Cancelling kills the worker with what it was doing; the next mail gets a new one."""
    async with renderer(Documents(workers=1)) as made:
        await made.start()
        hanging = asyncio.create_task(made.render(corpus.mail("", ("a.pdf", corpus.hanging_pdf()))))
        await asyncio.wait([hanging], timeout=0.3)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging

        assert (await made.render(corpus.mail("next"))).pages


async def test_a_worker_that_dies_is_replaced() -> None:
    """A worker killed between mails costs that mail at most, in plain words."""
    async with renderer(Documents(workers=1)) as made:
        await made.start()
        (worker,) = made._idle
        assert worker._process
        os.killpg(worker._process.pid, signal.SIGKILL)
        rendered = await made.render(corpus.mail("lost"))

        assert rendered.refused == BROKEN
        assert (await made.render(corpus.mail("next"))).pages


async def test_the_loop_is_never_blocked() -> None:
    """While a mail of 20 MB is rendered the event loop keeps its pace."""
    ballast = corpus.stream(os.urandom(8_000_000), b"")
    big = corpus.raw_pdf(b"0 0 m 99 99 l S", extra=[ballast])
    raw = corpus.mail("x", ("a.pdf", big), ("b.pdf", big))
    worst, stop = 0.0, asyncio.Event()

    async def pulse() -> None:
        nonlocal worst
        while not stop.is_set():
            before = time.perf_counter()
            await asyncio.sleep(0)
            worst = max(worst, time.perf_counter() - before)

    async with renderer(Documents()) as made:
        await made.start()
        watching = asyncio.create_task(pulse())
        rendered = await made.render(raw)
        stop.set()
        await watching

    assert len(rendered.pages) == 3
    assert worst < 0.25  # ours is milliseconds; the machine may have other work


def test_one_bad_part_stops_everything_by_default() -> None:
    """Nothing goes out when a part cannot, and the refusal says which and why."""
    rendered = judge(Delivery((PAGE,), (GOOD, BAD)), Documents())

    assert rendered.pages == ()
    assert rendered.refused == "Nothing was sent. b.pdf is protected with a password."
    assert rendered.documents[1].reason == "b.pdf is protected with a password."


def test_the_rest_goes_out_by_policy() -> None:
    """With on_bad_part: rest the good parts go out, and the bad one is told."""
    rendered = judge(Delivery((PAGE,), (GOOD, BAD)), Documents(on_bad_part="rest"))

    assert rendered.refused == ""
    assert len(rendered.pages) == 1
    assert rendered.documents[1].reason


def test_the_rest_of_nothing_is_a_refusal() -> None:
    """With on_bad_part: rest a mail of bad parts only is refused all the same."""
    assert judge(Delivery((), (BAD,)), Documents(on_bad_part="rest")).refused


def test_a_skipped_part_does_no_harm() -> None:
    """A contact card beside a document is told and stops nothing."""
    rendered = judge(Delivery((PAGE,), (GOOD, CARD)), Documents())

    assert rendered.refused == ""
    assert rendered.documents[1].reason == "c.vcf is a contact card, not a page."


@pytest.mark.parametrize("parts", [(), (CARD,)])
def test_a_mail_without_pages_is_refused(parts: tuple[PartDone, ...]) -> None:
    """No text and no document is nothing to fax."""
    assert judge(Delivery((), parts), Documents()).refused == EMPTY


def test_a_worker_that_does_not_start_fails() -> None:
    """A worker that says something else than ready is killed and reported."""
    worker = Worker()
    command = ["/bin/echo", "hello"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "COMMAND", command)
        with pytest.raises(WorkerFailed):
            worker.render(Order(), b"x")

    assert not worker.usable


def test_a_silent_worker_is_killed() -> None:
    """A worker that says nothing for its time is killed."""
    worker = Worker()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "COMMAND", ["/bin/sleep", "600"])
        patch.setattr(workers, "START", 0.2)
        with pytest.raises(WorkerFailed, match="silent"):
            worker.start()


async def test_a_machine_without_a_process_to_spare_is_not_the_mails_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that cannot be started refuses no mail: the caller is told, and may ask again."""
    monkeypatch.setattr(workers, "COMMAND", ["/nonexistent/python"])
    renderer = Renderer(Documents())
    with pytest.raises(NoWorker):
        await renderer.render(b"Subject: x\n\ntext")
    monkeypatch.undo()

    assert (await renderer.render(b"Subject: x\n\ntext")).refused == ""
    await renderer.close()


def test_a_worker_sees_no_secret() -> None:
    """The environment of the gateway does not reach a worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAXGATE_PASSWORD", "secret")
        patch.setenv("XDG_CACHE_HOME", "/var/cache/faxgate")
        seen = workers.environment()

    assert "secret" not in repr(seen)
    assert seen["XDG_CACHE_HOME"] == "/var/cache/faxgate"


async def test_a_mail_is_rendered_as_its_sender_asked() -> None:
    """The resolution is the sender's before it is the gateway's, and the text is left out."""
    mail = corpus.mail("Covering words", ("a.pdf", corpus.text_pdf(1)))
    async with renderer(Documents(resolution="standard")) as made:
        rendered = await made.render(mail, Options(resolution="superfine", body=False))

    assert [(d.name, d.pages) for d in rendered.documents] == [(BODY_NAME, 0), ("a.pdf", 1)]
    assert [page.vr for page in rendered.pages] == [VR.R8_SUPERFINE]
