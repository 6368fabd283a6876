"""An administrator's own words for a received fax: templates of Jinja2, sandboxed.

What a caller supplied is only ever a value, and escaped in HTML. A template that is missing or
wrong stops no delivery: the gateway's own words stand in for it, and the log says what is wrong,
with file and line. Files are read when they are used, so a change counts at once. Rendering takes
milliseconds: for a thread.

The facts: `caller` (name and number, for people), `caller_name`, `caller_number`, `tsi`, `called`,
`subaddress`, `dtmf`, `line`, `moment`, `day`, `time`, `duration`, `seconds`, `pages`, `pages_said`
("2 pages"), `complete`, `quality`, `damaged_rows`, `fax` (its number), `subject`, `lead` and
`details` (lists: the gateway's own words), `text` (what was read), `picture` (an address for img,
or empty) and `language`.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from gateway.config.model import Config
from gateway.config.section import Finding
from gateway.config.templates import FaxTemplate
from gateway.supervisor import Announce

Facts = Mapping[str, object]

LARGEST: Final = 200_000  # octets of a template
LONGEST: Final = 1_000_000  # characters that one may make
SAMPLE: Final[Facts] = {
    **dict.fromkeys(("caller", "caller_name", "caller_number", "tsi", "called"), "+48 22 1"),
    **dict.fromkeys(("subaddress", "dtmf", "line", "moment", "day", "time", "duration"), "1"),
    **dict.fromkeys(("pages_said", "quality", "subject", "text", "picture", "language"), "1"),
    "seconds": 1.5,
    "pages": 2,
    "complete": True,
    "damaged_rows": 0,
    "fax": 1,
    "lead": ["1"],
    "details": ["1"],
}


class BadWording(Exception):  # noqa: N818 - what it is
    """A template cannot be used; says where and why."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates for one mail. `tell` is told of what is wrong with them."""

    template: FaxTemplate | None = None
    tell: Callable[[str], None] = lambda _: None

    def said(self, part: str, facts: Facts) -> str | None:
        """The `subject`, `text` or `html`; None where the gateway's own words are to be used."""
        path = self.template.files.get(part) if self.template else None
        if path is None:
            return None
        try:
            said = rendered(path, facts, escape=part == "html").strip()
        except BadWording as error:
            self.tell(str(error))
            return None
        return said or None


def wording_for(
    templates: Sequence[FaxTemplate],
    to: str,
    address: str,
    language: str,
    announce: Announce | None,
) -> Wording:
    """The first templates that fit; what is wrong with them is announced on the running loop."""
    loop = asyncio.get_running_loop()

    def tell(why: str) -> None:
        if announce:
            loop.call_soon_threadsafe(partial(announce, "template not used", why=why))

    fitting = (each for each in templates if each.is_for(to, address, language))
    return Wording(next(fitting, None), tell)


def rendered(path: Path, facts: Facts, *, escape: bool) -> str:
    """What a template says of these facts. Raises BadWording."""
    from jinja2 import StrictUndefined, TemplateSyntaxError  # only where there is a template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    try:
        with path.open("rb") as file:
            source = file.read(LARGEST).decode()
    except OSError as error:
        raise BadWording(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadWording(f"{path}: cannot be read: it is not UTF-8") from error
    environment = ImmutableSandboxedEnvironment(autoescape=escape, undefined=StrictUndefined)
    try:
        code = environment.compile(source, filename=str(path))
        known = environment.make_globals(None)
        template = environment.template_class.from_code(environment, code, known)
        pieces = template.stream(**facts)
        return _bounded(path, pieces)
    except TemplateSyntaxError as error:
        raise BadWording(f"{path}:{error.lineno}: {error.message}") from error
    except BadWording:
        raise
    except Exception as error:  # a template is a program: it can fail in any way
        why = f"{type(error).__name__}: {error}"
        raise BadWording(f"{path}:{_line(path, error)}: {why}") from error


def _bounded(path: Path, pieces: Iterator[str]) -> str:
    said, room = [], LONGEST
    for piece in pieces:
        said.append(piece)
        room -= len(piece)
        if room < 0:
            raise BadWording(f"{path}: it makes more than {LONGEST} characters")
    return "".join(said)


def _line(path: Path, error: Exception) -> int:
    """The line of the template in which it failed."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 1 for f in reversed(frames) if f.filename == str(path)), 1)


def unmet_templates(config: Config) -> Iterator[Finding]:
    """Each template that cannot be used, for `faxgate check`."""
    for i, template in enumerate(config.mail.templates):
        for part, path in template.files.items():
            try:
                rendered(path, SAMPLE, escape=part == "html")
            except BadWording as error:
                yield ("mail", "templates", i, part), str(error)
