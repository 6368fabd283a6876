"""Who logs in: argon2 in threads, the same time for a wrong name as for a wrong password.

argon2 takes tens of milliseconds and 64 MB on purpose, so it never runs on the event loop, at most
`WORKERS` at a time, with a bounded queue; an address that keeps guessing is told to come back
later before anything is computed. Nothing of a password is kept or logged.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.config.model import User

WORKERS: Final = 2
MOST_WAITING: Final = 20  # logins waiting for a worker
MOST_FAILURES: Final = 10  # of one address, within WINDOW
WINDOW: Final = 600.0  # s
MOST_ADDRESSES: Final = 10_000  # remembered
LONGEST_PASSWORD: Final = 1024  # octets


class Guesses:
    """Failed logins by client address, over the last `WINDOW` seconds of the clock given."""

    def __init__(self, clock: Callable[[], float], most: int = MOST_FAILURES) -> None:
        self._clock = clock
        self._most = most
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many

    def too_many(self, client: str) -> bool:
        """Whether this address has to wait."""
        since, count = self._failures.get(client, (0.0, 0))
        return count >= self._most and self._clock() - since < WINDOW

    def failed(self, client: str) -> None:
        """One more. The address that was quiet longest is forgotten for a new one."""
        now = self._clock()
        since, count = self._failures.pop(client, (now, 0))
        self._failures[client] = (since, count + 1) if now - since < WINDOW else (now, 1)
        if len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)


class Logins:
    """Checks names and passwords against the administrator's list."""

    def __init__(self, users: Sequence[User]) -> None:
        self._hashes = {user.name: user.password for user in users}
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="argon2")
        self._waiting = 0
        # What a name that is not listed is checked against, as costly as the first that is.
        self._nobody = next(iter(self._hashes.values()), "")

    @property
    def possible(self) -> bool:
        """Whether anybody can log in."""
        return bool(self._hashes)

    async def check(self, name: str, password: str) -> bool | None:
        """Whether this is a user; None when too many are waiting already."""
        if self._waiting >= MOST_WAITING:
            return None
        self._waiting += 1
        try:
            known = self._hashes.get(name)
            good = await asyncio.get_running_loop().run_in_executor(
                self._threads, _verify, known or self._nobody, password
            )
            return good and known is not None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _verify(known: str, password: str) -> bool:
    if len(password.encode()) > LONGEST_PASSWORD:
        return False
    try:
        return PasswordHasher.from_parameters(extract_parameters(known)).verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
