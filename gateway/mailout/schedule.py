"""When a delivery that failed is tried again. Pure: the jitter is an argument.

Doubling waits spare a mail server that is down; a little chance keeps a backlog from coming back
all at once (RFC 5321 4.5.4.1 asks for both). The last try is at the end of the time that the
administrator allows, not somewhere before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)
SPREAD = 0.25  # of the wait, either way


def next_try(
    tries: int, created_at: datetime, now: datetime, retry_for: timedelta, chance: float
) -> datetime | None:
    """When to deliver again after `tries` failed tries, or None to give up.

    `chance` is in 0 to 1, evenly spread.
    """
    end = created_at + retry_for
    if now >= end:
        return None
    doublings = min(max(tries - 1, 0), 20)
    wait = min(FIRST * (1 << doublings), LONGEST) * (1 + SPREAD * (2 * chance - 1))
    return min(now + wait, end)
