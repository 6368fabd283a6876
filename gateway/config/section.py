"""What every section of the configuration is: a frozen mapping in which no key is unknown."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Tls = Literal["none", "starttls", "implicit"]
LanguageCode = Literal["en", "pl"]  # those of gateway.words
Finding = tuple[tuple[int | str, ...], str]  # a rule's: path into the configuration, sentence


class Section(BaseModel):
    """A mapping in the YAML; a key that no one reads is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
