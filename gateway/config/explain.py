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
# The patterns of the model, and what fits them.
FITTING: Final[Mapping[str, str]] = {
    r"^[0-9]*$": "digits only",
    r"^[0-9]{0,3}$": "at most 3 digits",
    r"^[0-9]{0,6}$": "at most 6 digits",
    r"^\+?[0-9]*$": "how a number begins, such as +48 or 0",
    r"^[0-9*#,Ww]*$": "digits, *, #, W and commas only",
    r"^[0-9A-D*#]{0,40}$": "at most 40 digits, *, # and A to D",
    r"^[A-Z]{3}$": "three capital letters, such as EUR",
    r"^[A-Za-z0-9_.-]{1,64}$": "1 to 64 letters, digits, dots, - and _",
    r"^[A-Za-z0-9._-]+$": "letters, digits, dots, - and _ only",
    r"^[A-Za-z0-9_.@-]+$": "letters, digits, dots, @, - and _ only",
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
        return _unknown_word(loc, model, error["input"])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _kind_of_thing(loc, model, error["input"])
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return f"{_input(error['input'])}{FITTING[context['pattern']]} may stand here"
    if kind in EXPECTED:
        bounds = {name: f"{b:g}" if isinstance(b, float) else b for name, b in context.items()}
        return _input(error["input"]) + EXPECTED[kind].format(**bounds)
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


def _walk(model: type[BaseModel], loc: Loc) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The section that `loc` leads into, None if into no section or an unknown one; and the last
    setting on the way. Positions in lists are passed over, tags of a union choose its member.
    """
    section: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for step in loc:
        if section is not None and step in section.model_fields:
            field = section.model_fields[str(step)]
            members = _sections(field.annotation)
            section = members[0] if len(members) == 1 else None
        elif isinstance(step, str) and field is not None:
            tagged = (m for m in _sections(field.annotation) if _tag(m) == step)
            section = next(tagged, section)
    return section, field


def _sections(annotation: object) -> list[type[BaseModel]]:
    """The sections that an annotation is made of: tuple[A, ...], A | B, Annotated[A, …]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _sections(part)]


def _tag(section: type[BaseModel]) -> object:
    return section.model_fields["type"].default if "type" in section.model_fields else None


def _missing(loc: Loc, model: type[BaseModel]) -> str:
    _, field = _walk(model, loc)
    assert field is not None  # only what the model has can be missing
    return f"`{loc[-1]}` must be given: {field.description}"


def _unknown_key(loc: Loc, model: type[BaseModel]) -> str:
    section, _ = _walk(model, loc[:-1])
    assert section is not None  # only a section can have a key too many
    known = sorted(section.model_fields)
    near = get_close_matches(str(loc[-1]), known, n=1, cutoff=0.6)
    hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
    return f"unknown key `{loc[-1]}`; {hint}"


def _unknown_word(loc: Loc, model: type[BaseModel], given: object) -> str:
    _, field = _walk(model, loc)
    assert field is not None
    known = _words(field.annotation)
    near = get_close_matches(str(given), known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{given!r} is not known here; {hint}one of {', '.join(known)} was expected"


def _words(annotation: object) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    return [word for part in get_args(annotation) for word in _words(part)]


def _kind_of_thing(loc: Loc, model: type[BaseModel], given: Mapping[str, object]) -> str:
    _, field = _walk(model, loc)
    assert field is not None
    kinds = ", ".join(str(_tag(section)) for section in _sections(field.annotation))
    if "type" not in given:
        return f"`type` must be given: one of {kinds}"
    return f"{given['type']!r} is not a known `type`; one of {kinds} was expected"


def _input(given: object) -> str:
    """What was written, shortly, where it helps."""
    return f"{given[:60]!r}: " if isinstance(given, str) else ""
