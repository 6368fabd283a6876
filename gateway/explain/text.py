"""An explanation for people: who, to whom, what of, how long. Plain lines, no colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gateway.explain.explanation import ByRate, Document, Explanation, Sheet, Verdict
from gateway.words import printable

SHOWN: Final = 5  # numbers above a table of costs


def lines(explanation: Explanation) -> Iterator[str]:
    """The whole explanation."""
    who = explanation.sender
    groups = f", in {', '.join(who.groups)}" if who.groups else ""
    yield f"Sender: {who.user + groups if who.user else 'nobody who may send'} ({who.reason})"
    if explanation.asked:
        yield f"The subject asks for: {printable(', '.join(explanation.asked))}"
    for recipient in explanation.recipients:
        yield from _recipient(recipient)
    for part in explanation.parts:
        yield f"Part: {_part(part)}"
    for number, page in enumerate(explanation.pages, 1):
        yield f"Page {number}: {_page(page)}"
    if explanation.calls:
        yield from _calls(explanation)
    if explanation.refused:
        yield f"Nothing is sent. {explanation.refused.removeprefix('Nothing was sent. ')}"


def _recipient(to: Verdict) -> Iterator[str]:
    yield f"To: {printable(to.address)}"
    if to.number:
        name = f" ({printable(to.name, 80)})" if to.name else ""
        sub = f", subaddress {to.subaddress}" if to.subaddress else ""
        yield f"    {to.number}{sub}{name}, {to.kind}"
    because = f": {printable(to.reason, 400)}" if to.reason else ""
    yield f"    {to.verdict} by {to.rule!r}{because}"
    if to.line:
        yield f"    line: {to.line}"


def _part(part: Document) -> str:
    name = f"{printable(part.name, 80)} ({part.type})"
    return f"{name}: {part.reason or f'{part.pages} page(s)'}"


def _page(page: Sheet) -> str:
    size = f"{page.width} x {page.height} pels, {page.resolution} per inch"
    bits = ", ".join(f"{coding} {count:,}" for coding, count in page.bits.items())
    made = f", {page.rendering}" if page.rendering else ""
    made += f", {page.coarseness} step(s) coarser to fit" if page.coarseness else ""
    made += f", saves {page.saved_seconds:.0f} s" if page.saved_seconds else ""
    picture = f" -> {page.png}" if page.png else ""
    return f"{size}{made}; bits: {bits}{picture}"


def _calls(explanation: Explanation) -> Iterator[str]:
    """One row a coding, one column a rate: the seconds of a call with all pages, and its cost."""
    rates = list(next(iter(explanation.calls.values())))
    yield "One call, all pages:   " + "".join(f"{rate + ' bit/s':>14}" for rate in rates)
    yield from _table(explanation.calls)
    yield from _costs(explanation.recipients)


def _costs(recipients: Sequence[Verdict]) -> Iterator[str]:
    """One table for all numbers that cost the same."""
    priced = [to for to in recipients if to.costs]
    while priced:
        alike = [to for to in priced if to.costs == priced[0].costs]
        numbers = list(dict.fromkeys(to.number for to in alike))
        more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
        yield f"Cost of it to {', '.join(numbers[:SHOWN])}{more}:"
        yield from _money(alike[0].costs)
        priced = [to for to in priced if to.costs != alike[0].costs]


def _table(calls: ByRate) -> Iterator[str]:
    for coding, by_rate in calls.items():
        yield f"    {coding:<19}" + "".join(f"{seconds:>12.0f} s" for seconds in by_rate.values())


def _money(costs: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for coding, by_rate in costs.items():
        yield f"    {coding:<19}" + "".join(f"{cost:>14}" for cost in by_rate.values())
