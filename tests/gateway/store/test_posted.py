"""Mails of IMAP folders in the store: the row and the job are one commit, and one order."""

from __future__ import annotations

from dataclasses import replace

from gateway.store import Store
from gateway.store.posted import Posted
from tests.gateway.store.samples import NOW, mail

KEY = Posted("anna", 2**32 - 1, 2**32 - 2)


async def test_a_mail_is_kept_once(store: Store) -> None:
    """The second time is the first job; another mail of the same octets is another order."""
    assert await store.posted(KEY) is None
    job = await store.accept_posted(KEY, "d", mail(), NOW)

    assert await store.accept_posted(KEY, "d", mail(), NOW) == job
    assert await store.posted(KEY) == job
    assert await store.accept_posted(replace(KEY, uid=1), "d", mail(), NOW) != job
    assert await store.accept_posted(replace(KEY, outbox="jan"), "d", mail(), NOW) != job


async def test_a_mail_with_a_new_number_is_known_until_it_is_filed(store: Store) -> None:
    """Another UIDVALIDITY makes no order of what still waits; a copy put there later is one."""
    job = await store.accept_posted(KEY, "d", mail(), NOW)
    anew = Posted("anna", 7, 1)

    assert await store.accept_posted(anew, "d", mail(), NOW) == job
    assert (await store.posted(KEY), await store.posted(anew)) == (None, job)

    await store.filed(anew)
    assert await store.accept_posted(Posted("anna", 8, 1), "d", mail(), NOW) != job
