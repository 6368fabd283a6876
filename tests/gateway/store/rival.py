"""One of several gateways at one queue: `python -m tests.gateway.store.rival URL OWNER`.

Takes every call that is due, holds it for a moment, ends it, and says when it held which number.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta

from gateway.retry import Later, Never
from gateway.store import Store
from gateway.store.records import Claim
from tests.gateway.store.samples import LEASE, NOW, call_report, say

WORKERS = 3


async def call(store: Store, claim: Claim) -> None:
    """Hold a number; the first call is deferred, the second the last."""
    begun = time.monotonic_ns()
    await store.confirming(claim, 1)
    await store.renew(claim, NOW + 2 * LEASE)
    ended = time.monotonic_ns()
    later = Later(NOW + timedelta(seconds=1), "busy", "4.4.1")
    decision = Never("no", "5.0.0") if claim.tries else later
    await store.finish(claim, call_report(), decision, NOW)
    say(claim.recipient, claim.attempt, claim.number, begun, ended)


async def work(store: Store, owner: str) -> None:
    """Call until nobody waits any more, neither here nor at the rivals."""
    while any(r.ended_at is None for r in await store.queue_view(1000)):
        claim = await store.claim(owner, NOW + timedelta(minutes=1), LEASE)
        if claim:
            await call(store, claim)


async def main(url: str, owner: str) -> None:
    """Several workers of one gateway."""
    store = await Store.open(url, owner=owner)
    say("ready")
    sys.stdin.readline()
    await asyncio.gather(*(work(store, owner) for _ in range(WORKERS)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
