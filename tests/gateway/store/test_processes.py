"""Real processes: killed at any moment, or at one queue together."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from typing import IO

import pytest

from gateway.store import Store
from gateway.store.records import RecipientState
from tests.gateway.store.conftest import NewUrl
from tests.gateway.store.samples import LEASE, NOW, OWNER, Desk
from tests.gateway.store.victim import PAGES

Promises = dict[str, set[tuple[str, ...]]]


def start(module: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that runs a module of this package."""
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.gateway.store.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def lines_of(process: subprocess.Popen[str]) -> IO[str]:
    """What the process says."""
    assert process.stdout is not None
    return process.stdout


def killed_after(url: str, promises: int) -> Promises:
    """What a gateway promised before `kill -9` ended it, somewhere after so many promises."""
    process = start("victim", url)
    said = [lines_of(process).readline() for _ in range(promises)]
    process.kill()
    said += lines_of(process).readlines()
    lines_of(process).close()
    process.communicate()
    given: Promises = defaultdict(set)
    for line in said:
        if line.endswith("\n"):
            kind, *words = line.split()
            given[kind].add(tuple(words))
    return given


async def check(store: Store, given: Promises) -> None:
    """Everything promised is there."""
    for job, sender, serial in given["accepted"]:
        mail = await store.job(int(job))
        assert mail is not None
        assert mail.raw == f"{sender} {serial} ".encode() * 5000
    for (job,) in given["rendered"]:
        assert len(await store.pages(int(job))) == PAGES
    for recipient, page in given["confirmed"]:
        seen = await store.recipient(int(recipient))
        assert seen is not None
        assert seen.pages_confirmed >= int(page)
    for (recipient,) in given["sent"]:
        seen = await store.recipient(int(recipient))
        assert seen is not None
        assert seen.state is RecipientState.SENT
    for fax, page in given["received"]:
        assert int(page) in [p.number for p in await store.received_pages(int(fax))]


async def check_recovery(store: Store, given: Promises) -> None:
    """What was under way is decided, nothing confirmed is asked for again, and all is delivered."""
    await store.recover(OWNER, NOW)
    for resolution in await store.resolve_unknown(NOW, "report"):
        seen = await store.recipient(resolution.recipient)
        assert seen is not None
        answers = await store.page_reports(seen.id)
        doubtful = any(answer.report is None for answer in answers)
        if seen.pages_confirmed == PAGES:
            assert seen.state is RecipientState.SENT
        else:
            assert seen.state is (RecipientState.FAILED if doubtful else RecipientState.QUEUED)
    mails = [await store.next_mail(NOW.replace(year=2100), LEASE)]
    while mails[-1]:
        mails.append(await store.next_mail(NOW.replace(year=2100), LEASE))
    faxes = Counter(mail.received for mail in mails if mail and mail.received)
    assert {int(fax) for fax, _ in given["received"]} <= set(faxes)
    assert set(faxes.values()) <= {1}
    states = [r.state for r in await store.queue_view(10_000)]
    assert RecipientState.CALLING not in states
    assert RecipientState.UNKNOWN not in states


@pytest.mark.parametrize("promises", [2, 17, 80])
def test_a_kill_takes_back_no_promise(new_url: NewUrl, promises: int) -> None:
    """After kill -9 at any moment everything that was acknowledged is there, and is resolved."""
    url = new_url()
    given = killed_after(url, promises)
    assert sum(map(len, given.values())) >= promises

    async def reopen() -> None:
        store = await Store.open(url, owner=OWNER)
        await check(store, given)
        await check_recovery(store, given)
        await store.close()

    asyncio.run(reopen())


async def fill(url: str) -> None:
    """Forty faxes to four numbers."""
    store = await Store.open(url)
    for serial in range(40):
        await Desk(store).queue(f"+48{serial % 4}", count=1)
    await store.close()


def test_rivals_share_no_claim_and_no_destination(new_url: NewUrl) -> None:
    """Of two processes at one queue, each call is one's, and no number is called twice at once."""
    url = new_url()
    asyncio.run(fill(url))
    rivals = [start("rival", url, owner) for owner in ("north", "south")]
    for process in rivals:
        assert lines_of(process).readline() == "ready\n"
    for process in rivals:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [line.split() for p in rivals for line in p.communicate(timeout=60)[0].splitlines()]

    assert [p.returncode for p in rivals] == [0, 0]
    attempts = sorted((int(recipient), int(attempt)) for recipient, attempt, *_ in said)
    assert attempts == [(r, a) for r in range(1, 41) for a in (1, 2)]
    calls = defaultdict(list)
    for _, _, number, begun, ended in said:
        calls[number].append((int(begun), int(ended)))
    for held in calls.values():
        assert all(first[1] <= second[0] for first, second in pairwise(sorted(held)))
