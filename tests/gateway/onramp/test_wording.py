"""An administrator's own templates for received faxes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.config.load import check
from gateway.config.templates import FaxTemplate
from gateway.mailout.letter import octets
from gateway.onramp.compose import fax_mail
from gateway.onramp.wording import Wording
from gateway.words import Language
from modems.terminal import PageQuality
from tests.gateway.config.good import GOOD
from tests.gateway.onramp.faxes import FAX
from tests.gateway.onramp.test_compose import KNOWING, PAGES, READER, text

EVIL = "<script>x</script>{{ 7*7 }}"
Templates = Callable[..., FaxTemplate]


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    """Templates with these contents."""

    def written(**contents: str) -> FaxTemplate:
        for name, content in contents.items():
            (tmp_path / name).write_text(content)
        return FaxTemplate(**{name: tmp_path / name for name in contents})

    return written


def mail(template: FaxTemplate, told: list[str], **changes: Any) -> EmailMessage:
    """The mail of the fax in that wording."""
    reader = replace(KNOWING, wording=Wording(template, told.append))
    fax, qualities = replace(FAX, **changes), [PageQuality(2287, 3, 1), PageQuality(2287, 0, 0)]
    written = octets(fax_mail(fax, PAGES, reader, qualities=qualities))
    return message_from_bytes(written.replace(b"\r\n", b"\n"), policy=policy.default)


def shown(message: EmailMessage) -> str:
    """The HTML."""
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_every_fact_can_be_told(templates: Templates) -> None:
    """Who called, when, how long, how many pages and how well; a picture where one is wanted."""
    told: list[str] = []
    message = mail(
        templates(
            subject="[{{ fax }}] {{ caller_name }}: {{ pages_said }}",
            text="{{ caller_number }} {{ tsi }} {{ called }} {{ subaddress }} {{ day }} {{ time }} "
            "{{ duration }} {{ pages }} {{ damaged_rows }}\n{{ lead[0] }}",
            html='<p>{{ quality }}</p><img src="{{ picture }}">',
        ),
        told,
        subaddress="12",
    )

    assert not told
    assert message["Subject"] == "[9] Apteka 24: 2 pages"
    assert text(message) == (
        "+48 22 100 00 01 +48 22 100 00 01 +48 22 200 00 02 12 23 November 2026 06:12 "
        "1 minute 10 seconds 2 3\n"
        "A fax of 2 pages came from Apteka 24 (+48 22 100 00 01) on 23 November 2026 at 06:12 "
        "(UTC+01:00). It is attached as a PDF.\n"
    )
    assert "<p>Quality: 3 of 2287 rows on page 1 damaged" in shown(message)
    assert 'src="cid:page-1.9@fax.localhost"' in shown(message)
    assert len(list(message.iter_attachments())) == 1


def test_what_a_stranger_typed_is_only_text(templates: Templates) -> None:
    """Escaped in HTML, never run as a template, and one line in the subject."""
    told: list[str] = []
    template = templates(subject="{{ tsi }}\nBcc: x@example.org", html="<b>{{ tsi }}</b>")
    message = mail(template, told, tsi=EVIL)

    assert "&lt;script&gt;x&lt;/script&gt;{{ 7*7 }}" in shown(message)
    assert message["Bcc"] is None
    assert message["Subject"] == f"{EVIL} Bcc: x@example.org"


@pytest.mark.parametrize(
    ("template", "line", "why"),
    [
        ("one\n{{ calller }}", 2, "'calller' is undefined"),
        ("{% if %}", 1, "Expected an expression"),
        ("\n\n{{ 1 / 0 }}", 3, "ZeroDivisionError"),
        ("{{ ''.__class__.__mro__ }}", 1, "SecurityError"),
        ("{{ lead.append(1) }}", 1, "SecurityError"),
        ("{% include '/etc/passwd' %}", 1, "no loader"),
        ("{% for i in range(99999) %}{{ 'x' * 999 }}{% endfor %}", 0, "more than 1000000"),
        ("{% for i in range(10**9) %}x{% endfor %}", 1, "Range too big"),
    ],
)
def test_a_broken_template_stops_nothing(
    templates: Templates, tmp_path: Path, template: str, line: int, why: str
) -> None:
    """Our own words go out, the log names file and line, and so does `faxgate check`."""
    told: list[str] = []
    message = mail(templates(text=template), told)
    config = tmp_path / "gateway.yaml"
    config.write_text(f"{GOOD}  templates: [{{text: {tmp_path}/text}}]\nstate: {tmp_path}\n")
    (found,) = check(config)
    place = f"{tmp_path}/text:{line}: " if line else f"{tmp_path}/text: "

    assert text(message).startswith("A fax of 2 pages came")
    (said,) = told
    assert said.startswith(place)
    assert why in said
    assert found.text == said
    assert (found.line, found.column) == (5, 22)


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    """It is told, and our own words go out."""
    told: list[str] = []
    message = mail(FaxTemplate(subject=tmp_path / "none"), told)

    assert message["Subject"] == "Fax from Apteka 24 (+48 22 100 00 01), 2 pages"
    assert "No such file" in told[0]


@pytest.mark.parametrize(
    ("to", "address", "language", "fits"),
    [
        ([], "a@b.example", "en", True),
        (["A@B.example"], "a@b.example", "en", True),
        (["b.example"], "a@b.example", "en", True),
        (["archive"], "archive", "en", True),
        (["c.example"], "a@b.example", "en", False),
        ([], "a@b.example", "pl", False),
    ],
)
def test_whom_a_template_is_for(to: list[str], address: str, language: str, fits: bool) -> None:
    """By address, domain, target and language."""
    template = FaxTemplate(to=tuple(to), language="en", subject=Path("x"))

    assert template.is_for(address, address, language) is fits


def test_the_defaults_speak_the_readers_language() -> None:
    """Without templates, English and Polish come from the catalogs."""
    message = fax_mail(FAX, PAGES, replace(READER, language=Language("pl", READER.language.zone)))

    assert message["Subject"] == "Faks: +48 22 100 00 01, 2 strony"


def test_faxes_of_one_caller_are_one_thread_for_everybody() -> None:
    """Whoever reads; other callers have their own, and callers of whom nothing is known none."""
    readers = ("a@b.example", "j@b.example")
    anna, jan = (replace(READER, to=to, message_id=f"<{to}>") for to in readers)
    other, nobody = replace(FAX, caller="+49301"), replace(FAX, caller="", tsi=" ")
    threads = [
        fax_mail(fax, PAGES, reader)["References"]
        for fax, reader in ((FAX, anna), (FAX, jan), (other, anna), (nobody, anna))
    ]

    assert threads[0] == threads[1] == fax_mail(FAX, PAGES, anna)["In-Reply-To"]
    assert threads[0] != threads[2]
    assert threads[3] is None
