"""gateway.admission.policy: one fax is judged by the first rule that fits, and by every ceiling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.admission.ceilings import Account, Used
from gateway.admission.destination import Kind
from gateway.admission.fax import Fax
from gateway.admission.policy import Past, Word, judge
from gateway.admission.sender import Proof, Sender
from gateway.config.sending import EVERYBODY
from tests.gateway.admission.policies import (
    ANNA,
    FOREIGN,
    MONDAY,
    NATIONAL,
    PREMIUM,
    ceiling,
    policy,
    rule,
)

NEW = Past(frozenset(), {})
USER, STAFF = "user anna", "group staff"
MIDNIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # in Warsaw
NOVEMBER = Account(
    STAFF, datetime(2026, 10, 31, 23, 0, tzinfo=UTC), datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
)


def test_the_first_rule_that_fits_decides() -> None:
    """What a later rule would say does not matter."""
    rules = policy(rule("no germany", to=["+49"], do="refuse"), rule("all"))

    assert judge(rules, ANNA, Fax(FOREIGN, MONDAY)).rule == "no germany"
    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY)).rule == "all"


def test_what_no_rule_fits_is_refused() -> None:
    """Closed by default, also within the rules."""
    verdict = judge(policy(rule(to=["national"])), ANNA, Fax(FOREIGN, MONDAY))

    assert (verdict.word, verdict.rule) == (Word.REFUSE, "no rule")
    assert "anna" in verdict.reason


@pytest.mark.parametrize(("who", "word"), [("anna", "allow"), ("board", "allow"), ("x", "refuse")])
def test_a_rule_is_for_users_and_groups(who: str, word: str) -> None:
    """Either name is enough."""
    assert judge(policy(rule(who=[who])), ANNA, Fax(NATIONAL, MONDAY)).word == word


@pytest.mark.parametrize("number", ["+48112", "+48999"])
def test_emergency_numbers_are_refused_whatever_the_rules_say(number: str) -> None:
    """No rule can open them."""
    verdict = judge(policy(rule("all")), ANNA, Fax(number, MONDAY))

    assert (verdict.word, verdict.kind, verdict.rule) == (Word.REFUSE, Kind.EMERGENCY, "emergency")


def test_without_rules_of_ones_own_premium_numbers_are_refused_and_others_not() -> None:
    """The rules that hold if none are written."""
    rules = policy(*EVERYBODY)

    assert judge(rules, ANNA, Fax(PREMIUM, MONDAY)).word is Word.REFUSE
    assert judge(rules, ANNA, Fax(FOREIGN, MONDAY)).word is Word.ALLOW


def test_a_fax_outside_the_hours_goes_when_they_begin() -> None:
    """Or is refused, if the rule says so."""
    hours = "Mon-Fri 08:00-18:00"
    friday = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)  # 18:00 in Warsaw
    later = judge(policy(rule(hours=hours)), ANNA, Fax(NATIONAL, friday))
    never = judge(policy(rule(hours=hours, outside="refuse")), ANNA, Fax(NATIONAL, friday))

    assert (later.word, later.at) == (Word.LATER, datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
    assert (never.word, never.at) == (Word.REFUSE, None)
    assert hours in later.reason


def test_pages_are_judged_once_they_are_known() -> None:
    """Nothing is said of them before rendering."""
    rules = policy(rule(max_pages=3))

    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY)).word is Word.ALLOW
    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY, pages=3)).word is Word.ALLOW
    verdict = judge(rules, ANNA, Fax(NATIONAL, MONDAY, pages=4))
    assert verdict.word is Word.REFUSE
    assert verdict.reason == "The fax has 4 pages, and 3 are the most."


def test_a_first_fax_to_a_foreign_country_is_held() -> None:
    """Not one at home, and not the second."""
    rules = policy(rule(new_country="hold"))

    assert judge(rules, ANNA, Fax(FOREIGN, MONDAY), NEW).word is Word.HOLD
    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY), NEW).word is Word.ALLOW
    known = Past(frozenset({"DE"}), {})
    assert judge(rules, ANNA, Fax(FOREIGN, MONDAY), known).word is Word.ALLOW


def test_what_was_confirmed_is_not_held_again_but_still_waits_for_the_hours() -> None:
    """Confirming opens what holds, not what refuses."""
    rules = policy(
        rule(do="hold", hours="08:00-09:00", max_pages=1, too_many_pages="hold"),
        ceilings=(ceiling(pages=1),),
    )
    held = judge(rules, ANNA, Fax(FOREIGN, MONDAY, 2, 60.0), NEW)
    confirmed = judge(rules, ANNA, Fax(FOREIGN, MONDAY, 2, 60.0, confirmed=True), NEW)

    assert held.word is Word.HOLD
    assert confirmed.word is Word.LATER


@pytest.mark.parametrize("given", [{"minutes": 10}, {"pages": 10}, {"money": "1.00"}])
def test_a_ceiling_is_reached_to_the_last_bit_and_not_passed(given: dict[str, Any]) -> None:
    """Exactly what is left is allowed."""
    tariff = {"prices": [{"prefix": "+", "minute": "0.10"}]}
    rules = policy(ceilings=(ceiling(**given),), tariff=tariff)
    sums = {
        Account(USER, MIDNIGHT, MIDNIGHT + timedelta(days=1)): Used(
            seconds=540, pages=9, cost=900_000
        )
    }
    past = Past(frozenset(), sums)

    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY, 1, 60.0), past).word is Word.ALLOW
    verdict = judge(rules, ANNA, Fax(NATIONAL, MONDAY, 2, 61.0), past)
    assert (verdict.word, verdict.rule) == (Word.HOLD, "day")
    assert "left of your ceiling “day” for this day" in verdict.reason


def test_a_shared_ceiling_counts_the_group() -> None:
    """What the others of the group have used is used."""
    rules = policy(ceilings=(ceiling(who=["staff"], shared=True, pages=5, per="month"),))
    past = Past(frozenset(), {NOVEMBER: Used(pages=5)})
    eve = Sender("eve", (), Proof.LOGIN, "")

    assert rules.accounts(ANNA, MONDAY) == [NOVEMBER]
    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY, 1, 1.0), past).word is Word.HOLD
    assert rules.accounts(eve, MONDAY) == []


def test_the_strictest_word_wins() -> None:
    """A ceiling that refuses outweighs a rule that holds, and that outweighs hours."""
    refusing = ceiling("hard", pages=1, over="refuse")
    rules = policy(rule(do="hold", hours="01:00-02:00"), ceilings=(refusing,))

    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY)).word is Word.HOLD
    assert judge(rules, ANNA, Fax(NATIONAL, MONDAY, 2, 1.0), NEW).rule == "hard"
