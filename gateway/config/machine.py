"""What this machine would object to in a configuration that is right in itself.

Looks and changes nothing: files that must be readable, a certificate and key that must fit,
directories that must be writable or can be made.
"""

from __future__ import annotations

import ctypes
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from gateway.config.keys import Keys
from gateway.config.mail import MaildirOut, Smarthost
from gateway.config.model import Config
from gateway.config.receiving import ImapTarget
from gateway.config.section import Finding
from gateway.ocr.program import lacking

# What sets texts as pages, by Debian's packages.
LIBRARIES = {"libpango-1.0.so.0": "libpango-1.0-0", "libpangoft2-1.0.so.0": "libpangoft2-1.0-0"}


def objections(config: Config) -> list[Finding]:
    """Place and sentence for everything that would fail here."""
    return [
        *_certificate(config),
        *_authority(config),
        *_directory(("state",), config.state),
        *_maildir(config),
        *_templates(config),
        *_keys(config),
        *_ocr(config),
        *_libraries(),
    ]


def server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer with a server's certificate. Raises OSError (ssl.SSLError is one)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A password callback, or OpenSSL would ask on the terminal for that of an encrypted key.
    context.load_cert_chain(certificate, key, password=lambda: b"")
    return context


def _certificate(config: Config) -> Iterator[Finding]:
    certificate, key = config.smtp.certificate, config.smtp.key
    if certificate is None:
        return
    for name, path in (("certificate", certificate), ("key", key)):
        if path is not None and (reason := _unreadable(path)):
            yield ("smtp", name), f"{path}: cannot be read: {reason}"
            return
    try:
        server_context(certificate, key)
    except ssl.SSLError as error:
        reason = (error.reason or "not PEM").replace("_", " ").lower()
        yield (
            ("smtp", "certificate"),
            f"{certificate} is no PEM certificate with its key, unencrypted: {reason}",
        )


def _authority(config: Config) -> Iterator[Finding]:
    out = config.mail.transport
    if isinstance(out, Smarthost):
        yield from _pem(("mail", "transport", "ca"), out.ca)
    for name, target in config.targets.items():
        if isinstance(target, ImapTarget):
            yield from _pem(("targets", name, "ca"), target.ca)
    for name, outbox in config.imap_outboxes.items():
        yield from _pem(("imap_outboxes", name, "ca"), outbox.ca)


def _pem(loc: tuple[int | str, ...], path: Path | None) -> Iterator[Finding]:
    if path is None:
        return
    if reason := _unreadable(path):
        yield loc, f"{path}: cannot be read: {reason}"
        return
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        yield loc, f"{path} has no PEM certificate"


def _maildir(config: Config) -> Iterator[Finding]:
    out = config.mail.transport
    if isinstance(out, MaildirOut):
        yield from _directory(("mail", "transport", "directory"), out.directory)


def _templates(config: Config) -> Iterator[Finding]:
    documents = config.documents
    places: list[tuple[tuple[int | str, ...], Path | None]] = [
        (("documents", "cover_template"), documents.cover_template),
        *(
            (("documents", "covers", i, "template"), entry.template)
            for i, entry in enumerate(documents.covers)
        ),
    ]
    for loc, path in places:
        if path is not None and (reason := _unreadable(path)):
            yield loc, f"{path}: cannot be read: {reason}"


def lacking_libraries() -> list[str]:
    """The Debian packages without which no text becomes a page."""
    return [package for name, package in LIBRARIES.items() if not _loads(name)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _libraries() -> Iterator[Finding]:
    if packages := lacking_libraries():
        yield (), f"texts cannot become pages: apt-get install {' '.join(packages)}"


def _ocr(config: Config) -> Iterator[Finding]:
    """Received pages cannot be read without tesseract and its languages."""
    packages = lacking(config.ocr.languages) if config.ocr.on else []
    if packages:
        yield (
            ("ocr", "on"),
            f"received pages will not be read: apt-get install {' '.join(packages)}",
        )


def _keys(config: Config) -> Iterator[Finding]:
    """Keys of readers, and our own for DKIM."""
    for i, rule in enumerate(config.mail.encryption):
        yield from _key(("mail", "encryption", i), rule)
    for name, target in config.targets.items():
        if isinstance(target, Keys):
            yield from _key(("targets", name), target)
    dkim = config.mail.dkim
    if dkim is not None and (reason := _unreadable(dkim.key)):
        yield ("mail", "dkim", "key"), f"{dkim.key}: cannot be read: {reason}"


def _key(loc: tuple[int | str, ...], keys: Keys) -> Iterator[Finding]:
    for name, path in (("smime", keys.smime), ("pgp", keys.pgp)):
        if path is not None and (reason := _unreadable(path)):
            yield (*loc, name), f"{path}: cannot be read: {reason}"
            return
    if keys.smime is None:
        return
    try:
        ends = x509.load_pem_x509_certificate(keys.smime.read_bytes()).not_valid_after_utc
    except ValueError:
        yield (*loc, "smime"), f"{keys.smime} has no certificate in PEM form"
        return
    if ends < datetime.now(UTC):
        yield (*loc, "smime"), f"{keys.smime}: the certificate was valid to {ends:%Y-%m-%d} only"


def _directory(loc: tuple[int | str, ...], path: Path) -> Iterator[Finding]:
    """It is there and may be written, or its nearest parent that is there may."""
    nearest = next((p for p in (path, *path.absolute().parents) if p.exists()), Path("/"))
    if not nearest.is_dir():
        yield loc, f"{path}: {nearest} is no directory"
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield loc, f"{path}: {nearest} may not be written by this user"


def _unreadable(path: Path) -> str:
    """Why a file cannot be read; empty if it can."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        return error.strerror or str(error)
    return ""
