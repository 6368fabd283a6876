"""A sentence is kept so that it can be said in any language; what is old is kept as it is."""

from __future__ import annotations

from gateway.said import Said, said
from gateway.store.records import DocumentRecord
from gateway.words import Language
from tests.gateway.store.samples import Desk

POLISH = Language("pl")
EMPTY = said("{name} {reason}.", name=said("The message text"), reason=said("is empty"))


async def test_sentences_come_back_whole(desk: Desk) -> None:
    """The cause of a recipient, and name and reason of a document."""
    job = await desk.accept()
    document = DocumentRecord(said("The message text"), "text/plain", 0, EMPTY)
    await desk.store.render_failed(job, (document,), EMPTY, desk.now, "5.6.0")
    recipient = (await desk.store.recipients_of(job))[0]
    kept = (await desk.store.documents(job))[0]

    assert recipient.cause == "The message text is empty."
    assert POLISH.tell(recipient.cause) == "Treść wiadomości: brak zawartości."
    assert POLISH.tell(kept.reason) == POLISH.tell(recipient.cause)
    assert isinstance(kept.name, Said)


async def test_plain_text_stays_plain(desk: Desk) -> None:
    """As a version before this one wrote it, also where it looks like a sentence of ours."""
    for text in ("It was too late.", '{"said": "x", "with": {}}'):
        job = await desk.accept()
        await desk.store.render_failed(job, (), text, desk.now, "5.6.0")

        assert (await desk.store.recipients_of(job))[0].cause == text
