"""Fields of the delivery status beyond those of an ordinary receipt."""

from __future__ import annotations

from dataclasses import replace
from email.message import Message

import pytest

from gateway.report import Facts
from gateway.report.status import delivery_status
from gateway.store.records import RecipientState
from tests.gateway.report import samples


def fields(facts: Facts) -> dict[str, str]:
    """The recipient's group."""
    groups = delivery_status(facts, "gateway.example.com").get_payload()
    assert isinstance(groups, list)
    group = groups[1]
    assert isinstance(group, Message)
    return dict(group.items())


@pytest.mark.parametrize(
    ("state", "stored", "status"),
    [
        (RecipientState.SENT, "2.0.0", "2.0.0"),
        (RecipientState.SENT, "", "2.0.0"),
        (RecipientState.SENT, "4.4.1", "2.0.0"),
        (RecipientState.FAILED, "5.1.2", "5.1.2"),
        (RecipientState.FAILED, "4.4.7", "4.4.7"),
        (RecipientState.FAILED, "rubbish", "5.0.0"),
        (RecipientState.CANCELLED, "", "5.0.0"),
        (RecipientState.QUEUED, "4.4.1", "4.4.1"),
        (RecipientState.QUEUED, "5.1.2", "4.0.0"),
    ],
)
def test_status_and_action_agree(state: RecipientState, stored: str, status: str) -> None:
    """The class of the status is one that RFC 3464 allows beside the action."""
    facts = samples.with_recipient(samples.delivered(), state=state, status=stored)

    assert fields(facts)["Status"] == status


def test_a_fax_that_was_never_called_has_no_diagnosis() -> None:
    """Without a call there is no T.30 to diagnose, and no time of a last attempt."""
    facts = replace(samples.delivered(), attempts=(), confirmations=())

    assert not {"Diagnostic-Code", "Last-Attempt-Date", "X-Fax-Remote-Identity"} & set(
        fields(facts)
    )


@pytest.mark.parametrize("orcpt", ["", "rfc822", "rfc822;"])
def test_an_original_recipient_without_address_is_left_out(orcpt: str) -> None:
    """A broken ORCPT makes no field."""
    facts = samples.with_recipient(samples.delivered(), orcpt=orcpt)

    assert "Original-Recipient" not in fields(facts)


def test_long_and_foreign_text_stays_ascii() -> None:
    """A value beyond ASCII or beyond measure is shortened and marked, never encoded."""
    call = replace(samples.CALL, cause="ż" * 3 + " = " + "x" * 3000)
    facts = replace(samples.delivered(), attempts=(samples.attempt(call),))
    diagnosis = fields(facts)["Diagnostic-Code"]

    assert diagnosis.startswith("x-t30; 00 ??? = xxx")
    assert diagnosis.isascii()
    assert len(diagnosis) < 520


def test_the_number_is_told_as_it_was_dialled() -> None:
    """In E.164, and with its subaddress, whatever the address looked like."""
    facts = samples.with_recipient(samples.delivered(), address="all@fax", subaddress="12")

    assert fields(facts)["X-Fax-Number"] == "+48222000002"
    assert fields(facts)["X-Fax-Subaddress"] == "12"
    assert "X-Fax-Subaddress" not in fields(samples.delivered())
