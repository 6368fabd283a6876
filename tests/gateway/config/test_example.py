"""config/gateway.yaml and config/schema.json: what is told of the model is what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from gateway.config.documents import Documents
from gateway.config.load import check, load
from gateway.config.mail import MailOut
from gateway.config.model import Config, Smtp
from gateway.config.retry import Retry
from gateway.config.schema import schema

FOLDER = Path(__file__).parents[3] / "config"
EXAMPLE = FOLDER / "gateway.yaml"


def sections(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and every section within it."""
    yield model
    for field in model.model_fields.values():
        yield from within(field.annotation)


def within(annotation: object) -> Iterator[type[BaseModel]]:
    """The sections that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from sections(annotation)
    for part in get_args(annotation):
        yield from within(part)


def uncommented() -> str:
    """The example with its examples in force: `#` not followed by one space is taken away."""
    return re.sub(r"(?m)^(\s*)#(?! \S)(?=.)", r"\1", EXAMPLE.read_text())


def test_the_example_is_right() -> None:
    """It can be copied as it is."""
    load(EXAMPLE)


def test_the_example_shows_every_default() -> None:
    """What stands in it in force is what holds without it."""
    config = load(EXAMPLE)
    plain = Config(
        domain=config.domain, mail=MailOut(sender="a@b.c", transport=config.mail.transport)
    )

    assert (config.smtp, config.documents, config.retry) == (Smtp(), Documents(), Retry())
    assert config.model_copy(update={"mail": plain.mail}) == plain
    assert config.mail.retry_for == plain.mail.retry_for


def test_the_example_names_every_setting() -> None:
    """Nothing that can be set is left out."""
    text = EXAMPLE.read_text()
    keys = {key for section in sections(Config) for key in section.model_fields}

    assert {key for key in keys if not re.search(rf"\b{key}:", text)} == set()


def test_the_examples_in_the_example_are_right_too(tmp_path: Path) -> None:
    """With every example in force only files are missing on this machine."""
    path = tmp_path / "gateway.yaml"
    path.write_text(uncommented())

    assert load(path).smtp.users[0].name == "reception"
    assert all(": cannot be read: No such file" in problem.text for problem in check(path))


def test_the_demonstration_is_right() -> None:
    """config/demo.yaml loads."""
    assert load(FOLDER / "demo.yaml").domain == "fax.localhost"


@pytest.mark.parametrize("section", list(sections(Config)), ids=lambda s: s.__name__)
def test_every_setting_is_described(section: type[BaseModel]) -> None:
    """The description is what editors and errors show."""
    assert [key for key, field in section.model_fields.items() if not field.description] == []


def test_the_schema_in_the_tree_is_the_models() -> None:
    """`python -m gateway.config.schema > config/schema.json` was run after the last change."""
    assert (FOLDER / "schema.json").read_text() == schema()


def test_the_schema_takes_numbers_as_yaml_reads_them() -> None:
    """An editor does not object to +48221000001 without quotes, nor to 50 MB."""
    definitions = json.loads(schema())["$defs"]

    number = definitions["SimulatedLine"]["properties"]["number"]
    assert {"type": "integer"} in number["anyOf"]
    assert definitions["Smtp"]["properties"]["max_size"]["type"] == ["integer", "string"]


def test_the_module_prints_the_schema() -> None:
    """The command in its docstring works."""
    command = [sys.executable, "-m", "gateway.config.schema"]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")

    assert done.stdout == schema()
