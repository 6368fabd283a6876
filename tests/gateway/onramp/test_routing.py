"""Which route takes a call or a fax."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.hours import parse_hours
from gateway.config.receiving import Route
from gateway.onramp import junk
from gateway.onramp.junk import Junk
from gateway.onramp.routing import Facts, Routing

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CALL = Facts("isdn", "+48222000002", "+48222000002", "+48221000001", MONDAY)
FAX = replace(CALL, tsi="LAB 7", subaddress="12", pages=3, dtmf="77#")
REST = Route(name="rest", deliver=("postmaster@example.org",))
WORK = parse_hours("Mon-Fri 08:00-16:00")


def taken(route: Route, facts: Facts = FAX, listed: Junk | None = None) -> bool:
    """Whether the route takes the fax before the last one does."""
    routing = Routing((route, REST), listed or Junk(), UTC)
    return routing.final(facts).number == 1


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"line": ("isdn",)},
        {"called": ("+48 22 200 00 02",)},
        {"called": ("0048222000002",)},
        {"called": ("+4822*",)},
        {"caller": ("+48111111111", "+48221000001")},
        {"caller": ("+48*",)},
        {"tsi": "lab*"},
        {"tsi": "*7"},
        {"subaddress": "12"},
        {"dtmf": "7*"},
        {"hours": WORK},
        {"min_pages": 3, "max_pages": 3},
        {"line": ("isdn",), "caller": ("+48*",), "tsi": "lab 7", "min_pages": 2},
    ],
)
def test_conditions_that_hold(conditions: dict[str, object]) -> None:
    """A route whose every condition holds takes the fax."""
    assert taken(Route(deliver=("a@example.org",), **conditions))


@pytest.mark.parametrize(
    "conditions",
    [
        {"line": ("other",)},
        {"called": ("+48222000003",)},
        {"called": ("+4823*",)},
        {"caller": ("withheld",)},
        {"tsi": "lab"},
        {"subaddress": "1"},
        {"dtmf": "7"},
        {"hours": WORK, "outside": True},
        {"junk": True},
        {"min_pages": 4},
        {"max_pages": 2},
        {"line": ("isdn",), "caller": ("+48*",), "tsi": "lab 8"},
    ],
)
def test_conditions_that_do_not_hold(conditions: dict[str, object]) -> None:
    """One that fails is enough to pass a route over."""
    assert not taken(Route(deliver=("a@example.org",), **conditions))


def test_the_first_route_that_holds_decides() -> None:
    """A later one changes nothing."""
    one, two = Route(deliver=("one@example.org",)), Route(deliver=("two@example.org",))

    assert Routing((one, two)).final(FAX).deliver == ("one@example.org",)


def test_a_caller_who_withholds_the_number() -> None:
    """No caller ID is `withheld`, and fits no beginning of a number."""
    anonymous = replace(FAX, caller="")

    assert taken(Route(caller=("withheld",), deliver=("a@example.org",)), anonymous)
    assert not taken(Route(caller=("+48*",), deliver=("a@example.org",)), anonymous)


def test_a_line_that_tells_no_digits_matches_none() -> None:
    """Not even the pattern of anything; and before off-hook that is certain."""
    route = Route(dtmf="*", deliver=("a@example.org",))

    assert not taken(route, replace(FAX, dtmf=""))
    assert Routing((route, REST)).early(replace(CALL, dtmf="1")).number == 1


def test_outside_of_the_hours() -> None:
    """A night route takes what comes when the office is closed."""
    night = Route(hours=WORK, outside=True, deliver=("night@example.org",))

    assert taken(night, replace(FAX, at=MONDAY.replace(hour=3)))
    assert not taken(night, FAX)


def test_a_caller_on_the_junk_list() -> None:
    """By number, by the beginning of one, or by what the machine calls itself."""
    route = Route(junk=True, file=True)

    assert taken(route, FAX, Junk(numbers=("+48221000001",)))
    assert taken(route, FAX, Junk(numbers=("+48221*",)))
    assert taken(route, FAX, Junk(machines=("LAB*",)))
    assert not taken(route, FAX, Junk(numbers=("+48221000002",), machines=("SPAM",)))


def test_a_known_junk_caller_is_left_ringing() -> None:
    """What is certain before off-hook is done before off-hook."""
    reject = Route(junk=True, reject="unanswered")
    routing = Routing((reject, REST), Junk(numbers=("+48221000001",)))

    assert routing.early(CALL).reject == "unanswered"
    assert routing.early(replace(CALL, caller="+48999")).reject is None


def test_what_hangs_on_the_machines_name_waits_for_it() -> None:
    """A call is answered, and dropped when its sender has said who it is."""
    routing = Routing((Route(tsi="SPAM*", reject="dropped"), REST))

    assert routing.early(CALL).deliver == REST.deliver
    assert routing.early(replace(CALL, tsi="spammer", subaddress="")).reject == "dropped"
    assert routing.early(replace(CALL, tsi="friend", subaddress="")).reject is None


def test_a_rejection_behind_an_open_route_is_not_certain() -> None:
    """The lab's machine may be calling: only its name can tell, so the call is answered."""
    lab = Route(tsi="LAB*", deliver=("lab@example.org",))
    reject = Route(caller=("+48*",), reject="unanswered")
    routing = Routing((lab, reject, REST))

    assert routing.early(CALL).reject is None
    assert routing.early(CALL).deliver == REST.deliver
    assert routing.final(FAX).deliver == lab.deliver


def test_every_route_is_explained() -> None:
    """People see why each does or does not hold."""
    routes = (Route(tsi="SPAM*", file=True), Route(caller=("withheld",), file=True), REST)
    held = list(Routing(routes).explained(CALL))

    assert [each.holds for each in held] == [None, False, True]
    assert "+48221000001" in held[1].why


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "tsi": st.sampled_from(["LAB*", "SPAM"]),
        "subaddress": st.sampled_from(["12", "1*"]),
        "caller": st.sampled_from([("+48*",), ("withheld",)]),
        "min_pages": st.integers(1, 3),
        "junk": st.booleans(),
    },
)
ACTIONS = st.sampled_from([{"deliver": ("a@example.org",)}, {"file": True}, {"reject": "dropped"}])


@given(
    st.lists(st.builds(lambda c, a: Route(**c, **a), CONDITIONS, ACTIONS), max_size=5),
    st.sampled_from(["LAB 7", "SPAM", ""]),
    st.sampled_from(["", "12"]),
    st.integers(1, 4),
)
def test_what_is_certain_early_is_so_in_the_end(
    routes: list[Route], tsi: str, subaddress: str, pages: int
) -> None:
    """No later fact changes a rejection, so nobody is dropped who ought to be heard."""
    routing = Routing((*routes, REST), Junk(machines=("SPAM",)))
    rejected = routing.early(CALL)

    if rejected.reject:
        known = replace(CALL, tsi=tsi, subaddress=subaddress, pages=pages)
        assert routing.final(known) == rejected


def test_the_junk_list_is_a_file_for_people(tmp_path: Path) -> None:
    """Comments stay, doubles are not added, nonsense is named."""
    path = tmp_path / "junk.txt"
    path.write_text("# ours\n+48221000001 # the loans\n\nnonsense\ntsi: Cheap*\n")

    assert junk.add(path, "+4870*")
    assert not junk.add(path, "+48221000001")
    assert junk.remove(path, "tsi: Cheap*")
    assert not junk.remove(path, "+49*")
    found = junk.read(path)

    assert found == Junk(("+48221000001", "+4870*"), (), ("nonsense",))
    assert path.read_text().startswith("# ours\n+48221000001 # the loans\n")


@pytest.mark.parametrize("entry", ["", "tsi:", "tsi: *", "abc", "+48x", "*"])
def test_an_entry_that_makes_no_sense_is_refused(tmp_path: Path, entry: str) -> None:
    """What would take every caller or none is no entry."""
    with pytest.raises(ValueError, match=r"."):
        junk.add(tmp_path / "junk.txt", entry)


def test_no_list_is_an_empty_list(tmp_path: Path) -> None:
    """A gateway that has met no junk yet."""
    assert junk.read(tmp_path / "junk.txt") == Junk()
    assert junk.add(tmp_path / "junk.txt", "+48221000001")


@pytest.mark.parametrize("told", ["+48221000001", "0048221000001", "48221000001", "221000001"])
@pytest.mark.parametrize("pattern", ["+48221000001", "+48 22 1*", "0048221000001"])
def test_a_caller_of_our_own_country_is_known_without_its_code(told: str, pattern: str) -> None:
    """Exchanges tell national numbers; routes, the junk list and lines are written with +48."""
    route = Route(caller=(pattern,), deliver=("a@example.org",))
    facts = replace(FAX, caller=told)

    assert Routing((route, REST), country="PL").final(facts).number == 1
    assert Junk((pattern,)).has(told, "", "PL") is True
    assert Routing((route, REST), country="PL").final(replace(FAX, caller="321000001")).number == 2


def test_brackets_in_a_name_are_brackets() -> None:
    """Only * and ? mean something in a pattern."""
    assert taken(Route(tsi="fax [2]*", deliver=("a@example.org",)), replace(FAX, tsi="FAX [2] B"))
    assert not taken(Route(tsi="fax [2]", deliver=("a@example.org",)), replace(FAX, tsi="FAX 2"))


def test_who_withholds_their_number_can_be_junk() -> None:
    """As in a route; a TSI of theirs is not asked for then."""
    assert Junk(("withheld",)).has("", None) is True
    assert Junk(("withheld",)).has("+48221000001", "") is False


def test_a_call_is_held_against_thousands_without_a_search() -> None:
    """A list of 50,000 numbers costs a look, and what a name may be is made beforehand."""
    many = Junk(tuple(f"+4822{n:07}" for n in range(50_000)), ("CHEAP *",))

    assert many.has("+48220049999", None) is True
    assert many.has("+48220050000", "CHEAP LOANS") is True
    assert many.has("+48220050000", "OTHER") is False
