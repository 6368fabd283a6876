"""Receipts are read back by the standard library's parser, as a mail program would."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mailout.letter import octets
from gateway.report import Facts, receipt
from gateway.store.records import DocumentRecord, RecipientState
from gateway.words import Language
from modems.session import Dialled, Hangup
from tests.gateway.report import samples

MESSAGE_ID = "<r1@fax.localhost>"


def written(facts: Facts) -> bytes:
    """The receipt as it travels."""
    message = receipt(
        facts,
        sender="fax@fax.localhost",
        hostname="gateway.example.com",
        message_id=MESSAGE_ID,
        language=Language("en", samples.WARSAW),
    )
    assert message is not None
    return octets(message)


def read(facts: Facts) -> EmailMessage:
    """The receipt as a mail program sees it."""
    sent = written(facts).replace(b"\r\n", b"\n")
    message = message_from_bytes(sent, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, content_type: str) -> Message:
    """The first part of this type."""
    return next(p for p in message.walk() if p.get_content_type() == content_type)


def text(message: EmailMessage) -> str:
    """What a person reads."""
    plain = part(message, "text/plain")
    assert isinstance(plain, EmailMessage)
    content = plain.get_content()
    assert isinstance(content, str)
    return content


def fields(message: EmailMessage) -> dict[str, str]:
    """The fields of the delivery status, both groups."""
    groups = part(message, "message/delivery-status").get_payload()
    assert isinstance(groups, list)
    assert len(groups) == 2
    return {
        name: str(value)
        for group in groups
        if isinstance(group, Message)
        for name, value in group.items()
    }


def test_is_a_delivery_status_report() -> None:
    """A receipt is a multipart/report of three parts in RFC 6522's order."""
    message = read(samples.delivered())

    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert [p.get_content_type() for p in message.iter_parts()] == [
        "multipart/alternative",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    assert not [p.defects for p in message.walk() if p.defects]


def test_says_first_what_happened() -> None:
    """The first sentence tells number, pages, who confirmed, when and how long."""
    first = text(read(samples.delivered())).splitlines()[0]

    assert first == (
        'Your fax to +48 22 200 00 02 was delivered: 2 pages, confirmed by "+48 22 200 00 02" '
        "on 23 November 2026 at 06:12 (UTC+01:00), 48 seconds."
    )


def test_the_page_table_says_how_each_page_went() -> None:
    """Each page has a row: confirmed how, coding, resolution, rate, seconds, how often sent."""
    rows = [line.split() for line in text(read(samples.delivered())).splitlines()]

    for number in ("1", "2"):
        row = f"{number} yes, confirmed (MCF) MR 204 x 196 dpi 14,400 bit/s 22 s once"
        assert row.split() in rows


def test_the_html_says_the_same_as_the_text() -> None:
    """Every word of the plain text is also in the HTML alternative, and nothing is fetched."""
    message = read(samples.delivered())
    html = part(message, "text/html")
    assert isinstance(html, EmailMessage)
    content = html.get_content().replace("&quot;", '"')

    assert [word for word in text(message).split() if word not in content] == []
    assert "http" not in content
    assert "<img" not in content


def test_is_threaded_to_the_original() -> None:
    """In-Reply-To is the original, References its thread and itself."""
    message = read(samples.delivered())

    assert message["In-Reply-To"] == "<m1@example.org>"
    assert message["References"] == "<m0@example.org> <m1@example.org>"


def test_headers_are_those_of_an_automatic_answer() -> None:
    """Date, Message-ID, From with a name, To the envelope sender, Auto-Submitted: auto-replied."""
    message = read(samples.delivered())

    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Message-ID"] == MESSAGE_ID
    assert message["From"] == "Fax gateway <fax@fax.localhost>"
    assert message["To"] == "sender@example.org"
    assert message["Date"] == "Mon, 23 Nov 2026 06:12:20 +0100"
    assert message["Subject"] == "Fax delivered to +48 22 200 00 02: Invoice 17"


def test_the_original_header_is_quoted_without_its_body() -> None:
    """The third part is the original's header, all of it, and nothing of its body."""
    quoted = part(read(samples.delivered()), "text/rfc822-headers")
    assert isinstance(quoted, EmailMessage)
    content = quoted.get_content()

    assert content.startswith("From: Sender <sender@example.org>\n")
    assert "nobody reads" not in content


def test_the_fields_of_a_delivery() -> None:
    """RFC 3464's fields say the same as the words."""
    facts = samples.with_recipient(
        replace(samples.delivered(), job=replace(samples.JOB, envid="QQ+314159")),
        orcpt="rfc822;+48222000002@fax.example.net",
    )

    assert fields(read(facts)) == {
        "Original-Envelope-Id": "QQ+314159",
        "Reporting-MTA": "dns; gateway.example.com",
        "Arrival-Date": "Mon, 23 Nov 2026 05:11:30 +0000",
        "Original-Recipient": "rfc822; +48222000002@fax.example.net",
        "Final-Recipient": "rfc822; +48222000002@fax.localhost",
        "Action": "delivered",
        "Status": "2.0.0",
        "Diagnostic-Code": "x-t30; 00 Every page was confirmed.",
        "Last-Attempt-Date": "Mon, 23 Nov 2026 05:12:20 +0000",
        "Final-Log-ID": "17/3",
        "X-Fax-Number": "+48222000002",
        "X-Fax-Pages-Confirmed": "2 of 2",
        "X-Fax-Remote-Identity": "+48 22 200 00 02",
    }


def test_a_failure_has_one_cause_and_one_advice() -> None:
    """A failed fax says in the subject and the first sentence that it failed, and what to do."""
    message = read(samples.failed(Hangup.RINGBACK_NO_ANSWER, Dialled.BUSY, "the line was busy"))
    said = text(message)

    assert message["Subject"] == "Fax NOT delivered to +48 22 200 00 02: Invoice 17"
    assert said.startswith(
        "Your fax to +48 22 200 00 02 was not delivered: the number was engaged. "
        "The machine is there and in use: please send it again a little later.\n\n"
        "The call was on 23 November 2026 at 06:11 (UTC+01:00). No page was confirmed.\n\n"
    )
    assert fields(message)["Action"] == "failed"
    assert fields(message)["Status"] == "4.4.1"
    assert fields(message)["Diagnostic-Code"] == "x-t30; 04 the line was busy"


def test_a_delay_says_when_the_next_try_is() -> None:
    """A deferred fax names the next try and the end of trying, in words and in the fields."""
    late = samples.ENDED.replace(hour=17)
    facts = samples.with_recipient(
        replace(samples.failed(Hangup.RINGBACK_NO_ANSWER, Dialled.BUSY), give_up_at=late),
        state=RecipientState.QUEUED,
        due=samples.ENDED.replace(minute=15),
        ended_at=None,
    )
    message = read(facts)

    assert "Fax to +48 22 200 00 02 is delayed" in message["Subject"]
    assert "has not been delivered yet: the number was engaged." in text(message)
    assert "The next try is on 23 November 2026 at 06:15 (UTC+01:00)." in text(message)
    assert fields(message)["Action"] == "delayed"
    assert fields(message)["Status"] == "4.4.1"
    assert fields(message)["Will-Retry-Until"] == "Mon, 23 Nov 2026 17:12:20 +0000"


def test_a_document_that_could_not_be_used_is_named() -> None:
    """When a mail cannot be rendered, its receipt names the part and the reason, and no call."""
    reason = "secret.pdf is protected by a password."
    facts = samples.with_recipient(
        replace(
            samples.delivered(),
            attempts=(),
            confirmations=(),
            documents=(DocumentRecord("secret.pdf", "application/pdf", 0, reason),),
        ),
        state=RecipientState.FAILED,
        status="5.6.1",
        cause=f"Nothing was sent. {reason}",
        pages=0,
    )
    message = read(facts)

    assert text(message).startswith(
        "Your fax to +48 22 200 00 02 was not delivered: it could not be made into pages. "
        "Nothing was sent. secret.pdf is protected by a password. "
        "Please send it again without that part"
    )
    assert "Left out: secret.pdf is protected by a password." in text(message)
    assert fields(message)["Status"] == "5.6.1"
    assert "Diagnostic-Code" not in fields(message)


def test_the_same_facts_give_the_same_octets() -> None:
    """A receipt that is written again after a crash is the same mail."""
    assert written(samples.delivered()) == written(samples.delivered())


def test_every_line_is_short_ascii_with_crlf() -> None:
    """Any mail server takes a receipt: 7-bit, CRLF, no line over 998 octets (RFC 5322 2.1.1)."""
    raw = b"Subject: Za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 " + b"x" * 3000 + b"\r\n\r\n"
    sent = written(replace(samples.delivered(), job=replace(samples.JOB, raw=raw)))

    assert sent.isascii()
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert max(map(len, sent.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("sender", ["", "<>"])
def test_the_null_sender_is_never_answered(sender: str) -> None:
    """Nothing is mailed to the null sender, or bounces would breed."""
    facts = replace(samples.delivered(), job=replace(samples.JOB, sender=sender))

    assert receipt(facts, sender="a@b.example", hostname="b.example", message_id="<x@y>") is None


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        "x\r\nBcc: victim@example.net",
        "\r\n\r\nbody",
        "a\x00b\x85c\u2028d",
        "=?utf-8?q?=0D=0ABcc:_x?=",
    ]
)


@settings(deadline=None, max_examples=50)
@given(subject=HOSTILE, identity=HOSTILE, orcpt=HOSTILE, envid=HOSTILE, cause=HOSTILE)
def test_strangers_cannot_write_headers(
    subject: str, identity: str, orcpt: str, envid: str, cause: str
) -> None:
    """Whatever a mail or a fax machine says, the receipt has our headers and fields, no others."""
    facts = samples.failed(Hangup.MPS_NO_ANSWER, cause=cause)
    plain_names = read(facts).keys()
    known = set(fields(read(facts))) | {"Original-Recipient", "Original-Envelope-Id"}
    call = replace(samples.CALL, remote_identity=identity, cause=cause)
    raw = f"Message-ID: <m1@example.org>\r\nSubject: {subject}".encode() + b"\r\n\r\nbody"
    hostile = samples.with_recipient(
        replace(
            facts,
            job=replace(samples.JOB, raw=raw, envid=envid),
            attempts=(samples.attempt(call),),
        ),
        orcpt=f"rfc822;{orcpt}",
        cause=cause,
    )
    message = read(hostile)

    assert set(message.keys()) == set(plain_names)
    assert set(fields(message)) <= known | {"X-Fax-Remote-Identity"}
    assert message["Subject"].lstrip().startswith("Fax NOT delivered to +48 22 200 00 02")
