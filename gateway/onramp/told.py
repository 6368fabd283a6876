"""What is told of a received fax: lines for the mail, and facts for templates. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.message import EmailMessage

from gateway.mailout.body import Body
from gateway.ocr.text import FaxText
from gateway.onramp.numbers import digits
from gateway.onramp.reader import Reader, caller_of, has_id
from gateway.store.records import ReceivedFax, StoredPage
from gateway.words import Language, phrases, printable, telephone
from modems.terminal import PageQuality


def details_of(
    fax: ReceivedFax,
    pages: Sequence[StoredPage],
    qualities: Sequence[PageQuality],
    reader: Reader,
) -> Iterator[str]:
    """The call, line by line."""
    language = reader.language
    known = caller_of(fax, reader) if has_id(fax) else printable(fax.caller, 40)
    caller = known or language.say(phrases.FAX_UNKNOWN_CALLER)
    yield language.say(phrases.FAX_CALLER, caller=caller)
    identity = printable(fax.tsi, 40)
    if identity:
        yield language.say(phrases.FAX_IDENTITY, identity=identity)
    yield language.say(phrases.FAX_CALLED, called=telephone(fax.called, reader.country))
    if fax.subaddress:
        yield language.say(phrases.FAX_SUBADDRESS, subaddress=printable(fax.subaddress, 40))
    if fax.dtmf:
        yield language.say(phrases.FAX_DTMF, dtmf=printable(fax.dtmf, 40))
    yield language.say(
        phrases.FAX_TIME,
        moment=language.moment(fax.started_at),
        duration=language.duration(fax.seconds),
        line=printable(fax.line, 40),
    )
    yield language.say(phrases.FAX_PAGES, pages=len(pages), sizes=_resolutions(pages, language))
    if qualities:
        yield quality_of(qualities, language)


def _resolutions(pages: Sequence[StoredPage], language: Language) -> str:
    sizes = dict.fromkeys(page.vr.dpi for page in pages)
    return language.enumerate([f"{x} x {y} dpi" for x, y in sizes])


def quality_of(qualities: Sequence[PageQuality], language: Language) -> str:
    """How well the pages came."""
    damage = [
        language.say(phrases.FAX_PAGE_DAMAGE, rows=q.bad_rows, all=q.rows, page=number)
        for number, q in enumerate(qualities, start=1)
        if q.bad_rows
    ]
    if not damage:
        return language.say(phrases.FAX_CLEAN)
    return language.say(phrases.FAX_DAMAGED, damage=language.enumerate(damage))


def junk_of(reader: Reader) -> Iterator[str]:
    """How no more faxes of this caller come, where the reader may say so."""
    if reader.junk:
        yield reader.language.say(phrases.FAX_JUNK, link=f"mailto:{reader.junk}?subject=junk")


def words_of(
    message: EmailMessage, lead: Sequence[str], details: Sequence[str], text: FaxText, body: Body
) -> dict[str, object]:
    """Our own words, for templates that only add to them."""
    picture = f"cid:{body.picture}" if body.picture else ""
    read = "\f".join(map(str, text.pages))
    words = {"subject": str(message["Subject"]), "lead": [*lead], "details": [*details]}
    return {**words, "text": read, "picture": picture, "language": body.language}


def facts_of(
    fax: ReceivedFax,
    pages: Sequence[StoredPage],
    qualities: Sequence[PageQuality],
    reader: Reader,
) -> dict[str, object]:
    """What templates may tell; see `gateway.onramp.wording`."""
    language, at = reader.language, fax.started_at.astimezone(reader.language.zone)
    name = reader.book.display(f"+{digits(fax.caller)}") if has_id(fax) else ""
    return {
        "caller": caller_of(fax, reader),
        "caller_name": printable(name, 80),
        "caller_number": telephone(fax.caller, reader.country) if has_id(fax) else "",
        **{key: printable(getattr(fax, key), 40) for key in ("tsi", "subaddress", "dtmf", "line")},
        "called": telephone(fax.called, reader.country),
        "moment": language.moment(fax.started_at),
        "day": language.day(fax.started_at),
        "time": f"{at:%H:%M}",
        "duration": language.duration(fax.seconds),
        "seconds": round(fax.seconds, 1),
        "pages": len(pages),
        "pages_said": language.count(len(pages), "page"),
        "complete": fax.complete,
        "quality": quality_of(qualities, language) if qualities else "",
        "damaged_rows": sum(quality.bad_rows for quality in qualities),
        "fax": fax.id,
    }
