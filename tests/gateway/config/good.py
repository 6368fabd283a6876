"""A small configuration that is right, to be made wrong in one place by each test."""

from __future__ import annotations

from pathlib import Path

from gateway.config.load import ConfigError, load
from gateway.config.model import Config

MAIL = """\
mail:
  sender: fax@fax.example.com
  transport: {type: maildir, directory: mail}
"""
GOOD = f"domain: fax.example.com\n{MAIL}"


def read(text: str | bytes, folder: Path) -> Config:
    """The configuration that a text makes."""
    path = folder / "gateway.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path)


def problems(text: str | bytes, folder: Path) -> list[str]:
    """What is wrong with a text, as `line:column: sentence`; empty if nothing is."""
    try:
        read(text, folder)
    except ConfigError as error:
        return [f"{p.line}:{p.column}: {p.text}" for p in error.problems]
    return []
