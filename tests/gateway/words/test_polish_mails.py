"""Whatever goes wrong, its Polish mail is Polish to the last sentence of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image

from gateway.admission.ceilings import Used
from gateway.admission.fax import Fax
from gateway.admission.policy import Past, Word, by_rule, judge
from gateway.config.documents import Documents
from gateway.config.model import Config
from gateway.imap.outbox import not_faxed
from gateway.imap.posting import Posting
from gateway.mailout.letter import Head, octets
from gateway.message import Part, Role, read
from gateway.message.part import REFUSED
from gateway.offramp.document import known_already, render_part
from gateway.offramp.protocol import Order, PartDone, pack_part, part_from, unpack
from gateway.offramp.render import judge as decide
from gateway.offramp.workers import Delivery
from gateway.onramp.compose import Reader, fax_mail
from gateway.options import read_options
from gateway.options.options import PROBLEMS
from gateway.report import notice
from gateway.report.facts import Facts
from gateway.report.original import read_original
from gateway.report.question import Question, question
from gateway.report.receipt import receipt
from gateway.said import GAP, Said, Value, counted, decoded, encoded, said
from gateway.store.outbox import KINDS
from gateway.store.records import Attempt, AttemptOutcome, RecipientState
from gateway.store.recovery import _Lost
from gateway.words import DIALLED, HANGUPS, Language, phrases
from modems.session import Dialled, Hangup
from tests.gateway.admission.policies import ANNA, FOREIGN, MONDAY, NATIONAL, ceiling, rule
from tests.gateway.admission.policies import policy as rules
from tests.gateway.onramp.faxes import FAX
from tests.gateway.onramp.test_compose import PAGES
from tests.gateway.report import samples
from tests.gateway.words.sentences import said_in_the_source

POLISH = Language("pl", samples.WARSAW)
# Words that no Polish sentence has, and hardly an English one is without.
ENGLISH = re.compile(
    r"\b(the|and|is|was|were|are|of|not|your|please|cannot|has|have|with|for|by|from|this|that|it|"
    r"page|pages|fax|mail|rule|too|damaged|sent|minutes|seconds|call|calls|yes|once|unknown)\b",
    re.IGNORECASE,
)
OURS = ["Fax", "faksowa", "Brama"]  # alike in both
NAME = "umowa.pdf"


def body(message: EmailMessage | None) -> str:
    """What a person reads of a mail: its subject and its text."""
    assert message is not None
    parsed = message_from_bytes(octets(message), policy=policy.default)
    text = parsed.get_body(("plain",))
    assert text is not None
    return f"{parsed['Subject']}\n{text.get_content()}"


def assert_polish(mail: str, *foreign: str) -> None:
    """Not one English word, besides what is a stranger's or a name."""
    for name in (*foreign, "faxgate received"):
        mail = mail.replace(name, "")
    assert ENGLISH.findall(mail) == [], mail


def told(facts: Facts) -> str:
    """The Polish receipt, of a mail whose subject is Polish."""
    raw = facts.job.raw.replace(b"Invoice 17", b"Umowa 17")
    polish = replace(facts, job=replace(facts.job, raw=raw))
    written = receipt(
        polish, sender="f@f.example", hostname="f.example", message_id="<r@f>", language=POLISH
    )
    return body(written)


def refused(cause: str, state: RecipientState = RecipientState.FAILED, pages: int = 2) -> Facts:
    """A fax that ended so before anyone called, as the store gives it back."""
    kept = decoded(encoded(cause))
    facts = replace(samples.delivered(), attempts=(), confirmations=(), documents=())
    return samples.with_recipient(
        facts, state=state, cause=kept, pages=pages, pages_confirmed=0, status="5.7.1"
    )


# --- Documents -----------------------------------------------------------------------------------


@cache
def reasons() -> tuple[str, ...]:
    """Every sentence of the source that follows a document's name."""
    verbs = ("is ", "has ", "was ", "could ", "cannot ", "needs ", "makes ", "took ", "(")
    return tuple(s for s in said_in_the_source() if s.startswith(verbs))


def filled(shape: str) -> Said:
    """The sentence with something plausible in each gap."""
    values: dict[str, Value] = dict.fromkeys(GAP.findall(shape), 3)
    values |= {name: counted(3, "page") for name in ("pages",) if name in values}
    values |= {name: counted(9, "second") for name in ("time",) if name in values}
    return Said(shape, values)


def receipt_of(parts: Sequence[PartDone]) -> str:
    """What the sender is told when parts could not be faxed."""
    piped = []
    for part in parts:
        message = unpack(BytesIO(pack_part(part)).read)
        assert message is not None
        piped.append(part_from(message[1]))
    rendered = decide(Delivery((), tuple(piped)), Documents(on_bad_part="nothing"))
    kept = [
        replace(d, name=decoded(encoded(d.name)), reason=decoded(encoded(d.reason)))
        for d in rendered.documents
    ]
    return told(replace(refused(rendered.refused, pages=0), documents=kept))


def test_there_are_reasons_to_try() -> None:
    """The source has not learned to say them in another way, unseen by these tests."""
    assert len(reasons()) > 40


@pytest.mark.parametrize("shape", reasons())
def test_why_a_document_is_no_fax(shape: str) -> None:
    """Each reason of a converter, through the pipe, the store and the receipt."""
    assert_polish(receipt_of([PartDone(NAME, "application/pdf", 0, filled(shape))]))


def archive() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        packed.writestr("a.bin", b"x")
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = BytesIO()
    Image.new("L", (8, 8)).save(out, kind)
    return out.getvalue()


BAD = {
    "a.pdf": b"%PDF-1.7\nnothing",
    "b.pdf": b"%PDF-1.7\n%%EOF",
    "c.tif": picture("TIFF")[:60],
    "d.png": picture("PNG")[:40],
    "e.txt": b"",
    "f.zip": archive(),
    "g.docx": b"PK\x03\x04 word/ broken",
    "h.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
    "i.ps": b"%!PS-Adobe",
    "j.exe": b"MZ\x90\0",
    "k.bin": b"\x00\x01\x02\x03",
    "l.html": b"<html><body></body></html>",
    "m.txt": "\U0001e900\U0001e901".encode(),
    "n.rtf": b"",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_of_each_kind(name: str) -> None:
    """What the converters really say of it is said in Polish."""
    spoken: list[bytes] = []
    part = Part(name, "application/octet-stream", BAD[name], charset="utf-8")
    render_part(part, Order(), 10, spoken.append)
    message = unpack(BytesIO(spoken[-1]).read)
    assert message is not None
    done = part_from(message[1])

    if done.reason:
        assert_polish(receipt_of([done]), "application/octet-stream")
    else:
        assert name == "l.html"  # no text is a white page


@pytest.mark.parametrize("kind", [*REFUSED, "text/calendar"])
def test_a_part_that_is_never_read(kind: str) -> None:
    """Encrypted, elsewhere, a piece only, or no page by its nature."""
    mail = f"Content-Type: {kind}; name=x.bin\r\n\r\nabc".encode()
    parts = [known_already(part) for part in read(mail).parts if part.role is not Role.BODY]

    assert_polish(receipt_of([part for part in parts if part]), kind)


def test_a_mail_that_is_no_mail() -> None:
    """The name of a part that we gave it is translated too."""
    nothing = decide(Delivery((), ()), Documents())

    assert_polish(told(refused(nothing.refused, pages=0)))


# --- Rules ---------------------------------------------------------------------------------------

CEILINGS = [
    ceiling("limit", per=per, shared=shared, **much)
    for per in ("day", "month")
    for shared in (False, True)
    for much in ({"minutes": 100.5}, {"pages": 91}, {"money": "9.5"})
]
FULL = Past(
    frozenset(),
    {
        account: Used(6000.0, 90, 9_000_000)
        for account in rules(ceilings=tuple(CEILINGS)).accounts(ANNA, MONDAY)
    },
)
PRICES = {"currency": "PLN", "prices": [{"prefix": "+", "minute": "1.20"}]}
JUDGED = {
    "emergency": (rules(), "+48112"),
    "no rule": (rules(rule(to=["national"])), FOREIGN),
    "no special": (rules(rule(to=["national"])), "+48801123456"),
    "no premium": (rules(rule(to=["national"])), "+48704123456"),
    "refused": (rules(rule("zakaz", do="refuse")), NATIONAL),
    "held": (rules(rule("zgoda", do="hold")), NATIONAL),
    "pages": (rules(rule("strony", max_pages=2)), NATIONAL),
    "new country": (rules(rule("kraje", new_country="hold")), FOREIGN),
    "new code": (rules(rule("kraje", new_country="hold")), "+870773111632"),
    "hours": (rules(rule("noc", hours="Mon-Fri 20:00-24:00, Sat 9:00-12:00")), NATIONAL),
    "closed": (
        rules(rule("noc", hours="Sun 20:00-24:00", outside="refuse")),
        NATIONAL,
    ),
} | {
    f"ceiling {n}": (rules(ceilings=(one,), tariff=PRICES), NATIONAL)
    for n, one in enumerate(CEILINGS)
}


@pytest.mark.parametrize("case", JUDGED)
def test_each_verdict_of_a_rule(case: str) -> None:
    """In the receipt of what was refused, and in the question about what is held."""
    decided, number = JUDGED[case]
    verdict = judge(decided, ANNA, Fax(number, MONDAY, 3, 90.0), FULL)
    held = refused(verdict.reason, RecipientState.HELD)

    assert verdict.word is not Word.ALLOW
    assert_polish(told(refused(by_rule(verdict.reason, verdict.rule))))
    asked = question(
        Question(replace(held.recipient, rule="zgoda"), MONDAY, "c@f.example"),
        sender="f@f.example",
        to="anna@example.org",
        at=MONDAY,
        message_id="<q@f>",
        original=read_original(b"Subject: Umowa 17\r\n\r\n"),
        language=POLISH,
    )
    assert_polish(body(asked))
    assert body(asked).splitlines()[0].endswith(": Umowa 17")


def test_a_polish_ceiling() -> None:
    """Amounts are written as Polish has them."""
    decided, number = JUDGED["ceiling 0"]
    verdict = judge(decided, ANNA, Fax(number, MONDAY, 3, 90.0), FULL)

    assert POLISH.tell(verdict.reason) == (
        "Wysłanie zajmie około 1,5 min, a pozostało 0,5 z 100,5: to Państwa limit „limit” na ten "
        "dzień."
    )


# --- The outbox of a folder, and options ---------------------------------------------------------

ADDRESSES = [
    *("nobody", "112", "+48112", "5551234567890123456", "+999123456", "12", "a=b", "+48 22 x"),
    *("+48221234567/ABC=1", "+48221234567/T33S=", "+48221234567/T33S=1/T33S=2", "٤٨٢٢"),
    *("022", "2212345678901", "+4822123456789012", "+48704123456", "+1", "+48"),
]


@pytest.mark.parametrize("local", ADDRESSES)
def test_why_a_folder_s_mail_is_not_faxed(local: str) -> None:
    """Each way to write an address wrongly, and a rule that refuses."""
    config = Config.model_validate(
        {
            "domain": "f.example",
            "country": "PL",
            "address_book": [{"name": "nobodi", "numbers": ["+48221234567"]}],
            "senders": [{"name": "anna", "addresses": ["anna@example.org"]}],
            "rules": [{"name": "zakaz", "to": ["+48704"], "do": "refuse"}, {"name": "reszta"}],
            "imap_outboxes": {
                "anna": {
                    "host": "localhost",
                    "user": "u",
                    "password": "p",
                    "owner": "anna",
                    "address": "anna@example.org",
                    "outbox": "a",
                    "sent": "b",
                    "failed": "c",
                }
            },
            "mail": {
                "sender": "fax@f.example",
                "transport": {"type": "maildir", "directory": "/nonexistent"},
            },
        }
    )
    posting = Posting.of(config, "anna", config.imap_outboxes["anna"])
    found = posting.order(f'To: "{local}"@f.example\r\n\r\n'.encode(), MONDAY)

    assert isinstance(found, tuple)
    assert_polish(refusal(found), local, "nobodi", "FAX=")


def test_a_folder_s_mail_to_nobody_or_to_too_many() -> None:
    """Such a mail is refused as a whole."""
    why = (
        said("To, Cc and Bcc have no address at {domain}", domain="f.example"),
        said("it has {recipients}, and {most} are the most", recipients=counted(9, "recipient")),
        said("it has {size} octets, and {most} are the most", size=9, most=8),
    )

    assert_polish(refusal(why))


def refusal(reasons: Sequence[Said]) -> str:
    """The notice beside a mail that was not faxed."""
    head = Head(
        sender="f@f.example",
        name=POLISH.say(phrases.GATEWAY),
        to="anna@example.org",
        subject=POLISH.say(phrases.NOT_FAXED_SUBJECT, subject="Umowa"),
        at=MONDAY,
        message_id="<n@f>",
        automatic="auto-replied",
    )
    return body(not_faxed(head, reasons, POLISH))


SUBJECTS = {
    "unknown": "[fine, pilnee]",
    "twice": "[fine, standard]",
    "time": "[fine, at 25:77]",
    "past": "[fine, at 2020-01-01 8:00]",
    "far": "[fine, at 2036-01-01 8:00]",
    "number": "[fine, tries 77]",
    "length": f"[fine, {'x' * 120}]",
}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_an_option_that_cannot_be(kind: str) -> None:
    """Each problem of the words in a subject."""
    asked = read_options(f"Subject: {SUBJECTS[kind]}\r\n\r\n".encode(), MONDAY)
    facts = refused(asked.refusal, pages=0)
    assert kind in {problem.kind for problem in asked.problems}
    mail = told(replace(facts, job=replace(facts.job, options=asked)))
    assert "standardowa, dokładna, bardzo dokładna" in mail
    assert_polish(mail, "standard")


# --- Calls, and what a crash leaves --------------------------------------------------------------


def calls() -> Iterator[Facts]:
    """One for each way in which a call can end."""
    for dialled in DIALLED:
        yield samples.failed(Hangup.NORMAL, dialled, "The engine says this.")
    for status in HANGUPS:
        yield samples.failed(status, Dialled.CONNECTED, "The engine says this.")
    refused = replace(samples.CALL, status=Hangup.REMOTE_CANNOT, subaddress="42")
    yield replace(samples.failed(Hangup.REMOTE_CANNOT), attempts=(samples.attempt(refused),))


@pytest.mark.parametrize("facts", list(calls()))
def test_each_end_of_a_call(facts: Facts) -> None:
    """The engine's English stays in the log and in the part for machines."""
    assert_polish(told(facts), "text of the mail")
    delayed = samples.with_recipient(facts, state=RecipientState.QUEUED, due=MONDAY)
    assert_polish(told(delayed), "text of the mail")


@pytest.mark.parametrize("confirmed", [0, 1, 3])
@pytest.mark.parametrize("in_doubt", [None, 4, 5])
@pytest.mark.parametrize("times", [1, 9])
def test_what_is_lost_in_a_crash(confirmed: int, in_doubt: int | None, times: int) -> None:
    """Pages in doubt, and calls that took the gateway with them."""
    _, _, cause = _Lost(5, confirmed, in_doubt, times).verdict("report")
    lost = Attempt(3, 1, "", 1, MONDAY, MONDAY, AttemptOutcome.LOST, "", None)
    facts = replace(refused(cause, pages=5), attempts=(lost,))

    assert_polish(told(facts))
    assert_polish(POLISH.tell(cause))


def test_ends_without_a_call() -> None:
    """Every other sentence of the store."""
    for shape in said_in_the_source():
        if shape.endswith(".") and shape[0].isupper():
            assert_polish(told(refused(filled(shape))), *OURS)


def test_a_received_fax_that_broke_off() -> None:
    """We were stopped in the middle of it."""
    cut = replace(FAX, complete=False, cause=said("The gateway was stopped during the call."))
    reader = Reader("a@f.example", "<f@f>", "f@f.example", "PL", POLISH)
    mail = fax_mail(cut, PAGES, reader)

    assert_polish(body(mail))


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_for_the_postmaster(kind: str) -> None:
    """What was given up, and the last error, which is the mail server's own."""
    what = said("The {kind} for {address} was given up.", kind=KINDS[kind], address="a@f.example")  # type: ignore[index]
    why = said("The last error: {error}", error=said("the delivery took too long"))
    note = decoded(encoded(Said("{what}\n{why}", {"what": what, "why": why})))

    mail = notice(
        note,
        sender="f@f.example",
        to="p@f.example",
        at=MONDAY,
        message_id="<n@f>",
        language=POLISH,
    )
    assert_polish(body(mail))
