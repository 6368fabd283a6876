from __future__ import annotations

from gateway.config.model import Route
from gateway.onramp.routing import deliveries, route_for

OFFICE = Route(called="+48 22 200 00 02", deliver=("office@example.org",))
REST = Route(deliver=("postmaster@example.org",))


def test_the_first_match_wins() -> None:
    """Routes are read from the top."""
    twice = Route(called="+48222000002", deliver=("second@example.org",))

    assert route_for([OFFICE, twice, REST], "+48222000002") is OFFICE


def test_numbers_are_compared_by_their_digits() -> None:
    """Separators, + and the international prefix do not make another number."""
    for written in ("+48222000002", "0048222000002", "48-22-200-00-02"):
        assert route_for([OFFICE], written) is OFFICE


def test_a_route_without_a_number_takes_every_call() -> None:
    """The default route also takes a call whose number the line could not tell."""
    assert route_for([OFFICE, REST], "+48111111111") is REST
    assert route_for([OFFICE, REST], "") is REST


def test_no_match_is_none() -> None:
    """Without a default route there may be no answer."""
    assert route_for([OFFICE], "+48111111111") is None


def test_an_extension_without_a_route_goes_where_its_line_goes() -> None:
    """Nothing that will be confirmed goes to nobody."""
    line, extension = "+48222000002", "+48222000099"

    assert deliveries([OFFICE], extension, line) == OFFICE.deliver
    assert deliveries([OFFICE, REST], extension, line) == REST.deliver
    assert deliveries([OFFICE], line, line) == OFFICE.deliver
    assert deliveries([], extension, line) == ()
