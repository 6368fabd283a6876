"""The cover is the administrator's, by author, and the mail's own word comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.documents import CoverOf, Documents
from gateway.config.mail import MaildirOut, MailOut
from gateway.offramp.covers import NOBODY, Author, Covers
from gateway.options import Options

ANNA = Author("anna", ("office",), "Anna@Law.example")
ONE = [("Biuro", "+48221234567")]


def test_the_sender_decides_before_the_administrator() -> None:
    """[no cover] and [cover] overrule the setting."""
    always, never = Covers(Documents(cover=True)), Covers(Documents())

    assert always.choose(Options(), NOBODY, ONE) is not None
    assert always.choose(Options(cover=False), NOBODY, ONE) is None
    assert never.choose(Options(), NOBODY, ONE) is None
    noted = never.choose(Options(cover=True, note="Please call"), NOBODY, ONE)
    assert noted is not None
    assert noted.note == "Please call"


def test_one_recipient_is_named_and_several_are_counted() -> None:
    """A mail is rendered once, so its cover cannot name each of several."""
    covers = Covers(Documents(cover=True))
    one, two = (covers.choose(Options(), NOBODY, to) for to in (ONE, [*ONE, ("b", "2")]))

    assert one is not None
    assert two is not None
    assert (one.to_name, one.to_number, one.recipients) == ("Biuro", "+48221234567", 1)
    assert (two.to_name, two.to_number, two.recipients) == ("", "", 2)


@pytest.mark.parametrize(
    "who", ["anna", "office", "anna@law.example", "@law.example", "@LAW.example"]
)
def test_the_first_entry_that_names_the_author_is_taken(who: str, tmp_path: Path) -> None:
    """By user, group, address or domain; what the entry leaves out is as for everybody."""
    general, own = tmp_path / "general.html", tmp_path / "own.html"
    general.write_text("general")
    own.write_text("own")
    covers = Covers(
        Documents(
            cover_template=general,
            cover_language="en",
            covers=(
                CoverOf(who=("anna2", "@example"), cover=False),
                CoverOf(who=(who,), cover=True, template=own, language="pl"),
                CoverOf(who=("anna",), cover=False),
                CoverOf(who=("ewa",), cover=True),
            ),
        )
    )
    hers, ewas = (covers.choose(Options(), by, ONE) for by in (ANNA, Author("ewa")))

    assert hers is not None
    assert ewas is not None
    assert (hers.template, hers.language) == ("own", "pl")
    assert (ewas.template, ewas.language) == ("general", "en")
    assert covers.choose(Options(), NOBODY, ONE) is None
    assert covers.choose(Options(cover=False), ANNA, ONE) is None


def test_the_language_is_the_senders_where_none_is_written() -> None:
    """An address's own language is known here; otherwise the worker asks the mail."""
    mail = MailOut(
        sender="fax@example.com",
        transport=MaildirOut(directory=Path("mail")),
        language="pl",
        languages={"law.example": "en"},
    )
    covers = Covers(Documents(cover=True), mail)
    hers, others = (covers.choose(Options(), by, ONE) for by in (ANNA, NOBODY))

    assert hers is not None
    assert others is not None
    assert hers.language == "en"
    assert (others.language, others.otherwise) == ("", "pl")
