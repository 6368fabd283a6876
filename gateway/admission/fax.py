"""What is judged: one fax to one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Fax:
    """One fax to one number, as far as it is known."""

    number: str  # E.164 with +
    at: datetime  # when it would go
    pages: int | None = None
    seconds: float | None = None  # predicted, on the line
    confirmed: bool = False  # the sender, or the administrator, has confirmed it: nothing is held
