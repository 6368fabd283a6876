"""The JSON schema of `gateway.yaml`, so that an editor completes and explains it.

`python -m gateway.config.schema > config/schema.json` writes it anew; a test fails while the file
in the tree is not what the model says.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from gateway.config.model import Config

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """Without the titles that pydantic makes of the keys: an editor would show each key twice."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def schema() -> str:
    """The schema as JSON text, ending in a line feed."""
    model = Config.model_json_schema(schema_generator=_Untitled)
    titled = {"$schema": DIALECT} | model | {"title": "Faxgate configuration"}
    return json.dumps(titled, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
