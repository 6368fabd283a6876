"""What dial plans and the address book must be together; see `rules`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.config.addressing import Contact
from gateway.config.model import Config
from gateway.config.section import Finding


def plans_are_of_somebody(config: Config) -> Iterator[Finding]:
    """The first plan that fits the sender is used, so one for everybody comes last."""
    known = {user.name for user in config.smtp.users}
    for i, plan in enumerate(config.dial_plans):
        if not plan.users and not plan.networks and i + 1 < len(config.dial_plans):
            text = "this plan fits everybody, so none behind it is used; put it last"
            yield ("dial_plans", i), text
        for j, user in enumerate(plan.users):
            if user not in known:
                text = f"there is no user {user!r} in smtp.users"
                yield ("dial_plans", i, "users", j), text


def local_numbers_have_a_length(config: Config) -> Iterator[Finding]:
    """Without one, nobody can tell a local number from a national one."""
    for i, plan in enumerate(config.dial_plans):
        if bool(plan.area_code) != bool(plan.local_digits):
            given, wanted = ("area_code", "local_digits")
            if plan.local_digits:
                given, wanted = wanted, given
            text = f"`{given}` without `{wanted}`; give both, such as area_code: 22, "
            yield ("dial_plans", i, given), text + "local_digits: [7]"
        for j, extension in enumerate(plan.extensions):
            if len(extension.begins) > extension.digits:
                text = f"an extension of {extension.digits} digits cannot begin with so many"
                yield ("dial_plans", i, "extensions", j, "begins"), text


def names_are_unique(config: Config) -> Iterator[Finding]:
    """One name, one entry."""
    first: dict[str, int] = {}
    for i, contact in enumerate(config.address_book):
        if contact.name in first:
            text = f"entry {first[contact.name] + 1} has this name already"
            yield ("address_book", i, "name"), text
        first.setdefault(contact.name, i)


def lists_end_in_numbers(config: Config) -> Iterator[Finding]:
    """A name in a list is in the book, and no list is inside itself or too long for one mail."""
    book = {contact.name: contact for contact in config.address_book}
    most = config.smtp.max_recipients
    for i, contact in enumerate(config.address_book):
        for j, entry in enumerate(contact.numbers):
            if not entry.startswith("+") and entry not in book:
                text = f"{entry!r} is no number of E.164 and no name in the address book"
                yield ("address_book", i, "numbers", j), text
        numbers = _numbers(contact, book, ())
        if numbers is None:
            yield ("address_book", i, "numbers"), "this list is inside itself"
        elif len(numbers) > most:
            text = f"{len(numbers)} numbers, and one mail may have {most} (smtp.max_recipients)"
            yield ("address_book", i, "numbers"), text


def _numbers(
    contact: Contact, book: Mapping[str, Contact], above: tuple[str, ...]
) -> set[str] | None:
    """Every number that a name stands for; None where that never ends."""
    if contact.name in above:
        return None
    found: set[str] = set()
    for entry in contact.numbers:
        inner = book.get(entry)
        more = {entry} if inner is None else _numbers(inner, book, (*above, contact.name))
        if more is None:
            return None
        found |= more
    return found


ADDRESSING_RULES: Final = (
    plans_are_of_somebody,
    local_numbers_have_a_length,
    names_are_unique,
    lists_end_in_numbers,
)
