"""A refusal by the model as one sentence: what is wrong, and what would be right.

pydantic says *that* a value does not fit and where in the model; here that becomes words for the
administrator, with the nearest known key or word, and the place in the model becomes a place in
the tree of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gateway.config.source import Mark, Node

Loc = tuple[int | str, ...]

# pydantic's error types, and what would have been right in their place.
EXPECTED: Final[Mapping[str, str]] = {
    "int_parsing": "a whole number was expected",
    "int_type": "a whole number was expected",
    "int_from_float": "a whole number was expected",
    "float_parsing": "a number was expected",
    "float_type": "a number was expected",
    "finite_number": "a number with an end was expected",
    "bool_parsing": "true or false was expected",
    "bool_type": "true or false was expected",
    "string_type": "one word or text was expected",
    "path_type": "one path was expected",
    "time_delta_type": "a duration such as 5 min was expected",
    "tuple_type": "a list was expected: [one, two], or a line with '- ' for each",
    "model_type": "settings were expected here, one `key: value` on each line",
    "model_attributes_type": "settings were expected here, one `key: value` on each line",
    "greater_than": "it must be more than {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be at most {le}",
    "too_short": "at least {min_length} must be given",
    "string_too_short": "it may not be empty",
    "string_too_long": "it may have at most {max_length} characters",
}


def explain(error: ErrorDetails, model: type[BaseModel]) -> str:
    """The sentence for one error of `model`."""
    kind, loc = error["type"], error["loc"]
    context: dict[str, Any] = error.get("ctx", {})
    if kind == "missing":
        return _missing(loc, model)
    if kind == "extra_forbidden":
        return _unknown_key(loc, model)
    if kind == "literal_error":
        words = _literals(loc, model) or str(context["expected"])
        return f"{error['input']!r} is not known here; one of {words} was expected"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _kind_of_thing(loc, model, error["input"])
    if kind == "value_error":
        return str(context["error"])
    if kind in EXPECTED:
        return _input(error["input"]) + EXPECTED[kind].format(**context)
    return error["msg"]


def node_at(root: Node, loc: Loc) -> Node:
    """The value that `loc` leads to; the nearest around it if it was not written.

    A step that the file does not have is passed over: the model names a member of a union by its
    tag, which is no level of the file.
    """
    node = root
    for step in loc:
        if isinstance(node.value, dict) and step in node.value:
            node = node.value[str(step)]
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
    return node


def place(root: Node, loc: Loc) -> Mark:
    """Where in the file `loc` is; a key that was left empty is its own place."""
    node = node_at(root, loc)
    empty = loc and isinstance(node.value, dict) and loc[-1] not in node.value
    return node.keys.get(str(loc[-1]), node.mark) if empty else node.mark


def key_place(root: Node, loc: Loc) -> Mark:
    """Where the last key of `loc` stands, not its value."""
    parent = node_at(root, loc[:-1])
    return parent.keys.get(str(loc[-1]), parent.mark)


def models_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """The section of the model that `loc` leads into, or None if there is none."""
    here: type[BaseModel] | None = model
    members: list[type[BaseModel]] = []
    for step in loc:
        if here is not None and step in here.model_fields:
            members = _sections(here.model_fields[str(step)].annotation)
            here = members[0] if len(members) == 1 else None
        elif isinstance(step, str):
            here = next((member for member in members if _tag(member) == step), here)
    return here


def _sections(annotation: object) -> list[type[BaseModel]]:
    """The sections that an annotation is made of: tuple[A, ...], A | B, Annotated[A, …]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _sections(part)]


def _tag(member: type[BaseModel]) -> object:
    return member.model_fields["type"].default if "type" in member.model_fields else None


def _field(loc: Loc, model: type[BaseModel]) -> FieldInfo | None:
    names = [step for step in loc if isinstance(step, str)]
    for cut in range(len(loc) - 1, -1, -1):
        section = models_at(model, loc[:cut])
        if section is not None and names and names[-1] in section.model_fields:
            return section.model_fields[names[-1]]
    return None


def _missing(loc: Loc, model: type[BaseModel]) -> str:
    field = _field(loc, model)
    meaning = f": {field.description}" if field and field.description else ""
    return f"`{loc[-1]}` must be given{meaning}"


def _unknown_key(loc: Loc, model: type[BaseModel]) -> str:
    section = models_at(model, loc[:-1])
    known = sorted(section.model_fields) if section else []
    near = get_close_matches(str(loc[-1]), known, n=1, cutoff=0.6)
    hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
    return f"unknown key `{loc[-1]}`; {hint}"


def _literals(loc: Loc, model: type[BaseModel]) -> str:
    field = _field(loc, model)
    return ", ".join(_words(field.annotation)) if field else ""


def _words(annotation: object) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    return [word for part in get_args(annotation) for word in _words(part)]


def _kind_of_thing(loc: Loc, model: type[BaseModel], given: object) -> str:
    field = _field(loc, model)
    kinds = ", ".join(str(_tag(m)) for m in _sections(field.annotation)) if field else ""
    written = given.get("type") if isinstance(given, Mapping) else None
    if written is None:
        return f"`type` must be given: one of {kinds}"
    return f"{written!r} is not a known `type`; one of {kinds} was expected"


def _input(given: object) -> str:
    """What was written, shortly, where it helps."""
    return f"{given[:60]!r}: " if isinstance(given, str) else ""
