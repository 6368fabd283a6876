"""The section part for a reader's key."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gateway.config.section import Section


class Keys(Section):
    """The key of who reads a mail, by S/MIME or PGP."""

    smime: Path | None = Field(None, description="PEM file of the reader's certificate")
    pgp: Path | None = Field(None, description="file of the reader's PGP public key")

    @property
    def has_key(self) -> bool:
        """Whether mail can be encrypted."""
        return self.smime is not None or self.pgp is not None
