"""What a fax that was repeated after a broken call is together with the pages that came before.

A sender begins again with the first page, or with the one that failed. So the end of the earlier
fax must lie at the beginning of the later one, sheet by sheet. A sheet that comes again from a
memory is the same row by row, but for rows that the line damaged and for the line of text at the
top, which has another time in it. That is what is asked for here, and more than a likeness: two
letters on one letterhead are alike, and joining them would hide one.

When in doubt there is no join, and each fax is delivered by itself. In doubt is what fits in more
than one way, what has too little ink in common, and a repeat that leaves out any page that came
before. Pure, and some milliseconds a page: for a thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.onramp.repeat import HEIGHTS, pels
from gateway.store.sheet import Sheet

TOP: Final = 0.5  # inch at the top of a page, where the line with time and page number stands
EVIDENCE: Final = 0.25  # inch of different rows with ink that must be alike in all
CUT_EVIDENCE: Final = 2.5  # inch of a page that broke off, where there is nothing else to go by
SPARE: Final = 2  # rows that may differ in any case
MOST_DAMAGE: Final = 0.3  # of the rows with ink; beyond it nothing can be told


@dataclass(frozen=True, slots=True)
class Print:
    """A sheet as it is compared: its rows with ink below the top, and how often each is there."""

    sheet: Sheet
    rows: Counter[bytes]
    cut: bool  # the call broke in it

    @property
    def inch(self) -> float:
        """Rows in an inch."""
        return self.sheet.page.vr.dpi[1]


def joined(earlier: Sequence[Sheet], later: Sequence[Sheet]) -> list[Sheet] | None:
    """The whole of a broken fax and its repeat; None where that is in doubt."""
    before, after = prints(earlier), prints(later)
    fits = [first for first in range(len(before)) if _fits(before[first:], after)]
    if len(fits) != 1:
        return None
    first = fits[0]
    twice = [_better(a, b) for a, b in zip(before[first:], after, strict=False)]
    return [*earlier[:first], *twice, *later[len(twice) :]]


def prints(sheets: Sequence[Sheet]) -> list[Print]:
    """The sheets of one fax, as they are compared."""
    last = len(sheets) - 1
    return [
        Print(sheet, _rows(sheet), number == last and not sheet.verdict.confirmed)
        for number, sheet in enumerate(sheets)
    ]


def same(one: Print, other: Print) -> bool:
    """Whether two are the same sheet, as far as both have come."""
    a, b = one.sheet.page, other.sheet.page
    if (a.width, a.vr) != (b.width, b.vr):
        return False
    whole = not (one.cut or other.cut)
    if whole and abs(a.height - b.height) > HEIGHTS * max(a.height, b.height):
        return False
    damage = SPARE + 2 * (one.sheet.quality.bad_rows + other.sheet.quality.bad_rows)
    if one.cut and other.cut:
        short, long = sorted((one, other), key=lambda each: each.sheet.page.height)
        return _holds(long, short, damage)
    return (other.cut or _holds(other, one, damage)) and (one.cut or _holds(one, other, damage))


def _holds(whole: Print, part: Print, damage: int) -> bool:
    """Whether all rows of `part` are in `whole`, but for damaged ones."""
    lost = (part.rows - whole.rows).total()
    return lost <= max(SPARE, min(damage, MOST_DAMAGE * part.rows.total()))


def _fits(before: Sequence[Print], after: Sequence[Print]) -> bool:
    """Whether `before` is how `after` begins, beyond doubt."""
    if len(before) > len(after):
        return False
    pairs = list(zip(before, after, strict=False))
    if not all(same(a, b) for a, b in pairs):
        return False
    alike = sum(len(a.rows.keys() & b.rows.keys()) / a.inch for a, b in pairs)
    if all(a.cut or b.cut for a, b in pairs):
        heights = (min(a.sheet.page.height, b.sheet.page.height) / a.inch for a, b in pairs)
        return alike >= 2 * EVIDENCE and sum(heights) >= CUT_EVIDENCE
    return alike >= EVIDENCE


def _better(earlier: Print, later: Print) -> Sheet:
    """The better of two copies: confirmed, then whole, then less damaged, then the later."""

    def worth(copy: Print) -> tuple[bool, int, int]:
        confirmed = copy.sheet.verdict.confirmed
        height = 0 if confirmed else copy.sheet.page.height
        return confirmed, height, -copy.sheet.quality.bad_rows

    return earlier.sheet if worth(earlier) > worth(later) else later.sheet


def _rows(sheet: Sheet) -> Counter[bytes]:
    page = sheet.page
    rows = pels(page)[round(TOP * page.vr.dpi[1]) :]
    return Counter(row.tobytes() for row in rows[rows.any(axis=1)])
