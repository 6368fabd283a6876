"""Which cover page a mail gets: the administrator's, by its author, unless the mail says otherwise.

The first entry of `documents.covers` that names the author (the sender of the rules, a group, the
envelope's address or its domain) decides; what that leaves out is as for everybody. The labels are
in the language that is written there, else in the author's, chosen like that of receipts: by
address or domain, else by what the mail's header asks for, which the worker looks up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.config.documents import CoverOf, Documents
from gateway.config.mail import MailOut
from gateway.offramp.cover import Cover, default_template
from gateway.options import Options
from gateway.words.choice import language_of

Addressee = tuple[str, str]  # name, as an address book has it, or empty; number


@dataclass(frozen=True, slots=True)
class Author:
    """Who sends a mail, as far as it chooses a cover."""

    user: str = ""
    groups: tuple[str, ...] = ()
    address: str = ""  # envelope sender

    def is_one_of(self, who: Sequence[str]) -> bool:
        """Whether an entry of the configuration names this author."""
        address = self.address.lower()
        names = {self.user, *self.groups, address, "@" + address.rpartition("@")[2]} - {"", "@"}
        return any(name in names or name.lower() in names for name in who)


NOBODY = Author()


class Covers:
    """The covers of one configuration; their templates are read once, here."""

    def __init__(self, settings: Documents, mail: MailOut | None = None) -> None:
        """`mail` tells people's languages. Raises OSError for a template that cannot be read."""
        self._settings = settings
        self._languages = mail.languages if mail else {}
        self._default = mail.language if mail else "en"
        paths = {settings.cover_template, *(entry.template for entry in settings.covers)}
        self._templates: dict[Path | None, str] = {
            path: path.read_text("utf-8") if path else default_template() for path in paths
        }

    def choose(self, options: Options, by: Author, to: Sequence[Addressee]) -> Cover | None:
        """The cover of a mail; None for none. Several recipients are counted and not named."""
        entry = next((one for one in self._settings.covers if by.is_one_of(one.who)), None)
        if not self._wanted(options, entry):
            return None
        name, number = to[0] if len(to) == 1 else ("", "")
        own = entry.template if entry else None
        return Cover(
            self._templates[own or self._settings.cover_template],
            language=self._language(by, entry),
            otherwise=self._default,
            to_name=name,
            to_number=number,
            recipients=len(to),
            note=options.note,
        )

    def _wanted(self, options: Options, entry: CoverOf | None) -> bool:
        """The sender's word comes before the administrator's, and a closer one before the rest."""
        for said in (options.cover, entry.cover if entry else None):
            if said is not None:
                return said
        return self._settings.cover

    def _language(self, by: Author, entry: CoverOf | None) -> str:
        """The language that is written down for this author, or empty."""
        written = (entry.language if entry else None) or self._settings.cover_language
        return written or language_of(by.address, self._languages, "", "")
