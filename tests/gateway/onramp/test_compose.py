"""Received faxes as mails, read back by a mail parser and a PDF reader."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.address import Book
from gateway.config.addressing import Contact
from gateway.mailout.letter import octets
from gateway.onramp.compose import Reader, caller_of, fax_mail, file_name
from gateway.store.records import Earlier, ReceivedFax, StoredPage
from gateway.words import Language
from modems.session import DF, VR, Hangup
from modems.terminal import CallReport, PageForm, PageQuality, PageReport, PageVerdict
from t4codec.coding import Coding, Compression
from t4codec.encoder import encode
from tests.gateway.onramp.faxes import BEGAN, FAX
from tests.peer import need_program

WARSAW = timezone(timedelta(hours=1))
READER = Reader(
    "office@example.org", "<f1@fax.localhost>", "fax@fax.localhost", "PL", Language("en", WARSAW)
)
THREAD = {"In-Reply-To", "References"}
BOOK = Book([Contact(name="apteka", display="Apteka 24", numbers=("+48221000001",))])
KNOWING = replace(READER, book=BOOK)
FORM = PageForm(1728, VR.R8_FINE, DF.MR)


def stored(number: int, vr: VR = VR.R8_FINE, height: int = 2287) -> StoredPage:
    """A page with a black bar at the left of every row."""
    row = b"\xff" * 20 + bytes(1728 // 8 - 20)
    mmr = encode(row * height, Coding(Compression.MMR, 1728))
    return StoredPage(number, 1728, height, vr, mmr)


PAGES = [stored(1), stored(2)]


def broken(status: Hangup, last: PageVerdict) -> CallReport:
    """A call that ended so, after two pages of which the second was answered so."""
    pages = (
        PageReport(1, FORM, 14400, 9000, 20.0, PageVerdict.MCF),
        PageReport(2, FORM, 14400, 9000, 20.0, last),
    )
    return CallReport(status, "the carrier was lost", pages=pages, seconds=69.6)


def mail(
    fax: ReceivedFax = FAX,
    qualities: list[PageQuality] | None = None,
    report: CallReport | None = None,
) -> EmailMessage:
    """The mail as its reader's program sees it."""
    written = fax_mail(fax, PAGES, READER, qualities=qualities or [], report=report)
    message = message_from_bytes(octets(written).replace(b"\r\n", b"\n"), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text(message: EmailMessage) -> str:
    """What a person reads."""
    body = message.get_body(("plain",))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


def attached_pdf(message: EmailMessage) -> bytes:
    """The one attachment."""
    (attachment,) = message.iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    content = attachment.get_content()
    assert isinstance(content, bytes)
    return content


def test_headers_say_who_and_how_much() -> None:
    """Subject and From name the caller; Date is the end of the call; nothing loops."""
    message = mail()

    assert message["Subject"] == "Fax from +48 22 100 00 01, 2 pages"
    assert message["From"] == "Fax +48 22 100 00 01 <fax@fax.localhost>"
    assert message["To"] == "office@example.org"
    assert message["Date"] == "Mon, 23 Nov 2026 06:13:10 +0100"
    assert message["Message-ID"] == "<f1@fax.localhost>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_body_tells_the_call() -> None:
    """Caller, called number, time, pages, duration and quality stand in the text."""
    assert text(mail(qualities=[PageQuality(2287, 0, 0)] * 2)) == (
        "A fax of 2 pages came from +48 22 100 00 01 on 23 November 2026 at 06:12 (UTC+01:00). "
        "It is attached as a PDF.\n\n"
        "Details\n"
        "  Caller: +48 22 100 00 01\n"
        '  The sending machine calls itself "+48 22 100 00 01"\n'
        "  Called number: +48 22 200 00 02\n"
        "  Received: 23 November 2026 at 06:12 (UTC+01:00), 1 minute 10 seconds, on line answerer\n"
        "  Pages: 2 (204 x 196 dpi)\n"
        "  Quality: no damaged rows\n"
        "  Reference: received fax 9\n"
    )


def test_damage_is_told_page_by_page() -> None:
    """Rows that the line damaged are counted for the page they are on."""
    said = text(mail(qualities=[PageQuality(2287, 0, 0), PageQuality(2287, 31, 12)]))

    assert "Quality: 31 of 2287 rows on page 2 damaged on the line" in said


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        (
            PageVerdict.MCF,
            "THIS FAX IS INCOMPLETE. The call broke after page 2: the call broke after a page.",
        ),
        (
            PageVerdict.NONE,
            "THIS FAX IS INCOMPLETE. The call broke in page 2: the call broke after a page. "
            "What had arrived of that page is attached.",
        ),
    ],
)
def test_an_incomplete_fax_says_so_first(last: PageVerdict, sentence: str) -> None:
    """Nobody can take a broken fax for a whole one: subject and first words say it."""
    message = mail(replace(FAX, complete=False), report=broken(Hangup.PHASE_D_RECEIVE, last))

    assert message["Subject"] == "Fax from +48 22 100 00 01, 2 pages, INCOMPLETE"
    assert text(message).startswith(sentence)


def test_a_fax_that_a_crash_cut_off_gives_the_stored_cause() -> None:
    """Without a call report the store's sentence says why."""
    fax = replace(FAX, complete=False, cause="The gateway was stopped during the call.")

    assert "broke after page 2: the gateway was stopped during the call." in text(mail(fax))


@pytest.mark.parametrize(
    ("caller", "tsi", "shown"),
    [
        ("+48221000001", "", "+48 22 100 00 01"),
        ("221000001", "", "+48 22 100 00 01"),
        ("48221000001", "x", "+48 22 100 00 01"),
        ("anonymous", "+49 30 123456", "+49 30 123456"),
        ("", "  Kancelaria Nowak  ", "Kancelaria Nowak"),
        ("4711", "", "4711"),
        ("", "", "an unknown number"),
    ],
)
def test_the_caller_is_named_as_well_as_can_be(caller: str, tsi: str, shown: str) -> None:
    """The caller ID in its country's form, else what the machine calls itself, else nobody."""
    assert caller_of(replace(FAX, caller=caller, tsi=tsi), READER) == shown


@pytest.mark.parametrize("caller", ["+48221000001", "221000001", "0048 22 100 00 01"])
def test_a_caller_in_the_address_book_is_called_by_name(caller: str) -> None:
    """Whatever form the exchange gives the number; the file keeps a name of digits."""
    written = fax_mail(replace(FAX, caller=caller), PAGES, KNOWING)
    message = message_from_bytes(octets(written).replace(b"\r\n", b"\n"), policy=policy.default)
    assert isinstance(message, EmailMessage)

    assert message["Subject"] == "Fax from Apteka 24 (+48 22 100 00 01), 2 pages"
    assert "  Caller: Apteka 24 (+48 22 100 00 01)\n" in text(message)
    about = pypdf.PdfReader(io.BytesIO(attached_pdf(message))).metadata
    assert about is not None
    assert (about.title or "").startswith("Fax from Apteka 24 (+48 22 100 00 01), ")
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "fax-2026-11-23-0612-from-48221000001.pdf"


def test_what_a_machine_calls_itself_earns_no_name() -> None:
    """Anybody can type a number into a machine: only the caller ID is looked up."""
    assert caller_of(replace(FAX, caller=""), KNOWING) == "+48 22 100 00 01"


def test_the_file_name_is_plain() -> None:
    """Local time and the caller's digits make the name; a caller without any is left out."""
    assert (
        file_name(BEGAN, "+48 22 100 00 01", WARSAW) == "fax-2026-11-23-0612-from-48221000001.pdf"
    )
    assert file_name(BEGAN, "Kancelaria ٤", WARSAW) == "fax-2026-11-23-0612.pdf"
    (attachment,) = mail().iter_attachments()
    assert attachment.get_filename() == "fax-2026-11-23-0612-from-48221000001.pdf"


def test_the_same_fax_gives_the_same_octets() -> None:
    """A mail that is written again after a crash is the same mail."""
    assert octets(fax_mail(FAX, PAGES, READER)) == octets(fax_mail(FAX, PAGES, READER))


@settings(deadline=None, max_examples=50)
@given(
    st.text(max_size=60) | st.just("=?utf-8?q?=0D=0ABcc:_x?="),
    st.text(max_size=60) | st.just('"\r\nBcc: victim@example.net\r\n'),
)
def test_a_hostile_machine_cannot_write_headers(caller: str, tsi: str) -> None:
    """Whatever a machine or a telephone exchange sends as identity, the headers stay ours."""
    hostile = mail(replace(FAX, caller=caller, tsi=tsi))

    assert {*hostile.keys()} | THREAD == {*mail().keys()}  # who says nothing has no thread
    assert [a.addr_spec for a in hostile["From"].addresses] == ["fax@fax.localhost"]
    assert attached_pdf(hostile).startswith(b"%PDF-")


@pytest.mark.peer
@pytest.mark.parametrize(
    ("vr", "height"), [(VR.R8_STANDARD, 1143), (VR.R8_FINE, 2287), (VR.R8_SUPERFINE, 4574)]
)
def test_the_pdf_has_the_true_size_of_the_paper(vr: VR, height: int, tmp_path: Path) -> None:
    """A page of 297 mm is 297 mm long and 215 mm wide in the PDF, at every resolution."""
    pdf = tmp_path / "fax.pdf"
    message = fax_mail(FAX, [stored(1, vr, height)], READER)
    (attachment,) = message.iter_attachments()
    pdf.write_bytes(attachment.get_content())
    info = poppler("pdfinfo", "-isodates", str(pdf))
    width, _, length, *_ = info["Page size"].split()

    assert float(width) / 72 * 25.4 == pytest.approx(215, abs=0.5)
    assert float(length) / 72 * 25.4 == pytest.approx(297, abs=0.5)
    assert info["Title"] == "Fax from +48 22 100 00 01, 23 November 2026"
    assert info["CreationDate"] == "2026-11-23T05:12:00Z"


@pytest.mark.peer
def test_the_pages_go_into_the_pdf_as_they_are(tmp_path: Path) -> None:
    """Poppler finds two CCITT images with every pel of the stored pages."""
    pdf = tmp_path / "fax.pdf"
    pdf.write_bytes(attached_pdf(mail()))
    images = subprocess.run(
        [need_program("pdfimages", "poppler-utils"), "-list", str(pdf)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()[2:]

    assert len(images) == 2
    for line in images:
        _, _, _, width, height, *_, encoding = line.split()[:9]
        assert (width, height, encoding) == ("1728", "2287", "ccitt")


def poppler(program: str, *arguments: str) -> dict[str, str]:
    """What pdfinfo says, by field."""
    command = [need_program(program, "poppler-utils"), *arguments]
    result = subprocess.run(
        command, check=True, capture_output=True, text=True, env={"TZ": "UTC", "LC_ALL": "C.UTF-8"}
    )
    fields = (line.partition(":") for line in result.stdout.splitlines())
    return {name: value.strip() for name, _, value in fields}


def test_a_repeat_says_what_it_replaces() -> None:
    """The mail of a complete repeat names the incomplete fax; one in doubt names it too."""
    earlier = Earlier(7, BEGAN - timedelta(minutes=9))
    complete = mail(replace(FAX, replaces=(earlier,)))
    assert complete["Subject"].endswith("complete: replaces the incomplete one of 06:03")
    assert "replaces the incomplete fax of 23 November 2026 at 06:03" in text(complete)

    holding = mail(replace(FAX, replaces=(earlier,), complete=False))
    assert "INCOMPLETE" in holding["Subject"]
    assert "What came of the incomplete fax of" in text(holding)

    doubtful = mail(replace(FAX, follows=earlier))
    assert "replaces" not in doubtful["Subject"]
    assert "may be its rest or its repeat" in text(doubtful)
