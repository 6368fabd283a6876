"""Read `gateway.yaml`: a checked `Config`, or everything that is wrong with it, with places.

`load` is what `faxgate serve` uses: it raises one `ConfigError` whose text has a line
`file:line:column: what, and what would be right` for each problem. `check` is what `faxgate check`
uses: the same as values, and what the machine would object to on top (a certificate that cannot be
read, a state directory that cannot be made), and the tests of the rules and routes (`expect:`,
`expect_routes:`). Nothing is changed on the machine by either.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.admission.expect import unmet
from gateway.config.explain import explain, key_place, node_at, place
from gateway.config.machine import objections
from gateway.config.model import Config
from gateway.config.rules import findings
from gateway.config.section import Finding
from gateway.config.source import START, Fault, Mark, Node, SourceError, parse
from gateway.onramp.expect import unmet_routes
from gateway.onramp.wording import unmet_templates

ON_THE_KEY = ("extra_forbidden",)  # errors that are about a key and not its value


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and where; line and column count from 1."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


class ConfigError(Exception):
    """The configuration cannot be used; the text has one line per problem."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def load(path: Path | str) -> Config:
    """The configuration in a file. Raises ConfigError with every problem at once."""
    return _read(Path(path))[0]


def check(path: Path | str) -> list[Problem]:
    """Everything that is wrong with a file, also against this machine; empty if it is good."""
    try:
        config, root = _read(Path(path))
    except ConfigError as error:
        return error.problems
    tests = (*unmet(config), *unmet_routes(config), *unmet_templates(config))
    return _located(str(path), root, [*objections(config), *tests])


def _read(path: Path) -> tuple[Config, Node]:
    try:
        root, faults = parse(path.read_bytes())
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
        raise ConfigError([_problem(str(path), (START, text))]) from None
    except SourceError as error:
        raise ConfigError([_problem(str(path), fault) for fault in error.faults]) from None
    try:
        config = Config.model_validate(root.plain())
    except ValidationError as error:
        faults += _refusals(root, error, {mark for mark, _ in faults})
        raise ConfigError(_listed(str(path), faults)) from None
    problems = _listed(str(path), faults) + _located(str(path), root, findings(config))
    if problems:
        raise ConfigError(sorted(problems))
    return config, root


def _refusals(root: Node, error: ValidationError, known: set[Mark]) -> list[Fault]:
    """What the model says, but no echo of what the source was told off for in the same place."""
    faults = [_fault(root, e) for e in error.errors(include_url=False) if not _is_echo(root, e)]
    return [fault for fault in faults if fault[0] not in known]


def _is_echo(root: Node, error: ErrorDetails) -> bool:
    """A list whose items were all refused is called too short on top."""
    return error["type"] == "too_short" and bool(node_at(root, error["loc"]).value)


def _fault(root: Node, error: ErrorDetails) -> Fault:
    where = key_place if error["type"] in ON_THE_KEY else place
    return where(root, error["loc"]), explain(error, Config)


def _located(file: str, root: Node, found: list[Finding]) -> list[Problem]:
    return _listed(file, [(place(root, loc), text) for loc, text in found])


def _listed(file: str, faults: list[Fault]) -> list[Problem]:
    """In the order of the file."""
    return sorted(_problem(file, fault) for fault in faults)


def _problem(file: str, fault: Fault) -> Problem:
    mark, text = fault
    return Problem(file, mark.line, mark.column, text)
