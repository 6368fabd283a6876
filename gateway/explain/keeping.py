"""The explanation that is kept beside a job: judged by what its sender has done until now.

The word that counts is spoken a moment later, when the fax finds its place in the queue
(`gateway.store.placing`). Between mails of one sender in the same moment the two may differ;
`faxgate queue show` has the state beside the explanation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from gateway.address import Refusal
from gateway.admission.policy import Past
from gateway.explain.explainer import Asked, Explainer
from gateway.explain.explanation import Json
from gateway.offramp.render import Rendered
from gateway.store import Store
from gateway.store.records import Job, Recipient


class Keeping:
    """Explains the jobs of one store."""

    def __init__(self, store: Store, explainer: Explainer) -> None:
        self._store = store
        self._explainer = explainer

    async def of_job(
        self, job: Job, to: Sequence[Recipient], rendered: Rendered, now: datetime
    ) -> Json:
        """The explanation of a mail that has just been rendered, for the store."""
        asked = self._explainer.asked(job, to, now)
        past = await past_of(self._store, self._explainer, asked)
        found = await asyncio.to_thread(self._explainer.explain, asked, rendered, past=past)
        return found.to_json()


async def past_of(store: Store, explainer: Explainer, asked: Asked) -> Past | None:
    """What is known of the sender; None for nobody that we know."""
    if isinstance(asked.sender, Refusal):
        return None
    return await store.past(asked.sender.user, explainer.accounts(asked))
