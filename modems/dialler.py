"""The telephone side of a line: from on-hook to connected, and nothing of fax.

A driver implements `Dialler`; `LineTerminal` joins it with the T.30 engine to a `Terminal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from modems.session import Dialled
from modems.t30.line import Line


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A ringing call and what is known before it is answered; empty where the line cannot tell."""

    called: str = ""  # our number (DID) that was called
    caller: str = ""  # caller ID: number
    caller_name: str = ""
    dtmf: str = ""  # digits that the caller has keyed in


class DialFailed(Exception):  # noqa: N818 - it is an outcome
    """The network did not connect the call; `dialled` says what it answered instead.

    `cause` is the sentence for people where `dialled` alone does not say enough.
    """

    def __init__(self, dialled: Dialled, detail: str = "", cause: str = "") -> None:
        super().__init__(detail or dialled.value)
        self.dialled = dialled
        self.cause = cause


class Dialler(Protocol):
    """Places and answers calls on one physical or simulated line."""

    async def dial(self, number: str) -> Line:
        """Connect to `number`. Raises DialFailed; bounded by T0."""
        ...

    async def wait_for_call(self) -> IncomingCall:
        """Wait, without limit, until the line rings. Cancelling it leaves the line free."""
        ...

    async def answer(self, call: IncomingCall) -> Line:
        """Go off-hook for the call that rings. Raises DialFailed when the caller has gone."""
        ...

    async def reject(self, call: IncomingCall) -> None:
        """Leave the ringing call unanswered."""
        ...
