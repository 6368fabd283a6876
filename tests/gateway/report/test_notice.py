"""Notices for the postmaster."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mailout.letter import octets
from gateway.report import notice
from gateway.words import Language
from tests.gateway.report import samples

NOTE = "The fax for office@example.org was given up: 550 5.1.1 nobody"


def read(note: str) -> EmailMessage:
    """The notice as its reader's program sees it."""
    written = notice(
        note,
        sender="fax@fax.localhost",
        to="postmaster@example.org",
        at=samples.ENDED,
        message_id="<n1@fax.localhost>",
        language=Language("en", samples.WARSAW),
    )
    message = message_from_bytes(octets(written), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_notice_tells_what_was_given_up_and_that_nothing_is_lost() -> None:
    """The postmaster learns which mail, why, and where the fax still is."""
    message = read(NOTE)
    said = message.get_content()

    assert message["Subject"] == "A mail of the fax gateway could not be delivered"
    assert message["To"] == "postmaster@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert NOTE in said
    assert "faxgate received" in said


@settings(deadline=None)
@given(st.text(max_size=3000))
def test_a_server_cannot_write_our_headers(reply: str) -> None:
    """What a mail server replied is quoted in the body, bounded, and nowhere else."""
    message = read(f"The fax was given up: {reply}")

    assert set(message.keys()) == set(read(NOTE).keys())
    assert len(message.get_content()) < 8000
