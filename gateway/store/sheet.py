"""Pages as they lie in the faxes that they came in, and what several calls are together. Values."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.store.records import StoredPage
from modems.terminal import PageQuality, PageVerdict


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of received fax `fax`: what was counted in it, and what was answered for it."""

    fax: int
    page: StoredPage
    quality: PageQuality
    verdict: PageVerdict


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller's machine has said of itself, and who gets the fax if no more is learnt."""

    tsi: str
    subaddress: str
    deliveries: tuple[str, ...]
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """What a fax is together with earlier ones of its caller.

    `sheets` are the pages of the whole, in order, as (fax, page number); empty where the fax stands
    alone. `replaces` are the incomplete faxes that the whole holds; `follows` is one of which that
    could not be told.
    """

    sheets: tuple[tuple[int, int], ...] = ()
    replaces: tuple[int, ...] = ()
    follows: int | None = None
