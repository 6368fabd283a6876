"""From one part of a mail to its pages and the sentence on what became of it.

`render_part` runs inside an isolated child and `describe` outside of it: between them they turn
every way in which a document can fail into one clear reason.
"""

from __future__ import annotations

from gateway.message import Part, Role
from gateway.offramp.convert import Source, Unfaxable, converter_for, kind_of
from gateway.offramp.isolate import End, Outcome, Say
from gateway.offramp.protocol import Order, PartDone, pack_page, pack_part
from gateway.offramp.sheet import Sheet
from gateway.rendition import PHOTO
from gateway.said import counted, said

OCTETS = 200_000_000  # most that the pages of one part may come to
NOTHING = said("has nothing on it")
REASONS = {
    End.TOO_LARGE: said("needs more memory to render than one document may have"),
    End.SAID_TOO_MUCH: said("makes pages too large to send"),
    End.CRASHED: said(
        "could not be rendered: it is damaged or built in a way that no program expects"
    ),
}


def render_part(part: Part, order: Order, pages_left: int, say: Say) -> None:
    """Render one part, saying each page and at last the part."""
    from gateway.offramp.pages import Pages  # numpy and the codec, in workers only

    sheet = Sheet.of(order.paper, order.resolution)
    pages = Pages(
        *(sheet, pages_left, lambda page: say(pack_page(page)), order.page_seconds),
        _style(part, order),
    )
    source = source_of(part)
    try:
        converter_for(source)(source, pages)
        reason = "" if pages.count else NOTHING
    except Unfaxable as finding:
        reason = finding.reason
    say(pack_part(PartDone(part.name, part.content_type, pages.count * (not reason), reason)))


def _style(part: Part, order: Order) -> str:
    """How its grey is drawn: what is written in the mail is no photo, whatever is attached."""
    return "" if part.role is Role.BODY and order.style == PHOTO else order.style


def source_of(part: Part) -> Source:
    """Give a part as converters take it."""
    return Source(part.name, part.content_type, part.content, part.charset, part.pictures)


def needs_processes(part: Part) -> bool:
    """Whether the part is drawn by another program."""
    kind = kind_of(source_of(part))
    return kind is not None and kind.converter == "office"


def known_already(part: Part) -> PartDone | None:
    """Say what becomes of a part that needs no rendering."""
    if part.role is Role.SKIPPED:
        return PartDone(part.name, part.content_type, reason=part.reason, skipped=True)
    if part.reason:
        return PartDone(part.name, part.content_type, reason=part.reason)
    return None


def failed(part: Part, outcome: Outcome, order: Order) -> PartDone:
    """Say why a part's child did not end as it should."""
    reason = REASONS.get(outcome.end, REASONS[End.CRASHED])
    if outcome.end is End.TOO_LONG:
        seconds = counted(round(order.seconds), "second")
        reason = said("took longer than {time} to render and was given up", time=seconds)
    return PartDone(part.name, part.content_type, reason=reason)
