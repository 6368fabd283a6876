"""The words for every way in which a call can end."""

from __future__ import annotations

import pytest

from gateway.words import DIALLED, HANGUPS, Words, explain
from modems.session import Dialled, Hangup
from modems.terminal import CallReport

JARGON = {
    *("CED", "CFR", "CRC", "CSI", "DCN", "DCS", "DIS", "DTE", "ECM", "EOM", "EOP", "FTT", "HDLC"),
    *("MCF", "MPS", "PPR", "PPS", "RTN", "T1", "T2", "T.30", "TCF", "TSI", "V.21", "handshake"),
    *("carrier", "negotiate", "training", "phase", "timeout", "modulation", "protocol"),
}
ALL = [*DIALLED.items(), *HANGUPS.items()]


def test_every_outcome_has_words() -> None:
    """No hangup status and no answer of the network is left without a sentence."""
    assert set(HANGUPS) == set(Hangup)
    assert set(DIALLED) == set(Dialled)


def test_the_table_has_the_order_of_the_standard() -> None:
    """The rows stand as T.32 8.6.1 lists them."""
    assert list(HANGUPS) == sorted(Hangup)


@pytest.mark.parametrize(("outcome", "words"), ALL, ids=lambda v: getattr(v, "name", ""))
def test_words_fit_into_the_sentence(outcome: Hangup | Dialled, words: Words) -> None:
    """A cause goes after a colon, an advice stands alone; both are short."""
    assert words.cause[0].islower()
    assert not words.cause.endswith(".")
    assert words.advice[0].isupper()
    assert words.advice.endswith(".")
    assert len(words.cause) <= 100
    assert len(words.advice) <= 120


@pytest.mark.parametrize(("outcome", "words"), ALL, ids=lambda v: getattr(v, "name", ""))
def test_words_need_no_manual(outcome: Hangup | Dialled, words: Words) -> None:
    """No word of the trade stands in what a pharmacist reads."""
    said = f"{words.cause} {words.advice}".replace(",", " ").replace(".", " ").split()

    assert not JARGON & set(said)


def test_what_the_network_said_comes_first() -> None:
    """A call that was not connected is explained by the network's answer, else by its status."""
    busy = CallReport(Hangup.RINGBACK_NO_ANSWER, "", dialled=Dialled.BUSY)
    broken = CallReport(Hangup.PHASE_C_TRANSMIT, "")

    assert explain(busy) is DIALLED[Dialled.BUSY]
    assert explain(broken) is HANGUPS[Hangup.PHASE_C_TRANSMIT]
