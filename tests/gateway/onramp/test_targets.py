"""Faxes on their way to places that are no mailbox: real files, servers and programs."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from pydantic import TypeAdapter

from gateway.config.receiving import AnyTarget
from gateway.mailout.transport import PermanentFailure, TemporaryFailure
from gateway.onramp.compose import Reader
from gateway.onramp.targets import Parcel, Target, build_target
from gateway.words import Language
from modems.terminal import PageQuality
from tests.gateway.onramp.faxes import FAX as SAMPLE
from tests.gateway.report.sheets import sheet

FAX = replace(SAMPLE, tsi="../EVIL $(rm) ", subaddress="12")
PAGES = (sheet(1), sheet(2, height=600))
READER = Reader(
    "a@example.org", "<d1@fax.localhost>", "fax@fax.localhost", "PL", Language("en", UTC)
)
PARCEL = Parcel("<d1@fax.localhost>", FAX, PAGES, [PageQuality(400, 0, 0)] * 2, READER)


class Post:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes]] = []

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        self.sent.append((envelope_from, to, message))


def target(post: Post | None = None, **settings: object) -> Target:
    adapter: TypeAdapter[AnyTarget] = TypeAdapter(AnyTarget)
    parsed = adapter.validate_python(settings)
    return build_target(parsed, post or Post(), "postmaster@example.org")


@asynccontextmanager
async def web(status: int, *, hangs: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers every POST with `status`, or never; its URL and what it got."""
    got: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        got.append(head + await reader.readexactly(length))
        if hangs:
            await reader.read()
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nLocation: /other\r\n\r\n" % status)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/fax", got


async def test_a_file_is_dropped_whole(tmp_path: Path) -> None:
    """The name is made of facts, the JSON beside it tells the rest, and nothing else is left."""
    folder = tmp_path / "deep" / "faxes"
    drop = target(type="directory", path=folder, json_beside=True)

    await drop.deliver(PARCEL)

    pdf = folder / "2026-11-23-051200-+48221000001-9.pdf"
    assert sorted(folder.iterdir()) == [pdf.with_suffix(".json"), pdf]
    assert pdf.read_bytes() == PARCEL.pdf()
    assert json.loads(pdf.with_suffix(".json").read_text())["subaddress"] == "12"


async def test_a_repeat_changes_nothing(tmp_path: Path) -> None:
    """After a crash the same fax finds its file."""
    drop = target(type="directory", path=tmp_path, name="{caller}")
    for _ in range(2):
        await drop.deliver(PARCEL)

    assert [path.name for path in tmp_path.iterdir()] == ["+48221000001.pdf"]


async def test_another_fax_of_that_name_is_kept_too(tmp_path: Path) -> None:
    """A pattern without {fax} overwrites nobody."""
    drop = target(type="directory", path=tmp_path, name="{caller}", format="tiff")
    await drop.deliver(PARCEL)
    await drop.deliver(replace(PARCEL, fax=replace(FAX, id=10), pages=PAGES[:1]))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("+48221000001-10.tif", "+48221000001.tif")
    ]
    with Image.open(tmp_path / "+48221000001.tif") as tiff:
        assert getattr(tiff, "n_frames", 1) == 2


async def test_a_stranger_names_no_path(tmp_path: Path) -> None:
    """What the sending machine calls itself leads nowhere else."""
    await target(type="directory", path=tmp_path / "in", name="{tsi}").deliver(PARCEL)

    (path,) = (tmp_path / "in").iterdir()
    assert path.name == "EVIL-rm.pdf"
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


async def test_a_full_or_forbidden_disk_is_for_later(tmp_path: Path) -> None:
    """The administrator can mend it."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(TemporaryFailure, match="file"):
        await target(type="directory", path=tmp_path / "file").deliver(PARCEL)


async def test_a_webhook_gets_facts_and_pdf_signed(tmp_path: Path) -> None:
    """The HMAC covers the body, and the delivery's name is the same at every try."""
    async with web(204) as (url, got):
        await target(type="webhook", url=url, secret="s3cret").deliver(PARCEL)
    head, _, body = got[0].partition(b"\r\n\r\n")
    headers = message_from_bytes(head.partition(b"\r\n")[2], policy=policy.default)
    form = message_from_bytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body,
        policy=policy.default,
    )
    fax, document = (cast(bytes, part.get_payload(decode=True)) for part in form.iter_parts())

    digest = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["X-Faxgate-Signature"] == f"sha256={digest}"
    assert headers["X-Faxgate-Delivery"] == "<d1@fax.localhost>"
    assert json.loads(fax)["caller"] == "+48221000001"
    assert document == PARCEL.pdf()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (302, TemporaryFailure),
        (401, TemporaryFailure),
        (503, TemporaryFailure),
        (410, PermanentFailure),
    ],
)
async def test_what_a_webhook_answers(status: int, failure: type[Exception]) -> None:
    """Only 410 is for ever; a redirect is not followed."""
    async with web(status) as (url, got):
        with pytest.raises(failure, match=str(status)):
            await target(type="webhook", url=url).deliver(PARCEL)

    assert len(got) == 1


async def test_a_webhook_that_hangs_or_is_not_there_is_for_later() -> None:
    """Every wait has a limit."""
    async with web(200, hangs=True) as (url, _):
        with pytest.raises(TemporaryFailure, match="no answer from the webhook within"):
            await target(type="webhook", url=url, timeout="0.2 s").deliver(PARCEL)
    with pytest.raises(TemporaryFailure, match="webhook"):
        await target(type="webhook", url=url).deliver(PARCEL)


@pytest.mark.parametrize(
    ("answer", "told"), [(b"", "closed the connection"), (b"\x00\xff no\r\n\r\n", "no HTTP")]
)
async def test_a_webhook_that_leaves_or_talks_nonsense_is_told_in_words(
    answer: bytes, told: str
) -> None:
    """A failure is for later, and says what the far end did, not which exception that was."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(TemporaryFailure, match=told):
            await target(type="webhook", url=url).deliver(PARCEL)


async def test_a_command_gets_the_pdf_and_the_facts(tmp_path: Path) -> None:
    """On standard input and in the environment; never through a shell."""
    out = tmp_path / "out"
    program = (
        f"import os, sys; out = open({str(out)!r}, 'wb'); out.write(sys.stdin.buffer.read()); "
        "out.write((os.environ['FAX_TSI'] + os.environ['FAX_COMPLETE']).encode())"
    )

    await target(type="command", argv=[sys.executable, "-c", program]).deliver(PARCEL)

    assert out.read_bytes() == PARCEL.pdf() + b"../EVIL $(rm)1"


async def test_a_command_that_fails_is_for_later() -> None:
    """With the last that it said; a program that is not there is named."""
    program = "import sys; sys.stderr.write('no paper'); sys.exit(3)"
    with pytest.raises(TemporaryFailure, match="ended with 3: no paper"):
        await target(type="command", argv=[sys.executable, "-c", program]).deliver(PARCEL)
    with pytest.raises(TemporaryFailure, match="/nowhere/at/all"):
        await target(type="command", argv=["/nowhere/at/all"]).deliver(PARCEL)


async def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    """Nothing of it is left behind."""
    pid = tmp_path / "pid"
    argv = ["sh", "-c", f"sleep 1000 & echo $! > {pid}; wait"]
    with pytest.raises(TemporaryFailure, match="longer than"):
        await target(type="command", argv=argv, timeout="1 s").deliver(PARCEL)

    state = Path(f"/proc/{pid.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


async def test_a_printer_gets_it_by_lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`lp` is asked for the queue with the options, and reads the PDF."""
    lp = tmp_path / "lp"
    lp.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments; cat > {tmp_path}/printed\n')
    lp.chmod(lp.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    await target(type="printer", queue="office", options=["sides=one-sided"]).deliver(PARCEL)

    said = (tmp_path / "arguments").read_text()
    assert said == "-s -d office -o sides=one-sided -t fax 9 -- -\n"
    assert (tmp_path / "printed").read_bytes() == PARCEL.pdf()


@pytest.mark.parametrize(
    ("form", "kind", "count"),
    [("pdf", "application/pdf", 1), ("tiff", "image/tiff", 1), ("png", "image/png", 2)],
)
async def test_mail_in_each_form(form: str, kind: str, count: int) -> None:
    """The address of the target, the form that it wants, bounces to a person."""
    post = Post()
    await target(post, type="mail", to="scans@example.org", format=form).deliver(PARCEL)
    ((bounces_to, to, raw),) = post.sent
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    attached = [part for part in message.iter_attachments() if part.get_content_type() == kind]

    assert (bounces_to, to) == ("postmaster@example.org", "scans@example.org")
    assert len(attached) == count
    if kind.startswith("image/"):
        with Image.open(BytesIO(attached[0].get_content())) as image:
            assert image.width == 1728


async def test_a_notice_has_nothing_of_the_fax() -> None:
    """For readers who may not have it by mail: who called, and how it is fetched."""
    post = Post()
    await target(post, type="mail", to="scans@example.org", content=False).deliver(PARCEL)
    message = message_from_bytes(post.sent[0][2], policy=policy.default)

    assert message.get_content_type() == "text/plain"
    assert "faxgate received get 9" in message.get_content()


async def test_a_maildir_keeps_one_mail(tmp_path: Path) -> None:
    """However often the delivery is repeated."""
    box = target(type="maildir", path=tmp_path / "box")
    for _ in range(2):
        await box.deliver(PARCEL)

    (mail,) = (tmp_path / "box" / "new").iterdir()
    assert b"application/pdf" in mail.read_bytes()
