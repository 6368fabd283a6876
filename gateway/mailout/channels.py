"""Other ways to tell a sender how a fax ended: SMS, chat, webhooks and 170 more, by Apprise.

A channel takes the same letters as a mail server, of which it reads subject and plain text, and
tries them again like mails, in the outbox: it holds up nothing else. Apprise takes seconds and
50 MB to import and waits for strangers' servers without a limit of its own, so each notice is a
process with a time-out; where it is not installed the outbox says what is missing. Its URLs hold
passwords: they go to that process over its standard input and appear in no message.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from email import message_from_bytes, policy
from typing import Final

from gateway.mailout.transport import PermanentFailure, TemporaryFailure, Transport
from gateway.said import said

SCHEME: Final = "channel:"  # before the name of one, where other letters have a mail address
LIMIT: Final = 60.0  # s for one notice
LONGEST: Final = 4000  # characters of text; services cut where they must
NOT_INSTALLED: Final = 3  # exit status of the process

PROGRAM: Final = """
import json, sys
try:
    import apprise
except ImportError:
    sys.exit(3)
asked = json.load(sys.stdin)
notice = apprise.Apprise()
if not all([notice.add(url) for url in asked["urls"]]):
    sys.exit(4)
sys.exit(0 if notice.notify(title=asked["title"], body=asked["body"]) else 1)
"""
CUT_OFF: Final = said("the notice was cut off")
SAYINGS: Final = {
    1: said("a service of the channel did not take it"),
    NOT_INSTALLED: said("Apprise is not installed; install faxgate[channels]"),
    4: said("the channel has a URL that Apprise does not know"),
}


class Channels:
    """A transport that has a channel by each name, and leaves all other letters to `mail`."""

    def __init__(self, mail: Transport, channels: Mapping[str, Sequence[str]]) -> None:
        self.mail = mail
        self._channels = channels

    async def deliver(self, envelope_from: str, to: str, message: bytes) -> None:
        """Deliver to a channel, where `to` names one, or by mail."""
        if not to.startswith(SCHEME):
            await self.mail.deliver(envelope_from, to, message)
            return
        urls = self._channels.get(to.removeprefix(SCHEME))
        if urls is None:
            raise PermanentFailure(
                said("there is no {name} in the configuration any more", name=to)
            )
        status = await _notify(_asked(urls, message))
        if status in {NOT_INSTALLED, 4}:
            raise PermanentFailure(SAYINGS[status])
        if status:
            raise TemporaryFailure(SAYINGS.get(status, CUT_OFF))


def _asked(urls: Sequence[str], message: bytes) -> bytes:
    """What the process reads."""
    letter = message_from_bytes(message, policy=policy.default)
    body = letter.get_body(("plain",))
    text = body.get_content()[:LONGEST] if body else ""
    return json.dumps({"urls": urls, "title": str(letter["Subject"]), "body": text}).encode()


async def _notify(asked: bytes) -> int:
    """Run the process; -1 when it took too long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LIMIT):
            await process.communicate(asked)
    except TimeoutError:
        return -1
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode
