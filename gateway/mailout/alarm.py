"""The mail that tells administrators that nothing is taken, and the one that it is again.

It goes straight to the transport, because the outbox is in the store that is in trouble, and is
tried from memory until it is delivered, for a day at most. A second alarm does not overtake one
that still waits: they go in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from gateway.clock import Clock
from gateway.config.model import Config
from gateway.mailout.body import Body, plain
from gateway.mailout.channels import SCHEME
from gateway.mailout.letter import Head, letter, octets
from gateway.mailout.transport import PermanentFailure, TemporaryFailure, Transport
from gateway.supervisor import Announce
from gateway.words import Language, phrases, printable
from gateway.words.choice import language_of

FIRST_REST: Final = 30.0  # s after a failure; then twice as long
LONGEST_REST: Final = 900.0  # s
TRIES: Final = 100  # about a day
LIMIT: Final = 120.0  # s for one try


class Alarms:
    """Tells the postmaster, and the channels that want alarms."""

    def __init__(
        self, config: Config, transport: Transport, clock: Clock, announce: Announce
    ) -> None:
        self._clock = clock
        self._config = config
        self._transport = transport
        self._announce = announce
        self._turns: dict[str, asyncio.Lock] = {to: asyncio.Lock() for to in recipients(config)}

    async def tell(self, bad: bool, why: str, since: datetime) -> None:
        """Tell everybody; returns when they have heard, or never will."""
        async with asyncio.TaskGroup() as group:
            for to in self._turns:
                group.create_task(self._deliver(to, self._written(to, bad, why, since)))

    async def _deliver(self, to: str, message: bytes) -> None:
        rest = FIRST_REST
        async with self._turns[to]:
            for _ in range(TRIES):
                try:
                    async with asyncio.timeout(LIMIT):
                        await self._transport.deliver("", to, message)
                except PermanentFailure as failure:
                    self._announce("alarm given up", to=to, error=failure.reply)
                    return
                except (TemporaryFailure, TimeoutError, OSError) as failure:
                    self._announce("alarm deferred", to=to, error=str(failure), rest=rest)
                else:
                    self._announce("alarm delivered", to=to)
                    return
                await asyncio.sleep(rest)
                rest = min(2 * rest, LONGEST_REST)

    def _written(self, to: str, bad: bool, why: str, since: datetime) -> bytes:
        mail = self._config.mail
        language = Language(language_of(to, mail.languages, "", mail.language), self._config.zone)
        head = Head(
            sender=mail.sender,
            name=language.say(phrases.GATEWAY),
            to=to,
            subject=language.say(phrases.ALARM_SUBJECT if bad else phrases.ALARM_OVER_SUBJECT),
            at=self._clock.now(),
            message_id=f"<{uuid4().hex}@{self._config.domain}>",
            automatic="auto-generated",
            zone=language.zone,
        )
        message = letter(head)
        shape = phrases.ALARM if bad else phrases.ALARM_OVER
        node = printable(self._config.node_name, 80)
        told = language.say(shape, node=node, moment=language.moment(since))
        paragraphs = [told]
        if bad:
            cause = printable(language.tell(why), 600)
            paragraphs += [language.say(phrases.ALARM_CAUSE, cause=cause)]
            paragraphs += [language.say(phrases.ALARM_ADVICE)]
        message.set_content(plain(Body(paragraphs, language=language.code)))
        return octets(message)


def recipients(config: Config) -> Sequence[str]:
    """The postmaster, and every channel that tells alarms."""
    channels = [f"{SCHEME}{c.name}" for c in config.mail.channels if "alarm" in c.tell]
    return [*filter(None, [config.mail.postmaster]), *channels]
