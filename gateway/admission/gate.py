"""The gate: what SMTP asks before it takes a mail, in the order in which answers are known.

At RCPT: who the client is, if login or network say so, and whether that sender may send to that
number at this time. After DATA, for everybody else: whom From is proven to be, and then the same.
What needs pages is asked after rendering (`gateway.admission.placing`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from gateway.address import Refusal
from gateway.admission.clients import LOG_IN, STRANGER
from gateway.admission.fax import Fax
from gateway.admission.names import Names
from gateway.admission.policy import Policy, Word, by_rule, judge
from gateway.admission.proving import Handed, Proven, Prover
from gateway.admission.sender import Sender
from gateway.admission.senders import Senders
from gateway.config.model import Config

PROVERS: Final = 4  # mails whose From is checked at the same time


@dataclass(frozen=True, slots=True)
class Gate:
    """One gateway's. Without a prover, a From address is never enough."""

    senders: Senders
    policy: Policy
    prover: Prover | None = None
    threads: ThreadPoolExecutor = field(
        default_factory=partial(ThreadPoolExecutor, PROVERS, thread_name_prefix="dmarc")
    )

    @classmethod
    def of(cls, config: Config) -> Gate:
        """As the configuration has it."""
        senders, dns = Senders.of(config), config.dns
        names = Names(dns.servers, dns.port, dns.patience.total_seconds())
        prover = Prover(senders, names, config.smtp.upstream) if senders.knows_authors else None
        return cls(senders, Policy.of(config), prover)

    def known(self, client: str, login: str, *, may_log_in: bool) -> Sender | Refusal | None:
        """Who a client is, as far as login and network say; None: its mail may yet say it.

        `may_log_in` says whether this connection offers AUTH, for the advice in the refusal.
        """
        sender = self.senders.by_login(login) if login else self.senders.by_client(client)
        if sender is not None or self.prover is not None:
            return sender
        return LOG_IN if may_log_in else STRANGER

    def objection(self, sender: Sender, numbers: Sequence[str], now: datetime) -> Refusal | None:
        """Why the sender may not send to one of these numbers now; None if nothing is."""
        for number in numbers:
            verdict = judge(self.policy, sender, Fax(number, now))
            if verdict.word is Word.REFUSE:
                return Refusal("5.7.1", by_rule(verdict.reason, verdict.rule))
        return None

    async def prove(self, mail: Handed) -> Proven | Refusal:
        """Who sends a mail that nobody logged in for."""
        assert self.prover is not None, "asked before"
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, self.prover.prove, mail)

    def close(self) -> None:
        """Let the threads go."""
        self.threads.shutdown(wait=False, cancel_futures=True)
