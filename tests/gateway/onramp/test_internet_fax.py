"""Mails for Internet fax machines (RFC 3965), and the facts of pages that other targets get."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from struct import unpack_from

import pytest
from PIL import Image

from gateway.ocr.text import FaxText, Line, PageText, Word
from gateway.onramp.targets import Parcel
from gateway.onramp.targets.program import environment
from gateway.paper import minimal_tiff
from gateway.store.records import StoredPage
from gateway.words import Language
from modems.session import VR
from tests.gateway.onramp.test_targets import FAX, PARCEL, READER, Post, target, web
from tests.gateway.report.sheets import sheet
from tests.peer import need_program

TEXT = FaxText(
    (PageText((Line(12, (Word("zażółć", 1, 2, 3),)),), turned=180), PageText()), in_mail=True
)
MARKED = replace(FAX, blank=(2,), upside_down=(1,))
KNOWN = replace(PARCEL, reader=replace(READER, domain="fax.example.com"), text=TEXT, fax=MARKED)
LONG, SHORT, RATIONAL = 4, 3, 5
FIELDS = {  # RFC 3949 3.2 and 2.2.1: tag to (type, count, value or None for any)
    254: (LONG, 1, 2),
    256: (LONG, 1, 1728),
    257: (LONG, 1, None),
    258: (SHORT, 1, 1),
    259: (SHORT, 1, 3),
    262: (SHORT, 1, 0),
    266: (SHORT, 1, 2),
    273: (LONG, 1, None),
    277: (SHORT, 1, 1),
    278: (LONG, 1, None),
    279: (LONG, 1, None),
    282: (RATIONAL, 1, None),
    283: (RATIONAL, 1, None),
    292: (LONG, 1, 0),
    296: (SHORT, 1, 2),
    297: (SHORT, 2, None),
}


def assert_profile_s(file: bytes, pages: int) -> None:
    """Every octet of the file's structure is where RFC 3949 3.5 wants it, and nothing else is."""
    assert file[:8] == b"II*\0\x08\0\0\0"
    at = 8
    for number in range(pages):
        count = unpack_from("<H", file, at)[0]
        entries = [unpack_from("<HHI4s", file, at + 2 + 12 * n) for n in range(count)]
        behind = at + 2 + 12 * count + 4
        assert [tag for tag, *_ in entries] == sorted(FIELDS)
        found = {tag: int.from_bytes(value, "little") for tag, _, _, value in entries}
        for tag, kind, values, _ in entries:
            wanted_kind, wanted_count, wanted = FIELDS[tag]
            assert (kind, values) == (wanted_kind, wanted_count), tag
            assert wanted is None or found[tag] == wanted, tag
        assert (found[282], found[283]) == (behind, behind + 8)  # long values follow the directory
        x, one, y, also_one = unpack_from("<4I", file, behind)
        assert (one, also_one) == (1, 1)
        assert x in {200, 204}
        assert y in {98, 100, 196, 200}
        assert found[273] == behind + 16  # and the one strip follows them
        assert found[278] == found[257]
        assert found[297] == number | pages << 16
        end = found[273] + found[279]
        (following,) = unpack_from("<I", file, behind - 4)
        assert following == (0 if number == pages - 1 else end + end % 2)
        at = following


@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        ([sheet(1), sheet(2, height=601)], [400, 601]),
        ([sheet(1, vr=VR.R8_STANDARD)], [400]),
        ([sheet(1, vr=VR.R8_SUPERFINE)], [200]),
        ([sheet(1, width=2432)], [284]),
        ([sheet(1, width=3456, vr=VR.R16_SUPERFINE)], [201]),
        ([sheet(1, width=2592, vr=VR.INCH_300X300)], [267]),
    ],
    ids=["fine", "standard", "superfine", "A3", "R16", "300 dpi"],
)
def test_profile_s_octet_by_octet(
    tmp_path: Path, pages: Sequence[StoredPage], rows: list[int]
) -> None:
    """Whatever came over the line becomes the minimal form, which libtiff reads without a word."""
    file = minimal_tiff(pages)
    assert_profile_s(file, len(pages))
    (tmp_path / "x.tif").write_bytes(file)
    program = need_program("tiffinfo", "libtiff-tools")
    said = subprocess.run(
        [program, "-D", "x.tif"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert said.stderr == ""
    assert [int(line.split()[-1]) for line in said.stdout.splitlines() if "Length" in line] == rows


def test_profile_s_shows_what_came() -> None:
    """A page of Profile S's own resolution is the same pel for pel."""
    with (
        Image.open(io.BytesIO(minimal_tiff([sheet(1)]))) as tiff,
        Image.open(io.BytesIO(PARCEL.tiff())) as came,
    ):
        assert tiff.tobytes() == came.tobytes()


async def mailed(parcel: Parcel, **settings: object) -> EmailMessage:
    """The mail that a target sends."""
    post = Post()
    await target(post, type="mail", to="a@example.org", **settings).deliver(parcel)
    raw = post.sent[0][2].replace(b"\r\n", b"\n")
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_conforming_mail_is_text_and_tiff_only() -> None:
    """An Internet fax machine may fail on any other part; the type says which TIFF it is."""
    message = await mailed(KNOWN, format="tiff-s", caller_as_sender=True)
    text, tiff = message.iter_parts()

    assert message["From"] == "Fax +48 22 100 00 01 <FAX=+48221000001@fax.example.com>"
    assert message["Sender"] == "fax@fax.localhost"
    assert (message.get_content_type(), text.get_content_type()) == (
        "multipart/mixed",
        "text/plain",
    )
    assert tiff["Content-Type"] == 'image/tiff; application="faxbw"'
    assert tiff.get_content_disposition() == "attachment"
    assert tiff.get_filename() == "fax-2026-11-23-0512-from-48221000001-s.tif"
    assert_profile_s(tiff.get_content(), 2)
    assert "attached as TIFF" in text.get_content()


async def test_a_mail_may_have_several_forms() -> None:
    """PDF for people beside TIFF for machines."""
    message = await mailed(KNOWN, format=["pdf", "tiff-s"])
    kinds = [part.get_content_type() for part in message.iter_attachments()]

    assert kinds == ["application/pdf", "image/tiff"]
    assert message["Sender"] is None
    assert message.get_body(("html",)) is not None


@pytest.mark.parametrize(
    ("caller", "domain", "sender"),
    [
        ("221000001", "fax.example.com", "FAX=+48221000001@fax.example.com"),
        ("0049 30 123456", "fax.example.com", "FAX=+4930123456@fax.example.com"),
        ("anonymous", "fax.example.com", "fax@fax.localhost"),
        ("4711", "fax.example.com", "fax@fax.localhost"),
        ("", "fax.example.com", "fax@fax.localhost"),
        ("+48221000001", "", "fax@fax.localhost"),
    ],
)
async def test_only_a_caller_with_a_number_is_the_sender(
    caller: str, domain: str, sender: str
) -> None:
    """An answer must reach a fax machine or a mailbox, never nobody; a TSI proves nothing."""
    reader = replace(READER, domain=domain)
    parcel = replace(KNOWN, fax=replace(FAX, caller=caller, tsi="+48229999999"), reader=reader)
    message = await mailed(parcel, caller_as_sender=True)

    assert message["From"].addresses[0].addr_spec == sender


@pytest.mark.parametrize(("wanted", "there"), [(None, True), (True, True), (False, False)])
async def test_the_text_stands_in_the_mail_where_it_is_wanted(
    wanted: bool | None, there: bool
) -> None:
    """As the gateway has it, unless the target says otherwise; marks stand there in any case."""
    body = (await mailed(KNOWN, text=wanted)).get_body(("plain",))
    assert body is not None
    said = body.get_content()

    assert ("  [Page 1]\n  zażółć\n" in said) is there
    assert "  Blank pages: 2\n  Pages that came upside down; a PDF shows them upright: 1\n" in said


async def test_a_text_that_is_late_is_told() -> None:
    """With where it will be."""
    late = replace(KNOWN, text=FaxText(late=True, in_mail=True))
    polish = replace(late, reader=replace(late.reader, language=Language("pl")))
    bodies = [(await mailed(parcel)).get_body(("plain",)) for parcel in (late, polish)]

    assert all(body and "faxgate received get 9" in body.get_content() for body in bodies)


async def test_a_text_that_is_too_long_for_a_mail_is_cut() -> None:
    """And says so."""
    line = Line(1, (Word("w" * 190, 1, 2, 3),))
    long = replace(KNOWN, text=FaxText((PageText((line,) * 1000),), in_mail=True))
    body = (await mailed(long)).get_body(("plain",))
    assert body is not None

    assert 40_000 < len(body.get_content()) < 60_000
    assert body.get_content().endswith("[The text goes on; this is as much as a mail takes.]\n")


@pytest.mark.parametrize("text", [False, True])
async def test_a_webhook_knows_the_pages(text: bool) -> None:
    """Marks always, what was read where it is wanted."""
    async with web(204) as (url, got):
        await target(type="webhook", url=url, text=text).deliver(KNOWN)
    start = got[0].index(b'{"fax"')
    facts = json.loads(got[0][start : got[0].index(b"\r\n--", start)])

    assert (facts["blank"], facts["header_only"], facts["upside_down"]) == ([2], [], [1])
    assert facts.get("text") == (["zażółć", ""] if text else None)


async def test_a_text_lies_beside_its_file(tmp_path: Path) -> None:
    """Pages are parted by form feeds, as pdftotext has it."""
    drop = target(type="directory", path=tmp_path, name="x", format="tiff-s", text=True)
    await drop.deliver(KNOWN)

    assert (tmp_path / "x.txt").read_text() == "zażółć\f\n"
    assert_profile_s((tmp_path / "x.tif").read_bytes(), 2)


def test_a_command_gets_pages_as_words() -> None:
    """Numbers with spaces between them."""
    facts = environment(replace(KNOWN, fax=replace(FAX, blank=(2, 5))))

    assert (facts["FAX_BLANK"], facts["FAX_UPSIDE_DOWN"], facts["FAX_COMPLETE"]) == ("2 5", "", "1")
