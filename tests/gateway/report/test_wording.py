"""What receipts say in the cases between all and nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.mailout.body import Body, Section, plain
from gateway.offramp.render import EMPTY
from gateway.options import Options, Problem
from gateway.rendition import Rendition
from gateway.report import Facts
from gateway.report.sections import CALLS
from gateway.report.wording import receipt_body
from gateway.store.records import AttemptOutcome, DocumentRecord, RecipientState
from gateway.words import HANGUPS, Language
from modems.session import Dialled, Hangup
from modems.terminal import CallReport, PageVerdict
from tests.gateway.report import samples
from tests.gateway.report.samples import attempt, confirmation, delivered


def body(facts: Facts) -> Body:
    """The receipt's text, for a reader in Warsaw."""
    return receipt_body(facts, Language("en", samples.WARSAW))


def section(facts: Facts, title: str) -> Section:
    """One section of it."""
    return next(s for s in body(facts).sections if s.title == title)


def rows(facts: Facts, title: str) -> list[list[str]]:
    """The rows of a section's table."""
    table = section(facts, title).table
    assert table is not None
    return [list(row) for row in table.rows]


def broken_at(*verdicts: PageVerdict | None, pages: int = 5) -> Facts:
    """A fax of five pages whose one call ended after these."""
    facts = samples.failed(Hangup.MPS_NO_ANSWER)
    confirmations = [confirmation(n, v) for n, v in enumerate(verdicts, start=1)]
    return samples.with_recipient(replace(facts, confirmations=confirmations), pages=pages)


OK = PageVerdict.MCF
WHY = "a.doc is of a kind that cannot be faxed."


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([OK], "Of 5 pages, page 1 arrived; not confirmed: pages 2 to 5."),
        ([OK, OK], "Of 5 pages, pages 1 and 2 arrived; not confirmed: pages 3 to 5."),
        ([OK, OK, OK, OK], "Of 5 pages, pages 1 to 4 arrived; not confirmed: page 5."),
        ([PageVerdict.RTN], "No page was confirmed."),
        ([OK] * 5, "Every page was confirmed."),
    ],
)
def test_a_failure_says_which_pages_arrived(
    verdicts: list[PageVerdict | None], sentence: str
) -> None:
    """The reader learns which pages need not be sent again."""
    assert sentence in body(broken_at(*verdicts)).paragraphs[1]


def test_gaps_are_listed_page_by_page() -> None:
    """Pages that do not follow one another are enumerated."""
    facts = replace(broken_at(), confirmations=[confirmation(n) for n in (1, 3, 5)])

    assert "pages 1, 3 and 5 arrived; not confirmed: pages 2 and 4" in body(facts).paragraphs[1]


def test_a_table_has_no_empty_columns() -> None:
    """Of pages that never went out there is nothing more to say."""
    facts = replace(samples.failed(Hangup.NORMAL, Dialled.BUSY), confirmations=())

    assert rows(facts, "Pages") == [["1", "no, not sent"], ["2", "no, not sent"]]


def test_a_page_in_doubt_is_named() -> None:
    """A page that may have been printed is not called lost."""
    facts = broken_at(OK, None)
    facts = samples.with_recipient(
        replace(facts, attempts=[attempt(None, AttemptOutcome.LOST)]),
        cause="The gateway was stopped while page 2 awaited its answer. Page 1 confirmed.",
    )
    outcome, pages = body(facts).paragraphs

    assert "not delivered: the gateway was stopped while page 2 awaited its answer. Pl" in outcome
    assert "Please ask the recipient what has arrived" in outcome
    assert "Page 2 may have been printed all the same." in pages
    assert rows(facts, "Pages")[1][:2] == ["2", "not known"]
    assert rows(facts, "Calls")[0][-1] == "cut off: the gateway was stopped"


def test_a_delay_without_a_date_promises_none() -> None:
    """Without a time for the next try or for the end of trying, the receipt names neither."""
    facts = samples.with_recipient(
        samples.failed(Hangup.NO_ANSWER_T1), state=RecipientState.QUEUED, due=None
    )

    assert body(facts).paragraphs == [
        "Your fax to +48 22 200 00 02 has not been delivered yet: the call was answered, but no "
        "fax machine was heard within 35 seconds."
    ]


def test_a_cancelled_fax_says_who_cancelled_it() -> None:
    """An administrator's decision is not blamed on the line."""
    facts = samples.with_recipient(
        samples.failed(Hangup.MPS_NO_ANSWER), state=RecipientState.CANCELLED
    )

    assert "not delivered: it was cancelled by an administrator." in body(facts).paragraphs[0]


@pytest.mark.parametrize("status", [h for h in Hangup if h < Hangup.PHASE_B_RECEIVE])
def test_every_failure_has_its_cause_and_advice(status: Hangup) -> None:
    """Each way in which a call that we made can end is said in words."""
    said = body(samples.failed(status)).paragraphs[0]

    assert f"was not delivered: {HANGUPS[status].cause}. " in said
    assert said.endswith(HANGUPS[status].advice)


def test_several_calls_are_counted_and_listed() -> None:
    """The number of calls and the last one's time stand in the text, each call in the table."""
    report = replace(samples.CALL, status=Hangup.NO_ANSWER_T1)
    calls = [attempt(report, AttemptOutcome.NEVER, number=n) for n in range(1, 13)]
    facts = replace(samples.failed(Hangup.NO_ANSWER_T1), attempts=calls)

    assert "We made 12 calls, the last on 23 November 2026 at 06:11" in body(facts).paragraphs[1]
    assert len(rows(facts, "Calls")) == CALLS


def test_each_call_says_what_it_confirmed_and_how_it_ended() -> None:
    """A fax that needed two calls shows what each of them brought."""
    first = attempt(replace(samples.CALL, status=Hangup.MPS_NO_ANSWER), AttemptOutcome.LATER)
    facts = replace(
        delivered(),
        attempts=[first, attempt(number=2)],
        confirmations=[
            confirmation(1),
            confirmation(2, PageVerdict.NONE),
            confirmation(2, call=2),
        ],
    )

    assert [row[1:] for row in rows(facts, "Calls")] == [
        ["48 s", "1", "the other machine did not confirm a page"],
        ["48 s", "1", "delivered"],
    ]
    assert rows(facts, "Pages")[1][-1] == "twice"


@pytest.mark.parametrize(
    ("identity", "shown"),
    [("+48222000002", "+48 22 200 00 02"), (" Kancelaria\x00\nNowak ", "Kancelaria Nowak")],
)
def test_a_machine_is_called_what_it_calls_itself(identity: str, shown: str) -> None:
    """A number is grouped for reading, anything else is shown as far as it is printable."""
    call = replace(samples.CALL, remote_identity=identity)

    assert (
        f'confirmed by "{shown}" on'
        in (body(replace(delivered(), attempts=[attempt(call)])).paragraphs[0])
    )


def test_an_unnamed_machine_is_called_so() -> None:
    """A machine without an identity still has a place in the sentence."""
    silent = replace(samples.CALL, remote_identity="")

    assert (
        "confirmed by the receiving machine on"
        in (body(replace(delivered(), attempts=[attempt(silent)])).paragraphs[0])
    )


def test_parts_that_were_left_out_are_not_overlooked() -> None:
    """A fax that went out without a part says so in a paragraph of its own."""
    documents = [*samples.DOCUMENTS, DocumentRecord("a.doc", "application/msword", 0, WHY)]
    facts = replace(delivered(), documents=documents)

    assert body(facts).paragraphs[1] == f"Not all of your mail was sent. {WHY}"
    assert section(facts, "Parts of your mail").lines[-1] == f"Left out: {WHY}"


def test_pages_of_a_mail_that_did_not_go_out_are_not_told_as_sent() -> None:
    """Where a bad part held up the rest, the pages of the rest are told as not sent."""
    documents = [*samples.DOCUMENTS, DocumentRecord("a.doc", "application/msword", 0, WHY)]
    facts = replace(samples.failed(Hangup.NORMAL), attempts=(), documents=documents)
    called = replace(samples.failed(Hangup.NORMAL), documents=documents)

    assert section(facts, "Parts of your mail").lines[0].startswith("Not sent: ")
    assert not section(called, "Parts of your mail").lines[0].startswith("Not sent: ")


def test_a_part_that_is_never_a_page_alarms_nobody() -> None:
    """A signature is listed, but the mail was sent whole."""
    signature = DocumentRecord("s.p7s", "application/pkcs7-signature", 0, "s.p7s is a signature.")
    facts = replace(delivered(), documents=[*samples.DOCUMENTS, signature])

    assert len(body(facts).paragraphs) == 1
    assert section(facts, "Parts of your mail").lines[-1] == (
        "No page of its own: s.p7s is a signature."
    )


def test_a_part_without_pages_is_explained() -> None:
    """A signature or an empty text is listed as what it is."""
    facts = replace(delivered(), documents=[DocumentRecord("smime.p7s", "application/x", 0)])

    assert section(facts, "Parts of your mail").lines == ["smime.p7s: no page"]


def test_real_and_predicted_time_stand_together() -> None:
    """The reader sees what was expected and what it was, where both are known."""
    known, unknown = delivered(), replace(delivered(), predicted_seconds=None)

    assert section(known, "Details").lines[0] == (
        "Time on the line, all calls: 48 seconds; 45 seconds had been expected."
    )
    assert section(unknown, "Details").lines[0] == "Time on the line, all calls: 48 seconds."


def test_the_administrator_finds_the_engines_words() -> None:
    """A failure quotes the engine's sentence and the T.32 status; a success does not."""
    facts = samples.failed(Hangup.MPS_NO_ANSWER, cause="No answer to MPS, three times.")

    assert "For your administrator: No answer to MPS, three times (T.32 status 52)." in plain(
        body(facts)
    )
    assert "administrator" not in plain(body(delivered()))


def test_nothing_known_is_said_as_such() -> None:
    """Without any cause the receipt does not invent one."""
    facts = samples.with_recipient(
        replace(samples.failed(Hangup.NORMAL), attempts=[], documents=[]), pages=0
    )

    assert "could not be made into pages. The reason is not known." in body(facts).paragraphs[0]


def test_a_fax_that_was_never_called_gives_the_stored_cause() -> None:
    """Pages without any call: what the store noted is the cause, and general advice follows."""
    facts = samples.with_recipient(
        replace(samples.failed(Hangup.NORMAL), attempts=[]), cause="No line was free in time."
    )

    assert body(facts).paragraphs == [
        "Your fax to +48 22 200 00 02 was not delivered: no line was free in time. "
        "Please send it again, or ask your administrator."
    ]


def test_what_a_rule_refuses_is_not_advised_to_be_sent_again() -> None:
    """It would be refused again; who wrote the rule can change it."""
    facts = samples.with_recipient(
        replace(samples.failed(Hangup.NORMAL), attempts=[]), cause="The rule is so.", status="5.7.1"
    )

    assert (
        body(facts)
        .paragraphs[0]
        .endswith(
            "not delivered: the rule is so. "
            "Your administrator can change that; sending it again now will not help."
        )
    )


def test_a_call_without_negotiation_has_no_agreed_parameters() -> None:
    """What was never agreed is not shown."""
    call = CallReport(Hangup.NO_ANSWER_T1, "", seconds=35.0)
    facts = replace(samples.failed(Hangup.NO_ANSWER_T1), attempts=[attempt(call)])

    assert not [line for line in section(facts, "Details").lines if line.startswith("Agreed")]


def asked(**options: Any) -> Facts:
    """A fax that failed before it was rendered, or was sent, for what its subject asked."""
    return replace(delivered(), job=replace(samples.JOB, options=Options(**options)))


def test_options_that_are_none_are_answered_with_those_that_are() -> None:
    """The sender learns that nothing went out, which word it was, and what would be right."""
    problems = (Problem("fien", "unknown", "fine"), Problem("at 25:00", "time"))
    facts = asked(problems=problems)
    unsent = replace(facts.recipient, state=RecipientState.FAILED, pages=0, status="5.5.4")
    facts = Facts(facts.job, unsent)

    told = plain(body(facts)).replace("\n", " ")

    assert "was not sent: its subject asks for what cannot be done." in told
    assert "[fien] is no option; did you mean [fine]? [at 25:00] is no time of day" in told
    assert "There are: standard, fine, superfine, " in told
    assert "[fien] nie jest opcją; czy miało być [fine]?" in plain(
        receipt_body(facts, Language("pl", samples.WARSAW))
    ).replace("\n", " ")


def test_a_receipt_says_what_the_subject_asked_for() -> None:
    """No word of a subject is obeyed in silence."""
    assert "As the subject asked: fine, urgent." in plain(body(asked(said=("fine", "urgent"))))


def test_a_receipt_names_the_owner_of_the_number() -> None:
    """As the address book has it, with the subaddress that was dialled."""
    facts = delivered()
    named = replace(facts.recipient, name="Tax Office", subaddress="12")

    told = plain(body(replace(facts, recipient=named))).replace("\n", " ")

    assert "Your fax to Tax Office (+48 22 200 00 02, subaddress 12) was delivered" in told


MADE = {
    1: Rendition("mixed", coarseness=1, saved_seconds=75.4),
    2: Rendition("text", saved_seconds=0.2),
}


def test_a_receipt_says_how_each_page_was_made_and_what_that_saved() -> None:
    """Two more columns, and one sentence with the sum."""
    facts = replace(delivered(), renditions=MADE)

    assert [row[-2:] for row in rows(facts, "Pages")] == [
        ["text and picture, coarser", "75 s"],
        ["text", ""],
    ]
    assert section(facts, "Details").lines[1] == (
        "The way the pages were made saved about 1 minute 16 seconds on the line, against grey "
        "tones in dots at 14,400 bit/s."
    )


def test_nothing_is_said_to_be_saved_that_was_not_sent() -> None:
    """A call that failed saved nobody anything; pages of which nothing is known have no columns."""
    unsent = replace(samples.failed(Hangup.NO_ANSWER_T1), renditions=MADE)

    assert "saved about" not in plain(body(unsent))
    assert len(rows(delivered(), "Pages")[0]) == 7


@pytest.mark.parametrize(("sent", "told"), [("", True), ("12", False)])
def test_a_subaddress_that_was_not_taken_is_told(sent: str, told: bool) -> None:
    """The fax then lies in a shared tray: the sender learns that nobody there was named."""
    call = replace(samples.CALL, subaddress=sent)
    facts = samples.with_recipient(replace(delivered(), attempts=[attempt(call)]), subaddress="12")

    assert ("so the fax arrived without 12:" in plain(body(facts))) is told


def test_no_subaddress_was_lost_where_no_page_arrived() -> None:
    """A call that nobody answered says nothing about what the machine takes."""
    facts = samples.with_recipient(samples.failed(Hangup.NO_ANSWER_T1), subaddress="12")

    assert "without 12" not in plain(body(facts))


@pytest.mark.parametrize(
    ("reasons", "advice"),
    [
        (["a.pdf is damaged: the end of the file is missing."], "save it as a new PDF"),
        (["a.pdf is protected with a password."], "without the password"),
        (["a.svg cannot be faxed yet; please send it as PDF."], "Then send the mail again."),
        (["a.pdf is empty."], "attach the document again"),
        (["a.exe cannot be faxed."], "without that part"),
        (["a.exe cannot be faxed.", "a.pdf is empty."], "without that part"),
    ],
)
def test_advice_fits_why_a_part_could_not_be_faxed(reasons: list[str], advice: str) -> None:
    """Nobody is told to send a damaged PDF as a PDF, or twice what to do."""
    documents = [DocumentRecord("a", "application/x", 0, reason) for reason in reasons]
    facts = samples.with_recipient(
        replace(samples.failed(Hangup.NORMAL), attempts=[], documents=documents),
        pages=0,
        cause=" ".join(reasons),
    )

    assert advice in body(facts).paragraphs[0]


def test_who_sent_nothing_is_told_to_send_something() -> None:
    """An empty mail is not to be sent again as it was."""
    facts = samples.with_recipient(
        replace(samples.failed(Hangup.NORMAL), attempts=[], documents=[]), pages=0, cause=EMPTY
    )

    assert "Please write a text or attach a document" in body(facts).paragraphs[0]
