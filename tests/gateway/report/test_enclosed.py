"""What goes with the words of a receipt: a picture, files, the mail itself, an MDN in its place."""

from __future__ import annotations

import io
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from gateway.mailout.letter import octets
from gateway.paper import WIDTH
from gateway.report import Facts, receipt
from gateway.report.mdn import Mdn
from gateway.report.receipt import Enclosed
from gateway.report.signature import Signer, check
from gateway.store.records import RecipientState
from gateway.words import Language
from modems.session import VR, Hangup
from tests.gateway.report import samples
from tests.gateway.report.sheets import sheet

ASKS = samples.RAW.replace(
    b"\r\n\r\n", b"\r\nDisposition-Notification-To: sender@example.org\r\n\r\n"
)
AUTOMATIC = samples.RAW.replace(b"\r\n\r\n", b"\r\nAuto-Submitted: auto-generated\r\n\r\n")


def read(facts: Facts, enclosed: Enclosed, language: str = "en") -> EmailMessage:
    written = receipt(
        facts,
        sender="fax@fax.localhost",
        hostname="gateway.example.com",
        message_id="<r1@fax.localhost>",
        language=Language(language, samples.WARSAW),
        enclosed=enclosed,
    )
    assert written is not None
    message = message_from_bytes(octets(written), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def of_type(message: EmailMessage, content_type: str) -> list[EmailMessage]:
    return [
        part
        for part in message.walk()
        if part.get_content_type() == content_type and isinstance(part, EmailMessage)
    ]


def from_mail(facts: Facts, raw: bytes) -> Facts:
    return replace(facts, job=replace(facts.job, raw=raw))


def failed() -> Facts:
    return samples.failed(Hangup.PHASE_C_TRANSMIT, cause="The call broke.")


def test_the_first_page_is_shown() -> None:
    """The HTML shows a picture that the mail carries, with the proportions of the paper."""
    page = sheet(1, 1728, 1145, VR.R8_STANDARD)  # half of A4's rows: the paper is A4 all the same
    message = read(samples.delivered(), Enclosed([page], picture=True))
    (png,) = of_type(message, "image/png")
    (html,) = of_type(message, "text/html")
    image = Image.open(io.BytesIO(png.get_content()))

    assert png["Content-ID"].strip("<>") in html.get_content()
    assert image.width == WIDTH
    assert image.height == pytest.approx(WIDTH * 2**0.5, rel=0.03)
    assert image.convert("L").getextrema() == (0, 255)


def test_a_report_has_three_parts_whatever_is_enclosed(tmp_path: Path) -> None:
    """RFC 6522 3: the files are inside the first."""
    enclosed = Enclosed(
        [sheet(1), sheet(2)], picture=True, pdf=True, signer=Signer.at(tmp_path / "key")
    )
    message = read(samples.delivered(), enclosed)

    assert [part.get_content_type() for part in message.iter_parts()] == [
        "multipart/mixed",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    assert of_type(message, "application/pdf")[0].get_content().startswith(b"%PDF")


def test_the_statement_in_the_mail_is_signed(tmp_path: Path) -> None:
    """The attached JSON is what `faxgate verify` takes."""
    signer = Signer.at(tmp_path / "key")
    message = read(samples.delivered(), Enclosed([sheet(1), sheet(2)], signer=signer))
    (json,) = of_type(message, "application/json")

    assert check(json.get_content()).key == signer.public
    assert json.get_filename() == "receipt-3.json"


def test_ret_full_returns_the_mail_that_failed() -> None:
    """RFC 3461 4.3: all of it for a failure, the header for a success."""
    enclosed = Enclosed(original=samples.RAW)

    (returned,) = of_type(read(failed(), enclosed), "message/rfc822")
    assert b"The body, which nobody reads." in returned.as_bytes()
    assert not of_type(read(samples.delivered(), enclosed), "message/rfc822")


@pytest.mark.parametrize(
    ("facts", "disposition"),
    [(samples.delivered(), "dispatched"), (failed(), "processed/error")],
)
def test_an_mdn_where_the_mail_asks(facts: Facts, disposition: str) -> None:
    """RFC 8098 in place of the DSN, never both."""
    message = read(from_mail(facts, ASKS), Enclosed(mdn=Mdn.ASKED))
    (fields,) = of_type(message, "message/disposition-notification")
    (group,) = cast(list[Message], fields.get_payload())

    assert message.get_param("report-type") == "disposition-notification"
    assert group["Disposition"].endswith(f"; {disposition}")
    assert group["Original-Message-ID"] == "<m1@example.org>"
    assert bool(group["Error"]) == (disposition == "processed/error")
    assert not of_type(message, "message/delivery-status")


@pytest.mark.parametrize(
    ("raw", "when", "notify"),
    [
        (ASKS, Mdn.NEVER, ""),
        (ASKS, Mdn.ASKED, "SUCCESS,FAILURE"),
        (ASKS.replace(b"To: sender@", b"To: other@"), Mdn.ASKED, ""),
        (
            ASKS.replace(b"sender@example.org\r\n\r", b"sender@example.org, x@y.z\r\n\r"),
            Mdn.ASKED,
            "",
        ),
        (samples.RAW, Mdn.FAILURES, ""),
    ],
)
def test_a_dsn_where_no_mdn_is_due(raw: bytes, when: Mdn, notify: str) -> None:
    """Not asked, asked for somebody else, or asked for a DSN in the dialogue."""
    facts = samples.with_recipient(from_mail(samples.delivered(), raw), notify=notify)

    assert of_type(read(facts, Enclosed(mdn=when)), "message/delivery-status")


def test_rfc_4160_wants_an_mdn_for_every_failure() -> None:
    """The switch for gateways of Internet fax."""
    message = read(failed(), Enclosed(mdn=Mdn.FAILURES))

    assert of_type(message, "message/disposition-notification")


def test_a_program_is_not_told_unless_it_asks() -> None:
    """RFC 3834 2: an automatic mail gets a receipt only by NOTIFY."""
    facts = from_mail(samples.delivered(), AUTOMATIC)

    assert not facts.wanted
    assert samples.with_recipient(facts, notify="SUCCESS").wanted


def test_a_delay_is_never_an_mdn() -> None:
    """It is no disposition; the DSN tells it."""
    facts = samples.with_recipient(
        from_mail(failed(), ASKS), state=RecipientState.QUEUED, ended_at=None
    )

    assert of_type(read(facts, Enclosed(mdn=Mdn.FAILURES)), "message/delivery-status")


def test_a_polish_receipt() -> None:
    """A reader of Polish gets no English sentence, and the HTML says which language it is."""
    message = read(samples.delivered(), Enclosed(), "pl")
    plain, *_ = of_type(message, "text/plain")

    assert message["Subject"] == "Faks dostarczony: +48 22 200 00 02: Invoice 17"
    assert "został dostarczony: 2 strony; odbiór potwierdzony przez" in plain.get_content()
    assert '<html lang="pl">' in of_type(message, "text/html")[0].get_content()
