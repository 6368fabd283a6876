"""What to do about a mail that made no pages, by why each of its parts could not be faxed.

Pure. The reasons are sentences of ours; which kind they are is read in English, as they were said.
A reason that says itself what to do is not followed by other advice, and parts that fail for
different reasons get the general one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateway.said import decoded
from gateway.words import phrases

KINDS: Final = (  # the first that fits a reason
    (re.compile(r"\bplease\b"), phrases.ADVICE_DO_SO),
    (re.compile(r"\bis protected with a password\b"), phrases.ADVICE_LOCKED),
    (re.compile(r"\bis damaged|\band damaged|\bdamaged or\b"), phrases.ADVICE_DAMAGED),
    (re.compile(r"\bis empty\b|\bhas nothing on it\b"), phrases.ADVICE_BLANK),
)


def advice_for(reasons: Sequence[str]) -> str:
    """One sentence for all of these reasons, each as it is stored."""
    kinds = {_kind(decoded(reason)) for reason in reasons}
    return kinds.pop() if len(kinds) == 1 else phrases.ADVICE_DOCUMENT


def _kind(reason: str) -> str:
    found = (advice for pattern, advice in KINDS if pattern.search(reason))
    return next(found, phrases.ADVICE_DOCUMENT)
