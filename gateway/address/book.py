"""The address book: a name stands for one number, or for the numbers of a distribution list.

Lists may hold lists; a number that is reached twice is there once. The configuration has been
checked: every name in a list is in the book, and no list is inside itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from gateway.address.number import FaxNumber
from gateway.config.addressing import Contact


class Book:
    """Names to fax to."""

    def __init__(self, contacts: Iterable[Contact] = ()) -> None:
        self._contacts = {contact.name: contact for contact in contacts}
        # Of several names for one number, the first is what people read.
        single = [contact for contact in self._contacts.values() if _is_single(contact)]
        self._display = {_key(c.numbers[0]): c.display for c in reversed(single) if c.display}

    def numbers(self, name: str) -> tuple[FaxNumber, ...]:
        """Every number that a name stands for, in the order of the book; none for no such name."""
        contact = self._contacts.get(name.lower())
        return tuple(dict.fromkeys(self._flat(contact))) if contact else ()

    def display(self, number: str, subaddress: str = "") -> str:
        """What people call the owner of a number; "" where the book does not say."""
        return self._display.get((number, subaddress)) or self._display.get((number, ""), "")

    def near(self, name: str) -> str:
        """The name in the book that `name` may have been meant to be; "" if none is close."""
        return next(iter(get_close_matches(name.lower(), self._contacts, n=1, cutoff=0.7)), "")

    def _flat(self, contact: Contact) -> Iterator[FaxNumber]:
        for entry in contact.numbers:
            if entry in self._contacts:
                yield from self._flat(self._contacts[entry])
            else:
                number, subaddress = _key(entry)
                yield FaxNumber(number, subaddress, self.display(number, subaddress))


def _is_single(contact: Contact) -> bool:
    return len(contact.numbers) == 1 and contact.numbers[0].startswith("+")


def _key(entry: str) -> tuple[str, str]:
    number, _, subaddress = entry.partition("/T33S=")
    return number, subaddress
