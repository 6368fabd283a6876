"""gateway.admission.destination: what a number costs is known before it is dialled."""

from __future__ import annotations

import pytest

from gateway.admission.destination import Kind, destination


@pytest.mark.parametrize(
    ("number", "kind", "country"),
    [
        ("+48221234567", Kind.NATIONAL, "PL"),
        ("+48219999999", Kind.NATIONAL, "PL"),  # a range opened last week
        ("+4930123456", Kind.FOREIGN, "DE"),
        ("+12025550123", Kind.FOREIGN, "US"),
        ("+18765551234", Kind.FOREIGN, "JM"),  # looks like the United States, and is not
        ("+48704123456", Kind.PREMIUM, "PL"),
        ("+19005551234", Kind.PREMIUM, "US"),
        ("+979123456789", Kind.PREMIUM, "+979"),
        ("+48801123456", Kind.SPECIAL, "PL"),  # shared cost
        ("+447012345678", Kind.SPECIAL, "GB"),  # personal number
        ("+8821655512345", Kind.SPECIAL, "+882"),
        ("+870773123456", Kind.SPECIAL, "+870"),  # Inmarsat
        ("+80012345678", Kind.FOREIGN, "+800"),  # free of charge everywhere
        ("+112", Kind.SPECIAL, "+1"),  # no number
        ("112", Kind.SPECIAL, ""),
    ],
)
def test_every_number_has_a_class_and_a_country(number: str, kind: Kind, country: str) -> None:
    """By libphonenumber; what nobody knows is special, never merely foreign."""
    found = destination(number, "PL")

    assert (kind, country) == (found.kind, found.country)


def test_national_is_relative_to_the_sender() -> None:
    """The same number is national at home and foreign elsewhere."""
    assert destination("+4930123456", "DE").kind is Kind.NATIONAL
    assert destination("+48221234567", "DE").kind is Kind.FOREIGN


@pytest.mark.parametrize("extra", ["1", "12", "123"])
def test_digits_behind_a_premium_number_change_nothing(extra: str) -> None:
    """An exchange dials what is complete, so the rest is no disguise."""
    assert destination("+499001234567", "PL").kind is Kind.PREMIUM
    assert destination("+499001234567" + extra, "PL").kind is Kind.PREMIUM


def test_an_emergency_number_in_disguise_is_one() -> None:
    """+48112 reaches 112 of Poland, with digits behind it or not."""
    assert destination("+48112", "PL").kind is Kind.EMERGENCY
