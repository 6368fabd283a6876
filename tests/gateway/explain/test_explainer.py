"""gateway.explain: the first thing in the way of a fax is what its sender is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.address import Refusal
from gateway.admission.ceilings import Used
from gateway.admission.policy import Past, Policy
from gateway.admission.sender import Sender
from gateway.admission.senders import Senders
from gateway.config.sending import Ceiling, Price, Rule, Tariff
from gateway.explain import Asked, Explainer, Explanation, To
from gateway.explain.text import lines
from gateway.offramp.linetime import call_seconds, page_seconds
from gateway.offramp.render import Rendered
from gateway.options import Options, Problem
from gateway.rendition import Rendition
from gateway.store.records import DocumentRecord, StoredPage
from modems.session import VR

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
TO = To("222000002@fax.example", "+48222000002", "12", "Tax Office")
PAGE = StoredPage(
    1,
    1728,
    2287,
    VR.R8_FINE,
    b"x",
    {"MH": 900_000, "MR": 800_000, "MMR": 144_000},
    Rendition("mixed", 1, 88.5, {"MH": 288_000, "MR": 200_000}),
)
RENDERED = Rendered(
    (
        DocumentRecord("a.pdf", "application/pdf", 2),
        DocumentRecord("b.vcf", "text/vcard", 0, "b.vcf is a contact card, not a page."),
    ),
    (PAGE, replace(PAGE, number=2)),
)
POLICY = Policy(
    rules=(Rule(name="no Britain", to=("+44",), do="refuse"), Rule(name="the rest")),
    ceilings=(),
    tariff=Tariff(prices=(Price(prefix="+48", minute="0.06"),)),
    country="PL",
    zone=UTC,
)
SENDERS = Senders(("10.0.0.0/8",), ())
EXPLAINER = Explainer(SENDERS, POLICY, ["first", "second"])
NETWORK = EXPLAINER.sender("10.1.2.3", "")


def explained(
    *to: To, rendered: Rendered = RENDERED, client: str = "10.1.2.3", **given: Any
) -> Explanation:
    """What is said of a mail of two pages from the network."""
    sender: Sender | Refusal = EXPLAINER.sender(client, given.pop("user", ""))
    options = Options(**given)
    return EXPLAINER.explain(Asked(sender, to or (TO,), options, AT), rendered, ["p1.png"])


def test_programs_get_these_keys_and_no_others() -> None:
    """What `--json` prints is a promise."""
    public = json.loads(json.dumps(explained().public()))

    assert set(public) == {"sender", "recipients", "parts", "pages"}
    assert public["recipients"] == [
        {
            "address": "222000002@fax.example",
            "number": "+48222000002",
            "class": "national",
            "verdict": "allow",
            "rule": "the rest",
            "line": "first, second",
        }
    ]
    assert public["parts"] == [
        {"name": "a.pdf", "type": "application/pdf", "verdict": "fax", "reason": "", "pages": 2},
        {
            "name": "b.vcf",
            "type": "text/vcard",
            "verdict": "skip",
            "reason": "b.vcf is a contact card, not a page.",
            "pages": 0,
        },
    ]
    first, second = public["pages"]
    assert {"png", "width", "height", "resolution", "rendering", "bits", "seconds"} <= set(first)
    assert (first["rendering"], first["coarseness"], first["saved_seconds"]) == ("mixed", 1, 88.5)
    assert (first["png"], second["png"], first["resolution"]) == ("p1.png", "", "204x196")
    assert first["bits"] == {"MH": 288_000, "MR": 200_000, "MMR": 144_000}
    assert first["seconds"]["MH"] == {"14400": 20.0, "9600": 30.0, "4800": 60.0, "2400": 120.0}
    assert first["seconds"]["MMR"]["14400"] == 10.5  # under error correction


@pytest.mark.parametrize(
    ("given", "to", "verdict", "rule"),
    [
        ({}, TO, "allow", "the rest"),
        ({"user": "anna", "client": "192.0.2.1"}, TO, "allow", "the rest"),
        ({"client": "local"}, TO, "allow", "administrator"),
        ({}, To("x@fax.example", refusal="nobody is called so"), "refuse", "address"),
        ({"client": "192.0.2.1"}, TO, "refuse", "sender"),
        ({"problems": (Problem("fien", "unknown"),)}, TO, "refuse", "subject"),
        ({}, To("+441164960348@fax.example", "+441164960348"), "refuse", "no Britain"),
        (
            {"rendered": Rendered((), (), "Nothing was sent. It is torn.")},
            TO,
            "refuse",
            "documents",
        ),
    ],
)
def test_the_first_thing_in_the_way_decides(
    given: dict[str, Any], to: To, verdict: str, rule: str
) -> None:
    """Address, sender, subject, rules, documents, in this order; and a refused fax has no line."""
    (found,) = explained(to, **given).recipients

    assert (found.verdict, found.rule) == (verdict, rule)
    assert bool(found.line) == (verdict != "refuse")
    assert bool(found.reason) == (verdict != "allow")


def test_what_was_sent_before_is_judged_too() -> None:
    """A first fax to a country is held, a second is not; each recipient uses up a ceiling."""
    rules, limits = (Rule(name="all", new_country="hold"),), (Ceiling(name="day", pages=5),)
    explainer = Explainer(SENDERS, replace(POLICY, rules=rules, ceilings=limits), ["first"])
    numbers = ("+48222000002", "+4930123456", "+48222000003", "+48222000004")
    asked = Asked(NETWORK, [To(f"{n}@fax.example", n) for n in numbers], Options(), AT)
    (account,) = explainer.accounts(asked)

    def words(*countries: str, pages: int = 0) -> list[str]:
        past = Past(frozenset(countries), {account: Used(pages=pages)})
        found = explainer.explain(asked, RENDERED, past=past).recipients
        return [f"{to.verdict} {to.rule}" for to in found]

    assert words() == ["allow all", "hold all", "allow all", "hold day"]
    assert words("DE") == ["allow all", "allow all", "hold day", "hold day"]
    assert words("DE", pages=4) == ["hold day"] * 4


def test_a_call_is_measured_as_the_queue_measures_it() -> None:
    """Both pages, their commands and the handshake; priced by the minute for this number."""
    explanation = explained()
    seconds = call_seconds([page_seconds(144_000, 14_400, ecm=True)] * 2)

    assert explanation.calls["MMR"]["14400"] == round(seconds, 1)
    assert explanation.recipients[0].costs["MMR"]["14400"] == "0.04 EUR"
    assert explanation.recipients[0].costs["MH"]["2400"] == "0.26 EUR"


def test_an_explanation_survives_the_store() -> None:
    """JSON keeps all of it."""
    explanation = explained(said=("fine",))

    assert Explanation.from_json(json.loads(json.dumps(explanation.to_json()))) == explanation


def test_an_explanation_of_another_version_is_none() -> None:
    """After an upgrade the store has explanations that knew less, or other things."""
    for change in ({"pages": [{"png": "", "width": 1728}]}, {"sender": {"name": "anna"}}):
        assert Explanation.from_json(explained().to_json() | change) is None


def test_people_read_who_whom_what_and_how_long() -> None:
    """In this order, a line for each."""
    text = "\n".join(lines(explained(said=("fine",))))

    assert text.startswith(
        "Sender: 10.0.0.0/8 (10.1.2.3 is in 10.0.0.0/8)\n"
        "The subject asks for: fine\n"
        "To: 222000002@fax.example\n"
        "    +48222000002, subaddress 12 (Tax Office), national\n"
        "    allow by 'the rest'\n"
        "    line: first, second\n"
        "Part: a.pdf (application/pdf): 2 page(s)\n"
    )
    page = "Page 1: 1728 x 2287 pels, 204x196 per inch, mixed, 1 step(s) coarser to fit, saves 88 s"
    assert f"{page}; bits: MH 288,000, MR 200,000" in text
    assert "Cost of it to +48222000002:" in text
