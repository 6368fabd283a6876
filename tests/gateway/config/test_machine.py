"""gateway.config.machine: what this machine would object to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gateway.config import machine
from gateway.config.documents import CoverOf, Documents
from gateway.config.machine import objections
from gateway.config.mail import MaildirOut, MailOut, Smarthost
from gateway.config.model import Config, Smtp
from gateway.config.receiving import ImapTarget
from tests.peer import need_program


def config(
    state: Path, smtp: Smtp | None = None, out: MaildirOut | Smarthost | None = None
) -> Config:
    """A configuration that keeps its state in a folder of the test."""
    mail = MailOut(sender="fax@example.com", transport=out or MaildirOut(directory=state / "mail"))
    return Config(domain="fax.example.com", state=state, smtp=smtp or Smtp(), mail=mail)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate (cert.pem), its key (key.pem) and a locked key (locked.pem)."""
    openssl = need_program("openssl", "openssl")
    folder = tmp_path_factory.mktemp("pem")
    make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    for args in (
        f"{make} -keyout key.pem -out cert.pem",
        f"{make} -keyout other.pem -out ignored.pem",
        "rsa -aes128 -passout pass:geheim -in key.pem -out locked.pem",
    ):
        subprocess.run([openssl, *args.split()], cwd=folder, check=True, capture_output=True)
    return folder


def test_a_directory_that_can_be_made_is_good(tmp_path: Path) -> None:
    """It need not be there yet, nor its parents."""
    assert objections(config(tmp_path / "a" / "b")) == []


def test_a_directory_under_a_file_is_not(tmp_path: Path) -> None:
    """Both directories of the configuration are looked at."""
    (tmp_path / "file").touch()

    found = objections(config(tmp_path / "file" / "state"))

    assert [loc for loc, _ in found] == [("state",), ("mail", "transport", "directory")]
    assert all("is no directory" in text for _, text in found)


def test_a_directory_that_may_not_be_written_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway runs as a user of its own; os.access stands in for it where root runs this."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    assert "may not be written" in objections(config(tmp_path / "state"))[0][1]


def test_a_certificate_with_its_key_is_good(pem: Path, tmp_path: Path) -> None:
    """The pair is loaded as the server will load it."""
    smtp = Smtp(certificate=pem / "cert.pem", key=pem / "key.pem")

    assert objections(config(tmp_path, smtp)) == []


@pytest.mark.parametrize(
    ("certificate", "key", "where", "text"),
    [
        ("none.pem", "key.pem", "certificate", "cannot be read: No such file"),
        ("cert.pem", "none.pem", "key", "cannot be read: No such file"),
        ("cert.pem", "other.pem", "certificate", "is no PEM certificate with its key"),
        ("cert.pem", "locked.pem", "certificate", "is no PEM certificate with its key"),
        ("cert.pem", None, "certificate", "is no PEM certificate with its key"),
    ],
)
def test_a_certificate_that_the_server_could_not_use_is_not(
    certificate: str, key: str | None, where: str, text: str, pem: Path, tmp_path: Path
) -> None:
    """Missing, without its own key, or with a key that OpenSSL would ask a password for."""
    smtp = Smtp(certificate=pem / certificate, key=pem / key if key else None)

    ((loc, found),) = objections(config(tmp_path, smtp))

    assert (loc, text in found) == (("smtp", where), True)


@pytest.mark.parametrize(
    ("name", "text"),
    [("cert.pem", ""), ("none.pem", "cannot be read"), ("key.pem", "has no PEM certificate")],
)
def test_an_authority_is_a_certificate(name: str, text: str, pem: Path, tmp_path: Path) -> None:
    """`ca` is read as the smarthost's TLS will read it."""
    found = objections(config(tmp_path, out=Smarthost(host="h", ca=pem / name)))

    assert all(text in sentence for _, sentence in found)
    assert len(found) == bool(text)


def test_a_smarthost_without_an_authority_needs_nothing(tmp_path: Path) -> None:
    """The public ones are used."""
    assert objections(config(tmp_path, out=Smarthost(host="h"))) == []


def test_the_authority_of_an_imap_server_is_looked_at(tmp_path: Path, pem: Path) -> None:
    """A file with no certificate in it would fail every delivery."""
    (tmp_path / "no.pem").write_text("nothing")
    login = {"host": "localhost", "user": "a", "password": "b"}
    wrong, right = (
        ImapTarget.model_validate({**login, "ca": path})
        for path in (tmp_path / "no.pem", pem / "cert.pem")
    )
    targets = {"wrong": wrong, "right": right}

    found = objections(config(tmp_path / "state").model_copy(update={"targets": targets}))

    assert [loc for loc, _ in found] == [("targets", "wrong", "ca")]


def test_a_cover_template_must_be_readable(tmp_path: Path) -> None:
    """Each template that is named is looked for, and the place of a missing one is told."""
    (tmp_path / "good.html").write_text("x")
    covers = tuple(
        CoverOf(who=("anna",), template=tmp_path / name) for name in ("good.html", "bad.html")
    )
    documents = Documents(cover_template=tmp_path / "none.html", covers=covers)
    found = objections(config(tmp_path).model_copy(update={"documents": documents}))

    assert [loc for loc, _ in found] == [
        ("documents", "cover_template"),
        ("documents", "covers", 1, "template"),
    ]
    assert all("No such file" in text for _, text in found)


def test_libraries_that_are_missing_are_named_as_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever installed with pip alone hears of Pango before the first mail comes."""
    monkeypatch.setattr(machine, "LIBRARIES", {"libnobody-has.so.7": "libnobody-has7"})

    (found,) = objections(config(tmp_path))

    assert found == ((), "texts cannot become pages: apt-get install libnobody-has7")
