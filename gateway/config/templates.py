"""The section for an administrator's own words in the mails of received faxes."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from gateway.config.section import LanguageCode, Section
from gateway.config.types import MailAddressOrDomain


class FaxTemplate(Section):
    """Templates (Jinja2) for some readers; what is not given is in the gateway's own words."""

    to: tuple[MailAddressOrDomain, ...] = Field(
        (), description="mail addresses, domains and names of targets; everybody if empty"
    )
    language: LanguageCode | None = Field(None, description="only readers of this language")
    subject: Path | None = Field(None, description="file of the subject, one line")
    text: Path | None = Field(None, description="file of the plain text")
    html: Path | None = Field(None, description="file of the HTML; what it shows is escaped")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.files:
            raise ValueError("give one of `subject`, `text` and `html`")
        return self

    @property
    def files(self) -> dict[str, Path]:
        """The files that are given, by what they are for."""
        given = {"subject": self.subject, "text": self.text, "html": self.html}
        return {name: path for name, path in given.items() if path is not None}

    def is_for(self, to: str, address: str, language: str) -> bool:
        """Whether it is for this target or address, whose reader has this language."""
        names = {to.lower(), address.lower(), address.lower().rpartition("@")[2]}
        wanted = not self.to or not names.isdisjoint(each.lower() for each in self.to)
        return wanted and self.language in {None, language}
