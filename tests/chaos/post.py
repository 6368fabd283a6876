"""Whoever mails faxes, and what they were told: the ledger that the gateway is judged by.

A mail that got its 250 is `promised`. One whose connection broke before the answer is `unsure`: it
may have been accepted, whole, or not at all. A refusal with 4xx is unsure too, for a server may
give up waiting for its own disk. Each sender keeps no more than that; nobody mails twice.
"""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from tests.chaos.scene import Letter, letter

PATIENCE = 30.0  # s for each answer


@dataclass
class Ledger:
    """What was mailed in one round."""

    promised: list[Letter] = field(default_factory=list)
    unsure: list[Letter] = field(default_factory=list)

    @property
    def recipients(self) -> int:
        """How many faxes were promised."""
        return sum(len(mail.recipients) for mail in self.promised)


def post(mail: Letter, port: int, ledger: Ledger) -> None:
    """Mail one letter and note what became of it."""
    addresses = [f"{number}@fax.localhost" for number in mail.recipients]
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
            refused = client.sendmail(mail.sender, addresses, mail.octets)
    except (smtplib.SMTPException, OSError):
        ledger.unsure.append(mail)
    else:
        assert not refused, refused
        ledger.promised.append(mail)


@contextmanager
def posting(seed: int, port: int, ledger: Ledger, pause: float) -> Iterator[None]:
    """Several people mail at the same time, each with a pause of about so many seconds between."""
    done = threading.Event()
    people = [
        threading.Thread(target=_person, args=(f"p{n}", seed + n, port, ledger, pause, done))
        for n in range(3)
    ]
    for person in people:
        person.start()
    try:
        yield
    finally:
        done.set()
        for person in people:
            person.join()


def _person(
    name: str, seed: int, port: int, ledger: Ledger, pause: float, done: threading.Event
) -> None:
    random = Random(seed)
    number = 0
    while not done.wait(random.expovariate(1 / pause)):
        number += 1
        post(letter(random, f"{name}m{number}"), port, ledger)
